"""Entries by their lasting addresses, in the form that is asked for, and the whole catalogue as DCAT."""
