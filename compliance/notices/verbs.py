"""What words mean and who was told is recorded, each with its line of the ledger; the line says which entry, and
nothing of what it tells.
"""

from __future__ import annotations

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.notices import state
from compliance.notices.tables import EntryKind, notice_entry
from compliance.register import entries
from compliance.register.engine import writing
from compliance.register.entries import Facts
from compliance.words.vocabulary import Permission

_EVENTS = {
    EntryKind.MEANT: ledger.Event.NOTICE_MEANT,
    EntryKind.INFORMED: ledger.Event.NOTICE_GIVEN,
    EntryKind.STRUCK: ledger.Event.NOTICE_STRUCK,
}


def record(at: At, told: Facts, *, corrects: int | None = None) -> int:
    """Records an entry, in place of entry `corrects` where that is given, and returns its number.

    Raises Refused `not_allowed`, `notice_personal` for a text with what may be an address or a number of somebody's,
    `notice_entry_unknown` for an entry to be corrected that is none, is of another kind, or is corrected already, and
    what compliance.notices.state.check raises.
    """
    at.require_of_all(Permission.RECORD_NOTICES)
    ledger.refuse_personal(told, "notice_personal")
    with writing(at.register) as connection:
        found = state.load(connection)
        entries.corrected(found.standing, told, corrects, "notice_entry_unknown")
        state.check(found, told, corrects, at.today)
        number = connection.scalars(
            sa.insert(notice_entry)
            .values(entries.values(told, corrects, at.now, at.author))
            .returning(notice_entry.c.entry_id)
        ).one()
        event, details = _EVENTS[EntryKind(told.KIND)], entries.details(number, corrects)
        ledger.append(connection, event, author=at.author, now=at.now, details=details)
    return int(number)
