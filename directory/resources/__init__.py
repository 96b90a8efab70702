"""Catalogue entries: registered, edited in immutable versions, approved, published."""
