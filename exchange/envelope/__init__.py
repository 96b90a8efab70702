"""The sealed batch: bytes in, bytes out; no files, sockets, database or clock."""
