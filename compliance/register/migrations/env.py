"""Alembic's entry: migrates over the connection that compliance.register.engine hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
