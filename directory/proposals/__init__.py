"""Drafts that nodes propose from their department's database; its editor decides on each."""
