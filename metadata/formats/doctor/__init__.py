"""Excel doctor: the ten faults of real catalogue sheets found, repaired in the same file, and marked in its cells."""
