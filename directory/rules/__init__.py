"""Limits in force (办理期限): the regulation's, and local ones, which may be shorter and never longer."""
