"""What one person gets to know of what is stored of them (GDPR article 15), from the statement that the page shows.

The keys of the JSON are documented in docs/article15.schema.json, which is made from the types here. What tells of
other people is left out, unless somebody has said that it may go along.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from compliance.access.at import At
from compliance.identity.normalise import addresses, numbers
from compliance.person import asks, rows
from compliance.person.statement import Basis, Statement, Stored, stored
from compliance.reading.copy import Reading
from compliance.rectification import listing as corrections
from compliance.requests.tables import Kind, request
from compliance.show.why import field_in_words, why
from compliance.suppression import known
from compliance.words.references import reference
from compliance.words.texts import period_in_words, say
from compliance.words.vocabulary import Permission

FORMAT = "compliance-article-15"
RIGHTS = ("rectification", "erasure", "restriction", "objection", "mailings", "portability", "complaint")
NOTES = ("sources_only", "not_kept", "automated", "transfers")
# A cell with several people in it: Anna & Bo, Anna och Bo, Anna/Bo.
_SEVERAL = re.compile(r"[&/;+]|\s(?:och|and|und|et)\s", re.IGNORECASE)
_ARTICLES = {"consent": "6.1 a", "contract": "6.1 b", "legal_obligation": "6.1 c", "legitimate_interest": "6.1 f"}


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(_Told):
    """One value that is stored."""

    field: str = Field(description="What the value is, as a code: name, email, phone, role, org_name, ...")
    label: str = Field(description="The same in the language of the file.")
    value: str | int = Field(description="The value. Dates are ISO 8601.")


class Row(_Told):
    """A row at a source."""

    source: str = Field(description="Where the row comes from, as a code.")
    source_name: str = Field(description="The name of that system.")
    values: list[Value] = Field(description="What the row says of the person.")


class Entry(_Told):
    """What is stored of the person in one capacity: a category at a source, with a period of its own."""

    category: str = Field(description="In what capacity the person is stored, as a code.")
    category_name: str = Field(description="The same in words.")
    purpose: str | None = Field(description="Why the data are kept, as a code; null where no rule says it.")
    purpose_name: str | None = Field(description="The same in words.")
    ground: str | None = Field(description="The legal ground, as a code; null where no rule says it.")
    ground_name: str | None = Field(description="The same in words.")
    article: str | None = Field(description="The point of article 6 of the GDPR.")
    recipients: list[str] = Field(description="The systems that have the data by the rule.")
    period: str | None = Field(description="How long at most after the clock began, ISO 8601; null without a rule.")
    period_words: str | None = Field(description="The same in words.")
    clock_began_on: dt.date | None = Field(description="When the period began; null as long as it has not, or unknown.")
    last_day_on: dt.date | None = Field(description="The last day by the policy; null as long as there is none.")
    law_until_on: dt.date | None = Field(description="Until when a law demands that it is kept; null for none.")
    until: str = Field(description="Until when the data are kept and why, in a sentence.")
    rows: list[Row] = Field(description="What is stored, row by row of each source.")


class Request(_Told):
    """What the person has asked for before, as the register of requests has it."""

    reference: str
    kind: str
    received_on: dt.date
    closed_on: dt.date | None
    values: list[Value] = Field(description="The contact details that the register keeps with it.")


class Correction(_Told):
    """What is to be corrected of the person's data, or was."""

    label: str = Field(description="Which value, in words.")
    source_name: str = Field(description="At which system.")
    old_value: str | None
    new_value: str | None
    state: str = Field(description="Where it stands, in words.")


class Erased(_Told):
    """What was erased of the person before."""

    erased_on: dt.date
    category_name: str = Field(description="In what capacity, or that nothing was left.")


