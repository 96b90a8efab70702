"""Files and folders: the sealed batch of a mount that is no table."""
