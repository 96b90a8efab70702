"""What each department did in a month, worked out from history and kept once the month is over."""
