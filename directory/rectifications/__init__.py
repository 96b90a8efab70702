"""限期整改 (Art. 27): suspended uses whose term for putting right runs, was reported on, or is over."""
