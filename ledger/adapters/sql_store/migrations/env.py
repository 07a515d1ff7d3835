"""Alembic's entry: runs the migrations on the connection that `ledger.adapters.sql_store.schema` hands over."""

from alembic import context

from ledger.adapters.sql_store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
