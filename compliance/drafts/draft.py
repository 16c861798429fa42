"""What somebody types into a form is kept as they type, for them alone and for a day: neither a page that is loaded
anew nor a session that ends takes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance.drafts.tables import FORM_CHARACTERS, draft
from compliance.register.engine import writing

_KEPT = dt.timedelta(days=1)


@dataclass(frozen=True)
class Draft:
    """What one person has typed into one form; `clock` says what time it is."""

    register: sa.Engine
    pseudonym: str
    form: str
    clock: Callable[[], dt.datetime]

    def find(self) -> Mapping[str, Any]:
        """What was typed within a day and not used, by the names of the fields; nothing where that is so."""
        since = self.clock() - _KEPT
        with self.register.connect() as connection:
            typed = connection.scalar(sa.select(draft.c.typed).where(self._own, draft.c.kept_at >= since))
        found: dict[str, Any] = json.loads(typed) if typed else {}
        return found

    def save(self, typed: Mapping[str, Any]) -> None:
        """Keeps what is typed by now, in place of what was before; what anybody has left for a day goes."""
        now = self.clock()
        with writing(self.register) as connection:
            forget_old(connection, now)
            connection.execute(sa.delete(draft).where(self._own))
            if typed:
                told = json.dumps(dict(typed), ensure_ascii=False)
                connection.execute(
                    sa.insert(draft).values(pseudonym=self.pseudonym, form=self._name, typed=told, kept_at=now)
                )

    def drop(self) -> None:
        """Lets go of it: it was used, or is to be forgotten."""
        self.save({})

    @property
    def _name(self) -> str:
        if len(self.form) <= FORM_CHARACTERS:
            return self.form
        return hashlib.sha256(self.form.encode()).hexdigest()

    @property
    def _own(self) -> sa.ColumnElement[bool]:
        return sa.and_(draft.c.pseudonym == self.pseudonym, draft.c.form == self._name)


def forget_old(connection: sa.Connection, now: dt.datetime) -> None:
    """Lets go of what anybody has typed and not used within a day, in the caller's transaction."""
    connection.execute(sa.delete(draft).where(draft.c.kept_at < now - _KEPT))
