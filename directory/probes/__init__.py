"""What the nodes see of the mounts of their department's entries."""