class Bundle(_Told):
    """All that is stored of one person, with what article 15 of the GDPR demands to be told."""

    format: str = Field(FORMAT, description="What this file is.")
    version: int = Field(1, description="Goes up when a key changes its meaning or goes away.")
    language: str = Field(description="Of labels, names and sentences: sv or en.")
    as_of: dt.date = Field(description="The day that everything is seen on.")
    build: int = Field(description="The number of the copy that it is taken from.")
    reference: str = Field(description="What the person is called in the dashboard, instead of a name.")
    name: str | None = Field(description="The person's name.")
    contact_details: str = Field(description="How long name, e-mail and phone are kept, in a sentence.")
    entries: list[Entry] = Field(description="What is stored, each with its purpose, ground and period.")
    requests: list[Request] = Field(description="What the person has asked for, as far as the sender is known.")
    corrections: list[Correction] = Field(description="What is being corrected, or was.")
    erased: list[Erased] = Field(
        description="What was erased before: of it keyed digests are kept, so that it does not come back."
    )
    left_out: int = Field(description="How many values were left out because they tell of others too.")
    rights: list[str] = Field(description="What the person can ask for, and where to complain.")
    notes: list[str] = Field(description="What this file does not tell, and why.")


class Open(NamedTuple):
    """A request that is open, by its number in the register."""

    number: int
    reference: str
    kind: str


@dataclass(frozen=True)
class Others:
    """What of a person's values tells of others too: addresses and numbers that others have, and names of several."""

    keys: frozenset[tuple[str, str]]
    wanted: bool = False

    def without(self, one: Stored) -> tuple[Stored | None, bool]:
        """A value without what tells of others, None where nothing is left of it, and whether anything was left out."""
        if self.wanted:
            return one, False
        if one.field == "name" and _SEVERAL.search(str(one.value)):
            return None, True
        if one.field == "source_key" and ("email", str(one.value).lower()) in self.keys:
            return None, True
        if one.field not in ("email", "phone"):
            return one, False
        cell = addresses(str(one.value)) if one.field == "email" else numbers(str(one.value))
        if not any((one.field, key) in self.keys for key in cell.keys):
            return one, False
        # Of a cell with several, those that are the person's alone stay.
        written = cell.shown.split(", ") if one.field == "email" else cell.keys
        own = [text for text, key in zip(written, cell.keys, strict=True) if (one.field, key) not in self.keys]
        return (Stored(one.field, ", ".join(own)) if own else None), True

    def text(self, field: str, value: str | None) -> str | None:
        """The same for a value that is told as text alone."""
        told = None if value is None else self.without(Stored(field, value))[0]
        return None if told is None else str(told.value)


def others(reading: Reading, statement: Statement, *, wanted: bool = False) -> Others:
    """What of the person's values tells of others too; with `wanted`, somebody has said that it may go along."""
    found = reading.rows(asks.SHARED_IDENTIFIERS, person=statement.person.person_id)
    return Others(frozenset((one.kind, one.key) for one in found), wanted)


def left_out(statement: Statement, theirs: Others) -> int:
    """How many values would be left out."""
    asked = Others(theirs.keys)
    return sum(asked.without(one)[1] for record in statement.records for one in stored(record))


def of(
    at: At, reading: Reading, statement: Statement, theirs: Others, language: str, sources: Mapping[str, str]
) -> Bundle:
    """The bundle of a person. `statement` has to be of all categories.

    Raises Refused `not_allowed` for whoever may not extract persons, or those of some categories alone, ValueError for
    a statement of some, and what compliance.words.keys.suppression does.
    """
    at.require_of_all(Permission.EXTRACT_PERSONS)
    if statement.limited:
        raise ValueError("a part of what is stored is no answer to the person")
    erased, _ = known.of_records(at.settings, at.register, statement.records)
    named, _ = theirs.without(Stored("name", statement.person.name or ""))
    return Bundle(
        format=FORMAT,
        version=1,
        language=language,
        as_of=statement.as_of,
        build=statement.build,
        reference=reference(statement.person.person_id),
        name=str(named.value) if named and named.value else None,
        contact_details=rows.core_sentence(statement.person.core_until, statement.as_of, language),
        entries=[_entry(basis, theirs, language, sources) for basis in statement.bases],
        requests=_requests(at, reading, statement, theirs, language),
        corrections=[
            Correction(
                label=field_in_words(one.field, language),
                source_name=sources.get(one.source, one.source),
                old_value=theirs.text(one.field, one.old_value),
                new_value=theirs.text(one.field, one.new_value),
                state=say(f"rectification_state.{one.state}", language),
            )
            for one in corrections.of_records(at.register, [(row.dataset, row.source_key) for row in statement.records])
        ],
        erased=[
            Erased(
                erased_on=day,
                category_name=say(f"category.{category}" if category else "bundle.all", language),
            )
            for day, category in sorted({(one.erased_on, one.category) for one in erased}, key=str)
        ],
        left_out=0 if theirs.wanted else left_out(statement, theirs),
        rights=[say(f"right.{one}", language) for one in RIGHTS],
        notes=[say(f"bundle_note.{one}", language) for one in NOTES],
    )


