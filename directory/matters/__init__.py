"""What corrections, objections and complaints have in common: a number, steps by a table of moves, a term, papers."""
