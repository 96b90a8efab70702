"""Bulletins (通告, Art. 16): what was published, changed, suspended, resumed and withdrawn, day by day, told to all."""
