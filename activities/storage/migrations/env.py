"""Alembic's entry point: migrates on the connection and in the transaction of `activities.storage.migration`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
