"""Alembic's entry: runs one lineage over the connection that ``exchange.migrate`` hands it. Nothing is read from
files.
"""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=None,
    version_table="hutong_version",
    version_table_schema=config.attributes["version_schema"],
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
