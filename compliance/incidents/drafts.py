"""What somebody types into the form of a step is kept as they type, for them alone and for a day: neither a page that
is loaded anew nor a session that ends takes it, while hours run out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance.incidents.tables import incident_draft
from compliance.register.engine import writing

_KEPT = dt.timedelta(days=1)


def forget_old(connection: sa.Connection, now: dt.datetime) -> None:
    """Lets go of what anybody has typed and not used within a day, in the caller's transaction."""
    connection.execute(sa.delete(incident_draft).where(incident_draft.c.kept_at < now - _KEPT))


@dataclass(frozen=True)
class Draft:
    """What one person has typed into one form; `clock` says what time it is."""

    register: sa.Engine
    pseudonym: str
    form: str
    clock: Callable[[], dt.datetime]

    def find(self) -> Mapping[str, Any]:
        """What was typed within a day and not used; nothing where that is so."""
        since = self.clock() - _KEPT
        with self.register.connect() as connection:
            typed = connection.scalar(
                sa.select(incident_draft.c.typed).where(self._own, incident_draft.c.kept_at >= since)
            )
        found: dict[str, Any] = json.loads(typed) if typed else {}
        return found

    def save(self, typed: Mapping[str, Any]) -> None:
        """Keeps what is typed by now, in place of what was before; what anybody has left for a day goes."""
        now = self.clock()
        with writing(self.register) as connection:
            forget_old(connection, now)
            connection.execute(sa.delete(incident_draft).where(self._own))
            if typed:
                told = json.dumps(dict(typed), ensure_ascii=False)
                connection.execute(
                    sa.insert(incident_draft).values(pseudonym=self.pseudonym, form=self.form, typed=told, kept_at=now)
                )

    def drop(self) -> None:
        """Lets go of it: it was used."""
        self.save({})

    @property
    def _own(self) -> sa.ColumnElement[bool]:
        return sa.and_(incident_draft.c.pseudonym == self.pseudonym, incident_draft.c.form == self.form)
