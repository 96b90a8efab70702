"""Departments: the providers, the requesters and the information office."""
