"""Situations of Articles 39 and 40: what is filed of a department, its answer, and how the office closed it."""
