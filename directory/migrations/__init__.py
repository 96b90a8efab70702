"""Alembic migrations, forward only, configured in code by ``directory.migrate``."""
