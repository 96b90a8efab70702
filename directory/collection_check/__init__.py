"""A planned form held against the catalogue, field by field, so that nothing is collected twice (Art. 19)."""
