"""Alembic's entry: migrates on the connection, and in the transaction, that `activities.storage.migration` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
