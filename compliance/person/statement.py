"""What is stored of one person, on a day: what the page shows and what the person gets to know, from one place.

Where an entry stands, and until when it may be kept, is decided by queries/reading/status.sql alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.access import Actor
from compliance.identity import search as identity
from compliance.person import asks
from compliance.person.asks import Record
from compliance.reading.copy import Reading
from compliance.rectification import values
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.words import policy as policies
from compliance.words.policy import Policy, Rule
from compliance.words.vocabulary import Category

# What a record may say of a person, in the order in which it is told.
FIELDS = (
    "name", "email", "phone", "role", "org_name", "origin", "stated_status", "registered_on", "met_on", "inbound_on",
    "designated_on", "role_until", "left_org_on", "starts_on", "ends_on", "replaced_on", "opted_out_on", "fiscal_year",
    "cookie_name", "set_at", "source_key",
)  # fmt: skip
# As the field is called among the fields of an export.
_TOLD_AS = {"stated_status": "status"}
FOUND_AT_MOST = 20


@dataclass(frozen=True)
class Stored:
    """A value that is stored of the person."""

    field: str
    value: str | int | dt.date | dt.datetime


@dataclass(frozen=True)
class Basis:
    """An entry: where it stands and why, the rule of its category (None where it has none), and the rows behind it."""

    entry: show_asks.Entry
    rule: Rule | None
    records: tuple[Record, ...]

    def stored(self) -> list[tuple[Record, Stored]]:
        """Every value that the rows have."""
        return [(record, one) for record in self.records for one in stored(record)]


@dataclass(frozen=True)
class Statement:
    """A person with the entries that the reader answers for, the most pressing first. `limited`: there may be others,
    of categories that the reader does not answer for.
    """

    person: asks.Person
    bases: tuple[Basis, ...]
    limited: bool
    as_of: dt.date
    build: int

    @property
    def records(self) -> list[Record]:
        """The rows behind all entries."""
        return [record for basis in self.bases for record in basis.records]


def stored(record: Record) -> list[Stored]:
    """What a row says of the person, without what it leaves empty."""
    told: Mapping[str, Any] = record._asdict()
    return [Stored(_TOLD_AS.get(name, name), told[name]) for name in FIELDS if told[name] not in (None, "")]


def correctable(record: Record) -> dict[str, Any]:
    """What a row says at its source, field by field, as far as it can be corrected there: the name that its
    organisation has is not the row's, and a date that the source has moved is what the source says by now.
    """
    told: dict[str, Any] = {**record._asdict(), "org_name": record.own_org_name}
    if record.is_moved:
        told.update({name: told[f"told_{name}"] for name in values.FIELDS if f"told_{name}" in told})
    others = {"org_name"} if record.org_name and not record.own_org_name else set()
    return {name: told[name] for name in values.FIELDS if name not in others}


def search(reading: Reading, actor: Actor, text: str) -> list[asks.Found]:
    """Whom a text asks for, one more than FOUND_AT_MOST where there are more; the caller records that look. Of a data
    owner, those with an entry of the own categories.
    """
    sought = identity.sought(text)
    if sought is None:
        return []
    return reading.rows(asks.FOUND_PERSONS, sought=sought, owned=actor.category_limit, rows=FOUND_AT_MOST + 1)


def of(reading: Reading, policy: Policy, person_id: str, owned: str | None) -> Statement | None:
    """What is stored of a person; None where nobody of that id is stored, or nothing that the reader answers for."""
    low, high = reading.window_of(person_id)
    found = reading.rows(asks.PERSON, person=person_id, low=low)
    if not found:
        return None
    binds = {**entry_binds({}, named=False, person=person_id), "owned": owned, "low": low, "high": high}
    # All of them: who has worked here for long has an entry for each voucher.
    entries = reading.rows(show_asks.ENTRIES, rows=found[0].bases, skip=0, **binds)
    if not entries:
        return None
    records: dict[str, list[Record]] = {}
    # Of the entries that the reader answers for: the others' rows go no further than this.
    for record in reading.rows(asks.PERSON_RECORDS, person=person_id):
        records.setdefault(record.basis_id, []).append(record)
    return Statement(
        found[0],
        tuple(
            Basis(entry, policy.rules.get(Category(entry.category)), tuple(records.get(entry.basis_id, ())))
            for entry in entries
        ),
        owned is not None,
        reading.as_of,
        reading.build,
    )


def recipients(statement: Statement) -> dict[str, tuple[str, ...]]:
    """The systems that have what an entry says of the person, by the entry's id."""
    having = {record.source for record in statement.records}
    return {basis.entry.basis_id: policies.recipients([basis.rule], having) for basis in statement.bases}
