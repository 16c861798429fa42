"""The areas that keep something in the register: one list, for the backup, the migrations' test and whoever adds one.

The register is below all of them and imports none: their tables are looked up by name.
"""

from __future__ import annotations

from importlib import import_module

import sqlalchemy as sa

from compliance.register.metadata import metadata

AREAS = (
    "register",
    "ledger",
    "drafts",
    "access",
    "builds",
    "runs",
    "requests",
    "holds",
    "marks",
    "identity",
    "bridge",
    "purge",
    "rectification",
    "suppression",
    "sources",
    "evidence",
    "review",
    "digest",
    "policy",
    "incidents",
    "findings",
    "cookies",
    "notices",
    "processing",
    "environments",
    "controls",
)


def every_table() -> sa.MetaData:
    """The register's tables, of every area, each in compliance/<area>/tables.py."""
    for area in AREAS:
        import_module(f"compliance.{area}.tables")
    return metadata
