"""Activities are described, and the register is made a version of, each with its line of the ledger."""

from __future__ import annotations

import json

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.processing import assigned, state
from compliance.processing.facts import Described, Entrusted
from compliance.processing.tables import processing_assigned, processing_entry, processing_version
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

NOTE_CHARACTERS = 500


def describe(at: At, category: Category, told: Described) -> None:
    """Says of an activity what its rule does not; what was said before stays, and no longer counts.

    Raises Refused `not_allowed`, `processing_day_future`, `processing_personal` for a text with what may be an address
    or a number of somebody's, and `processing_same` where nothing is another.
    """
    actor = at.require(Permission.DESCRIBE_PROCESSING)
    ledger.refuse_personal(told, "processing_personal")
    for name in ("reviewed_on", "lia_reviewed_on"):
        day = getattr(told, name)
        if day is not None and day > at.today:
            raise Refused("processing_day_future", field=name)
    facts = told.model_dump_json()
    last = (
        sa.select(processing_entry.c.facts)
        .where(processing_entry.c.category == category.value)
        .order_by(processing_entry.c.entry_id.desc())
        .limit(1)
    )
    with writing(at.register) as connection:
        if connection.scalars(last).first() == facts:
            raise Refused("processing_same")
        number = connection.scalars(
            sa.insert(processing_entry)
            .values(
                category=category.value,
                facts=facts,
                recorded_at=at.now,
                recorded_by=actor.pseudonym,
                recorded_role=actor.role.value,
            )
            .returning(processing_entry.c.entry_id)
        ).one()
        details: dict[str, ledger.Detail] = {"description": number, "category": category.value}
        ledger.append(connection, ledger.Event.PROCESSING_DESCRIBED, author=at.author, now=at.now, details=details)


def describe_assigned(at: At, told: Entrusted) -> None:
    """Says what is done on customers' behalf in their environments. Raises Refused as `describe`."""
    actor = at.require(Permission.DESCRIBE_PROCESSING)
    ledger.refuse_personal(told, "processing_personal")
    if told.reviewed_on > at.today:
        raise Refused("processing_day_future", field="reviewed_on")
    facts = told.model_dump_json()
    last = sa.select(processing_assigned.c.facts).order_by(processing_assigned.c.entry_id.desc()).limit(1)
    with writing(at.register) as connection:
        if connection.scalars(last).first() == facts:
            raise Refused("processing_same")
        number = connection.scalars(
            sa.insert(processing_assigned)
            .values(facts=facts, recorded_at=at.now, recorded_by=actor.pseudonym, recorded_role=actor.role.value)
            .returning(processing_assigned.c.entry_id)
        ).one()
        ledger.append(
            connection, ledger.Event.PROCESSING_ASSIGNED, author=at.author, now=at.now,
            details={"description": number},
        )  # fmt: skip


def make_version(at: At, reading: Reading | None, note: str) -> int:
    """Keeps the register as it is now under the next number, and returns that.

    Raises Refused `not_allowed`, `field_too_long`, `processing_personal` and `processing_unchanged` where nothing is
    another than in the version before.
    """
    actor = at.require(Permission.DESCRIBE_PROCESSING)
    told = note.strip()
    if len(told) > NOTE_CHARACTERS:
        raise Refused("field_too_long", field="note", most=NOTE_CHARACTERS)
    if ledger.looks_personal(told):
        raise Refused("processing_personal", field="note")
    with writing(at.register) as connection:
        before = state.versions_in(connection)
        found = {
            **state.content(state.activities_in(connection, at.policy, reading)),
            **assigned.load(connection, reading).content(before[0].content if before else {}),
        }
        changed = state.differences(before[0].content if before else {}, found)
        if not changed:
            raise Refused("processing_unchanged")
        number = int(
            connection.scalars(
                sa.insert(processing_version)
                .values(
                    as_of=at.today,
                    content=json.dumps(found, sort_keys=True),
                    note=told,
                    made_at=at.now,
                    made_by=actor.pseudonym,
                    made_role=actor.role.value,
                )
                .returning(processing_version.c.version_id)
            ).one()
        )
        details: dict[str, ledger.Detail] = {"version": number, "changed": len(changed)}
        ledger.append(connection, ledger.Event.PROCESSING_VERSION, author=at.author, now=at.now, details=details)
    return number
