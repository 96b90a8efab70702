"""One decision on many requests (批量办理): chosen from the worklist, previewed, taken, each with its own outcome."""
