"""Which items of the catalogue hold what a name in somebody's list or form stands for."""
