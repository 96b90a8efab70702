"""What may be asked of an entry: row filters by template, how often and how long."""
