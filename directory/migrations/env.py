"""Alembic's entry: runs on the connection that ``directory.migrate`` opened, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