def _entry(basis: Basis, theirs: Others, language: str, sources: Mapping[str, str]) -> Entry:
    rule, entry = basis.rule, basis.entry
    return Entry(
        category=entry.category,
        category_name=say(f"category.{entry.category}", language),
        purpose=rule.purpose if rule else None,
        purpose_name=say(f"purpose.{rule.purpose}", language) if rule else None,
        ground=rule.ground if rule else None,
        ground_name=say(f"ground.{rule.ground}", language) if rule else None,
        article=_ARTICLES[rule.ground] if rule else None,
        recipients=[sources.get(one, one) for one in (rule.systems if rule else ())],
        period=rule.period if rule else None,
        period_words=period_in_words(rule.period, language) if rule else None,
        clock_began_on=entry.start_on,
        last_day_on=entry.ceiling_on,
        law_until_on=entry.statutory_until,
        until=why(entry, language),
        rows=[
            Row(
                source=record.source,
                source_name=sources.get(record.source, record.source),
                values=[
                    _value(told, language)
                    for one in stored(record)
                    for told in [theirs.without(one)[0]]
                    if told is not None
                ],
            )
            for record in basis.records
        ],
    )


def _value(one: Stored, language: str) -> Value:
    value = one.value
    return Value(
        field=one.field,
        label=field_in_words(one.field, language),
        value=value if isinstance(value, int | str) else value.isoformat(),
    )


def _requests(at: At, reading: Reading, statement: Statement, theirs: Others, language: str) -> list[Request]:
    """What the register keeps of requests that are surely the person's."""
    told: list[Request] = []
    with at.register.connect() as connection:
        for asked in reading.rows(asks.PERSON_REQUESTS, person=statement.person.person_id):
            if not asked.is_sure and asked.verdict is None:
                continue
            row = connection.execute(
                sa.select(request).where(request.c.source == asked.source, request.c.reference == asked.reference)
            ).one_or_none()
            if row is None:
                continue
            given = [Stored(name, getattr(row, name)) for name in ("name", "email", "phone") if getattr(row, name)]
            details = [theirs.without(one)[0] for one in given]
            told.append(
                Request(
                    reference=row.reference,
                    kind=say(f"request_kind.{row.kind}", language),
                    received_on=row.received_on,
                    closed_on=row.closed_on,
                    values=[_value(one, language) for one in details if one is not None],
                )
            )
    return told


def answered(asked: Collection[Open]) -> int | None:
    """The open request for access or portability that a bundle answers, by its number in the register; None for none or
    several.
    """
    found = [one.number for one in asked if one.kind in (Kind.ACCESS, Kind.PORTABILITY)]
    return found[0] if len(found) == 1 else None


def open_requests(at: At, reading: Reading, person_id: str) -> list[Open]:
    """The requests of a person that are open, in the order of their numbers.

    Raises Refused `not_allowed` as `of` does.
    """
    at.require_of_all(Permission.EXTRACT_PERSONS)
    asked = [
        (one.source, one.reference)
        for one in reading.rows(asks.PERSON_REQUESTS, person=person_id)
        if one.is_sure or one.verdict is not None
    ]
    if not asked:
        return []
    query = (
        sa.select(request.c.request_id, request.c.reference, request.c.kind)
        .where(sa.tuple_(request.c.source, request.c.reference).in_(asked), request.c.closed_on.is_(None))
        .order_by(request.c.request_id)
    )
    with at.register.connect() as connection:
        return [Open._make(row) for row in connection.execute(query)]
