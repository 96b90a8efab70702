"""Alembic revisions, applied by exchange.migrate."""
