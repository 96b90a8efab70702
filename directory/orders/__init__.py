"""Work orders: what the office asks of nodes in the signed feed, and what they answer."""
