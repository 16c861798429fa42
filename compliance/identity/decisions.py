"""What people have decided about who is one person, as a build meets it."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from compliance.builds import vault
from compliance.builds.tables import pointer
from compliance.identity.tables import identity_decision, identity_trace
from compliance.words import keys
from compliance.words.keys import Key
from compliance.words.settings import Settings


@dataclass(frozen=True)
class Decisions:
    """Decisions with the traces of both sides, whether they were made in the build that is current, and the key by
    which the traces are digests.
    """

    rows: pa.Table
    key: Key = field(repr=False)

    @property
    def numbers(self) -> frozenset[int]:
        """Which decisions these are."""
        return frozenset(self.rows.column("decision_id").to_pylist())

    def stage(self, con: duckdb.DuckDBPyConnection) -> None:
        """Puts the traces into the connection's table `decision_trace`, and has keyed() digest as they were."""
        con.register("decision_rows", self.rows)
        con.execute("create or replace temp table decision_trace as from decision_rows")
        con.unregister("decision_rows")
        vault.digest_with(con, self.key)


def load(settings: Settings, connection: sa.Connection) -> Decisions | None:
    """All that has been decided; None where nothing has, and then no key is asked for."""
    current = sa.select(pointer.c.build_id).scalar_subquery()
    rows = [
        dict(row)
        for row in connection.execute(
            sa.select(
                identity_decision.c.decision_id,
                identity_decision.c.answer,
                identity_trace.c.side,
                identity_trace.c.digest,
                (identity_decision.c.build_id == sa.func.coalesce(current, -1)).label("is_new"),
            ).join(identity_trace, identity_trace.c.decision_id == identity_decision.c.decision_id)
        ).mappings()
    ]
    return Decisions(pa.Table.from_pylist(rows), keys.pseudonyms(settings)) if rows else None
