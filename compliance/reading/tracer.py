"""Finds in a build what is held by ids that change from build to build."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from compliance.builds import vault
from compliance.words import queries
from compliance.words.keys import Key


class Tracer:
    """Finds in a finished build what is held by ids that change from build to build. Use as a context manager.

    Everywhere a person or basis is named by (scope, id), with the scopes person and basis.
    """

    def __init__(self, new: Path, pseudonyms: Key, *, key: str | None = None) -> None:
        """`key` opens the build. Raises Refused `build_unreadable`."""
        self.con = duckdb.connect(":memory:", config={"threads": 2, "temp_directory": ""})
        vault.attach(self.con, new, "build", key=key, read_only=True)
        vault.digest_with(self.con, pseudonyms)

    def __enter__(self) -> Tracer:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    def moved(
        self, old: Path, wanted: Sequence[tuple[str, str]], *, key: str | None = None
    ) -> list[tuple[str, str, str]]:
        """Which of the ids in `wanted` the same records of the build `old` no longer have.

        Returns (scope, id in the old build, id in the new one), several where the records went apart. Raises Refused
        `build_unreadable`.
        """
        vault.attach(self.con, old, "old", key=key, read_only=True)
        binds = {"scopes": [scope for scope, _ in wanted], "keys": [its_id for _, its_id in wanted]}
        return self._rows("moved_keys", binds)

    def records(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
        """The keyed digests of the records behind the ids in `wanted`, as (scope, id, digest)."""
        binds = {"scopes": [scope for scope, _ in wanted], "keys": [its_id for _, its_id in wanted]}
        return self._rows("held_records", binds)

    def found(self, known: Collection[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Where records are that were known as (scope, id, digest), as (scope, id, id in the build), if another."""
        if not known:
            return []
        scopes, ids, records = zip(*sorted(known), strict=True)
        return self._rows("found_keys", {"scopes": list(scopes), "keys": list(ids), "records": list(records)})

    def _rows(self, name: str, binds: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        rows = self.con.execute(queries.load(f"{name}"), dict(binds)).fetchall()
        return [(str(scope), str(its_id), str(told)) for scope, its_id, told in rows]
