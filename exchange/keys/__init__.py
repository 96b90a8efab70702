"""A party's own keys, and whom it believes."""
