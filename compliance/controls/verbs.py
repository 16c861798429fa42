"""Offices, measures and their tests are recorded, and figures are told, each with its line of the ledger; the line says
which entry, and nothing of what it tells.
"""

from __future__ import annotations

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.controls import state
from compliance.controls.facts import Struck, Told
from compliance.controls.tables import EntryKind, control_entry
from compliance.register import entries
from compliance.register.engine import writing
from compliance.register.entries import Facts
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

_EVENTS = {
    EntryKind.OFFICE: ledger.Event.CONTROL_OFFICE,
    EntryKind.MEASURE: ledger.Event.CONTROL_MEASURE,
    EntryKind.TESTED: ledger.Event.CONTROL_TESTED,
    EntryKind.FIGURE: ledger.Event.CONTROL_FIGURE,
    EntryKind.STRUCK: ledger.Event.CONTROL_STRUCK,
}


def record(at: At, told: Facts, *, corrects: int | None = None) -> int:
    """Records who holds an office, a measure or a test of one, in place of entry `corrects` where that is given, or
    strikes that; returns the entry's number.

    Raises Refused `not_allowed`, `control_personal` for a text with what may be an address or a number of somebody's,
    `control_entry_unknown` for an entry to be corrected that is none, is of another kind, or is corrected already, and
    what compliance.controls.state.check raises.
    """
    at.require(Permission.RECORD_CONTROLS)
    return _enter(at, told, corrects, {EntryKind.OFFICE, EntryKind.MEASURE, EntryKind.TESTED})


def tell(at: At, told: Told | Struck, *, corrects: int | None = None) -> int:
    """Records a figure, in place of entry `corrects` where that is given, or strikes that; returns the entry's number.
    Raises Refused as `record`.
    """
    at.require(Permission.TELL_FIGURES)
    return _enter(at, told, corrects, {EntryKind.FIGURE})


def tell_by_command(at: At, told: Told) -> int:
    """The same as `tell`, for nobody. Raises Refused `command_line_only` for somebody."""
    at.require_nobody()
    return _enter(at, told, None, {EntryKind.FIGURE})


def _enter(at: At, told: Facts, corrects: int | None, kinds: set[EntryKind]) -> int:
    ledger.refuse_personal(told, "control_personal")
    with writing(at.register) as connection:
        found = state.load(connection)
        before = entries.corrected(found.standing, told, corrects, "control_entry_unknown")
        # One that is struck is of those that whoever strikes may record, as one that is corrected.
        if (told.KIND if before is None else before.kind) not in kinds:
            raise Refused("control_entry_unknown")
        state.check(found, told, corrects, at.today)
        number = connection.scalars(
            sa.insert(control_entry)
            .values(entries.values(told, corrects, at.now, at.author))
            .returning(control_entry.c.entry_id)
        ).one()
        event, details = _EVENTS[EntryKind(told.KIND)], entries.details(number, corrects)
        ledger.append(connection, event, author=at.author, now=at.now, details=details)
    return int(number)
