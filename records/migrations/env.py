"""Alembic's way in: runs the migrations on the connection, and in the transaction, that `records.migrating` gives."""

from alembic import context

from records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
