"""Outside formats, one file each: what it can read and write of a record, losing nothing silently."""
