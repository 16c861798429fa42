"""Alembic's entry: migrates over the connection that compliance.register.engine hands in."""

from alembic import context

from compliance.register.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
