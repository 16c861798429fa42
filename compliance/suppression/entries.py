"""The suppression list as a build meets it: live entries, their keys, and the rows that they were made for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from compliance.builds import vault
from compliance.suppression.tables import Seen, reappearance, suppression
from compliance.words import keys
from compliance.words.keys import Key
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# One entry as a build meets it; the columns of the register's table, as far as a build asks for them.
SCHEMA = pa.schema(
    [
        ("suppression_id", pa.int64()),
        ("batch_id", pa.int64()),
        ("key_id", pa.string()),
        ("record_digest", pa.string()),
        ("name_digest", pa.string()),
        ("email_digest", pa.string()),
        ("email_name_digest", pa.string()),
        ("phone_digest", pa.string()),
        ("number_digest", pa.string()),
        ("is_shared_email", pa.bool_()),
        ("is_shared_phone", pa.bool_()),
        ("category", pa.string()),
        ("source", pa.string()),
        ("dataset", pa.string()),
        ("erased_on", pa.date32()),
        ("expires_on", pa.date32()),
        ("relation_started_on", pa.date32()),
        ("relation_ended_on", pa.date32()),
    ]
)

# One record that may be whom an entry was made for, with what somebody has decided of it.
ASKED = pa.schema(
    [
        ("suppression_id", pa.int64()),
        ("batch_id", pa.int64()),
        ("record_digest", pa.string()),
        ("name_digest", pa.string()),
        ("email_name_digest", pa.string()),
        ("phone_digest", pa.string()),
        ("verdict", pa.string()),
    ]
)

# One record that was kept out as whom an entry was made for.
KEPT = pa.schema([("suppression_id", pa.int64()), ("record_digest", pa.string())])


@dataclass(frozen=True)
class Entries:
    """The entries that a build has to heed, with the keys that made them, on the day `today`.

    `rows` has the columns of SCHEMA; entries that expired before `today` are not among them. `asked` has those of
    ASKED: the records of which it was asked, or is, whether they are somebody's who was erased. `kept` has those of
    KEPT: what was surely theirs under another key, which may come with less the next time.
    """

    rows: pa.Table
    keys: tuple[Key, ...] = field(repr=False)
    today: dt.date
    asked: pa.Table = field(default_factory=lambda: ASKED.empty_table())
    kept: pa.Table = field(default_factory=lambda: KEPT.empty_table())

    @classmethod
    def of(
        cls,
        rows: Iterable[Mapping[str, Any]],
        known: Iterable[Key],
        today: dt.date,
        asked: Iterable[Mapping[str, Any]] = (),
        kept: Iterable[Mapping[str, Any]] = (),
    ) -> Entries:
        """Entries from rows with the names of SCHEMA, of ASKED and of KEPT (a name that is missing is null).

        Raises Refused `key_lost_suppression` where an entry's key is not known, since it would keep nobody out.
        """
        live = [row for row in rows if row["expires_on"] >= today]
        by_id = {key.key_id: key for key in known}
        used = {str(row["key_id"]) for row in live}
        if not used <= by_id.keys():
            raise Refused("key_lost_suppression", setting="COMPLIANCE_SUPPRESSION_KEYS")
        table = pa.Table.from_pylist([{name: row.get(name) for name in SCHEMA.names} for row in live], SCHEMA)
        return cls(
            table,
            tuple(by_id[key_id] for key_id in sorted(used)),
            today,
            pa.Table.from_pylist(list(asked), ASKED),
            pa.Table.from_pylist(list(kept), KEPT),
        )

    @property
    def has_prospects(self) -> bool:
        """Whether somebody is kept out as a prospect only, so that it matters who counts as one."""
        return "PROSPECT" in set(self.rows.column("category").to_pylist())

    def stage(self, con: duckdb.DuckDBPyConnection) -> None:
        """Puts the entries into the connection's tables `suppressed`, `asked` and `kept`."""
        for name, rows in (("suppressed", self.rows), ("asked", self.asked), ("kept", self.kept)):
            con.register("entries", rows)
            con.execute(f"create or replace temp table {name} as from entries")
            con.unregister("entries")

    def each_key(self, con: duckdb.DuckDBPyConnection) -> Iterator[str]:
        """The id of each key in turn; until the next one, keyed() digests with it."""
        for key in self.keys:
            vault.digest_with(con, key)
            yield key.key_id
        con.execute("reset variable ipad")
        con.execute("reset variable opad")


@dataclass(frozen=True)
class Hit:
    """A row of an export that an entry was made for.

    `kind` is a word of Seen; None where the row is none of them, for a reason of its own. `still_there`: the source
    still has whom it was to erase, the record itself (by its key, not emptied) or another of the same dataset that is
    kept out by e-mail or phone; `is_undecided`: it has somebody who may be whom it was to erase, or somebody else, and
    nobody has said. `record_digest` is the row's own key, `name_digest` its name, `email_name_digest` the address that
    it has in common with the entry together with its own name, `phone_digest` the number with the name, each digested
    as the entry's were.
    """

    dataset: str
    source: str
    row_no: int
    suppression_id: int
    batch_id: int
    record_digest: str
    name_digest: str | None
    email_name_digest: str | None
    phone_digest: str | None
    still_there: bool
    is_undecided: bool
    kind: str | None


def load(settings: Settings, connection: sa.Connection, today: dt.date) -> Entries | None:
    """The entries that are live on `today`; None where there are none, and then no key is asked for.

    Raises Refused `key_lost_suppression` where entries are live and a key of theirs is not there, and what
    compliance.words.keys.suppression does.
    """
    columns = [suppression.c[name] for name in SCHEMA.names]
    rows = [
        dict(row) for row in connection.execute(sa.select(*columns).where(suppression.c.expires_on >= today)).mappings()
    ]
    if not rows:
        return None
    asked = connection.execute(
        sa.select(suppression.c.batch_id, *(reappearance.c[name] for name in ASKED.names if name != "batch_id"))
        .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
        .where(suppression.c.expires_on >= today, reappearance.c.kind == Seen.POSSIBLE)
    ).mappings()
    kept = connection.execute(
        sa.select(*(reappearance.c[name] for name in KEPT.names))
        .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
        .where(suppression.c.expires_on >= today, reappearance.c.kind == Seen.KEPT_OUT)
    ).mappings()
    try:
        known = keys.suppression(settings)
    except Refused as refused:
        if refused.code == "key_missing":
            raise Refused("key_lost_suppression", **refused.values) from None
        raise
    return Entries.of(rows, known, today, map(dict, asked), map(dict, kept))
