"""What the outside world has fixed: schemas, code tables, identifier rules, crypto primitives. Pure, with its data."""
