"""Ratings of a resource by the departments that used it: counts and words, never an average."""
