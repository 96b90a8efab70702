"""Pages of requests: asking, following, deciding, and the list of what waits for the reader."""
