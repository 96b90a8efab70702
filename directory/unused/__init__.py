"""Grants and items that are not put to use, as far as the directory can know."""
