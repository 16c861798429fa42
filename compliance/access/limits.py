"""How much one person may do in a day: sign-ins, searches for persons, extracts with names.

Counted by the ledger's lines at the moment of the act and in its transaction, so that neither a new start nor another
server begins at nothing. Whoever has used up a day's number goes on by a second person's word.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from compliance import ledger
from compliance.ledger import Event
from compliance.ledger.tables import ledger as lines
from compliance.register.engine import writing
from compliance.words.policy import Parameters
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

if TYPE_CHECKING:
    from compliance.access.at import At


class Limited(StrEnum):
    """What is counted. Texts: `limited.<value>` and `refusal.limit_<value>`."""

    SIGN_INS = "sign_ins"
    SEARCHES = "searches"
    EXTRACTS = "extracts"


@dataclass(frozen=True)
class Reached:
    """Somebody who has used up the day's number of something, with what was allowed so far."""

    what: Limited
    pseudonym: str
    role: str
    allowed: int


_DAY = dt.timedelta(days=1)
_REFUSED_BECAUSE = {
    Limited.SIGN_INS: "limit_sign_ins",
    Limited.SEARCHES: "limit_searches",
    Limited.EXTRACTS: "limit_extracts",
}
_EVENTS = (Event.SIGNED_IN, Event.PERSONS_SEEN, Event.EXTRACT_BEGUN, Event.LIMIT_EXTENDED)


def spend(
    connection: sa.Connection, author: ledger.Author | None, what: Limited, parameters: Parameters, now: dt.datetime
) -> None:
    """To be called in the transaction of an act, before its line. The last one that is allowed raises the alarm.

    Raises Refused `limit_sign_ins`, `limit_searches` or `limit_extracts` for one more than the day has.
    """
    if author is None:
        return
    used, extended, _ = _counted(connection, now, author.pseudonym)
    key = (author.pseudonym, what)
    allowed = _allowed(parameters, extended, key)
    if used[key] >= allowed:
        raise Refused(_REFUSED_BECAUSE[what], limit=allowed)
    if used[key] + 1 == allowed:
        ledger.append(
            connection, Event.LIMIT_REACHED, author=author, now=now, details={"what": what.value, "limit": allowed}
        )


def reached(register: sa.Engine, parameters: Parameters, now: dt.datetime) -> list[Reached]:
    """Who has used up a day's number, and of what."""
    with register.connect() as connection:
        used, extended, roles = _counted(connection, now)
    found = []
    for key, count in sorted(used.items()):
        pseudonym, what = key
        if count >= (allowed := _allowed(parameters, extended, key)):
            found.append(Reached(what, pseudonym, roles[pseudonym], allowed))
    return found


def extend(at: At, pseudonym: str, what: Limited) -> None:
    """A second person's word: as many more as a day has, within a day.

    Raises Refused `not_allowed`, `limit_own` for one's own, and `limit_not_reached` where nobody has used it up.
    """
    actor = at.require(Permission.EXTEND_LIMITS)
    if actor.pseudonym == pseudonym:
        raise Refused("limit_own")
    with writing(at.register) as connection:
        used, extended, _ = _counted(connection, at.now, pseudonym)
        if used[pseudonym, what] < _allowed(at.parameters, extended, (pseudonym, what)):
            raise Refused("limit_not_reached")
        ledger.append(
            connection, Event.LIMIT_EXTENDED, author=at.author, now=at.now,
            details={"what": what.value, "whose": pseudonym},
        )  # fmt: skip


_Key = tuple[str, Limited]


def _allowed(parameters: Parameters, extended: Mapping[_Key, int], key: _Key) -> int:
    """How often somebody may do something within a day, with what others have let them."""
    of_a_day = {
        Limited.SIGN_INS: parameters.sign_ins_per_day,
        Limited.SEARCHES: parameters.searches_per_day,
        Limited.EXTRACTS: parameters.extracts_per_day,
    }
    return of_a_day[key[1]] * (1 + extended.get(key, 0))


_TOLD = (lines.c.event, lines.c.actor, lines.c.role, lines.c.details)
# Without an upper end: what was written while the clock was ahead has been done all the same. Lines that are alike are
# counted where they lie: everybody who looks asks for this, and a day has as many sign-ins as visits.
_BY_ALL = (
    sa.select(*_TOLD, sa.func.count())
    .where(lines.c.event.in_(_EVENTS), lines.c.at > sa.bindparam("since"), lines.c.actor.is_not(None))
    .group_by(*_TOLD)
    .order_by(sa.func.max(lines.c.seq))
)
# Whose number it was that somebody has extended stands in the details.
_BY_ONE = _BY_ALL.where(sa.or_(lines.c.actor == sa.bindparam("whose"), lines.c.event == Event.LIMIT_EXTENDED))


def _counted(
    connection: sa.Connection, now: dt.datetime, whose: str | None = None
) -> tuple[Counter[_Key], Counter[_Key], Mapping[str, str]]:
    """By whom and what: how often within a day, how often it was extended, and with which role; `whose` alone, where
    one is asked about.
    """
    used: Counter[_Key] = Counter()
    extended: Counter[_Key] = Counter()
    roles: dict[str, str] = {}
    since = {"since": now - _DAY}
    if whose is None:
        rows = connection.execute(_BY_ALL, since)
    else:
        rows = connection.execute(_BY_ONE, {**since, "whose": whose})
    for event, actor, role, written, often in rows:
        roles[actor] = role
        details = json.loads(written)
        if event == Event.LIMIT_EXTENDED:
            extended[details["whose"], Limited(details["what"])] += often
        elif event == Event.SIGNED_IN:
            used[actor, Limited.SIGN_INS] += often
        elif event == Event.PERSONS_SEEN and details.get("search"):
            used[actor, Limited.SEARCHES] += often
        elif event == Event.EXTRACT_BEGUN and details.get("persons"):
            used[actor, Limited.EXTRACTS] += often
    return used, extended, roles
