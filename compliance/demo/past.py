"""The demo company's past: the figures of its last 52 weeks, kept as if they had been measured then.

How many were stored, due or in doubt is what the first copy says of those days. What it cannot say, as it was purged
and answered since, is played through with dice that the seed sets: entries come to be overdue and purges take them,
requests come in and are answered, an export stays away for a month, an intake brings what was long overdue, a hold
covers nobody for two weeks, a purge resurfaces, a rule changes. Each line of the ledger says that it is invented.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import random
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from compliance.access.at import At
from compliance.controls import state as controls
from compliance.cookies import state as cookies
from compliance.cookies.state import Known
from compliance.reading import copy
from compliance.review import measures, score
from compliance.review import verbs as review_verbs
from compliance.review.events import What
from compliance.review.kpis import NOT_MEASURED, Measured, Rests, Unknown, kpis
from compliance.words.deadlines import PERIOD_DAYS
from compliance.words.policy import Parameters
from compliance.words.vocabulary import Category, Status

WEEKS = 52
_WEEK = dt.timedelta(days=7)
_PERIOD = PERIOD_DAYS
# The first copy is asked about four of the weeks, and what lies between is drawn straight.
_ASKED_EVERY = 17
# The last week is measured, not invented.
_FIRST = 2
# Weeks back from today. The last purge is so long ago that nothing of it is in any figure of the last week.
_LAST_PURGE = 6
_RULE_CHANGED = 46
_LARGE_INTAKE = 38
_STALE = range(27, 31)
_REFUSED = 30
_HOLD_LOST = range(20, 22)
_RESURFACED = range(13, 16)
# Per 5,000 persons stored.
_PER = 5000
_COMES_A_WEEK, _COMES_AT_ONCE, _REQUESTS_A_WEEK = (4, 11), 64, (3, 8)
_STAYS = "31-90"
_ANSWERED_IN, _ANSWERED_LATE, _ALLOWED = (4, 27), (31, 44), 30


def enter(at: At, weeks: int = WEEKS, seed: int = 1) -> int:
    """Keeps the figures of so many weeks before `at`'s week, that of the store's first copy; returns how many snapshots
    were made. The same seed, copy and day give the same figures.
    """
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is None or weeks < _FIRST:
        return 0
    asked = {back: _measured(at, back) for back in {1, *range(1, weeks, _ASKED_EVERY), weeks}}
    life = _Life(random.Random(seed), weeks, asked[1]["persons"].value or 0, at.parameters.backup_window_days)
    before = hashlib.sha256(b"the rules before they were changed").hexdigest()
    past = []
    scanned = cookies.known(at.register)
    for back in range(weeks, _FIRST - 1, -1):
        what = life.what.get(back)
        past.append(
            review_verbs.Invented(
                at.today - (back - 1) * _WEEK,
                at.now - (back - 1) * _WEEK,
                before if back > _RULE_CHANGED else at.policy.digest,
                _figures(
                    {**_between(asked, back), **_of_registers(at, scanned, at.today - (back - 1) * _WEEK)},
                    life,
                    back,
                    at.parameters,
                ),
                {"what": what[0].value, "entries": what[1]} if what else {},
            )
        )
    review_verbs.enter_invented(at, reading, past)
    return len(past)


def _of_registers(at: At, known: Known, day: dt.date) -> dict[str, Measured]:
    """The figures of incidents and of cookies as they were known on a day, not played through but counted; and that
    nobody had told yet what only the product's teams know.
    """
    found = {**measures.of_incidents(at, day), **measures.of_cookies(at, known, day)}
    untold = controls.figures(controls.Known(()), at.parameters, day, ())
    return {
        **{code: _or_nothing(value, {}) for code, value in found.items()},
        **dict.fromkeys(untold, NOT_MEASURED),
    }


def _measured(at: At, back: int) -> Mapping[str, Measured]:
    """What the first copy says of a day, `back` weeks before today."""
    day = at.today - (back - 1) * _WEEK
    reading = copy.current(at.settings, at.register, day, at.policy, at.parameters)
    assert reading is not None
    return measures.measure(dataclasses.replace(at, today=day), reading, ())


def _between(asked: Mapping[int, Mapping[str, Measured]], back: int) -> dict[str, Measured]:
    """The figures of a week between two that were asked for, part by part, without whom the copy has since."""
    later = max(one for one in asked if one <= back)
    earlier = min(one for one in asked if one >= back)
    share = (back - later) / (earlier - later) if earlier > later else 0.0
    newest = asked[min(asked)]
    found = {}
    for code, new in asked[later].items():
        old = asked[earlier][code]
        if new.value is None or old.value is None:
            continue
        parts = {
            part: _on_the_way(new.cuts.get(part, 0), old.cuts.get(part, 0), share) for part in {**new.cuts, **old.cuts}
        }
        found[code] = Measured(_on_the_way(new.value, old.value, share), None, parts)
    # A day after the copy's cannot be judged then: so whoever is in doubt then and is not now had not come yet.
    entries, persons = dict(found["entries"].cuts), dict(found["persons"].cuts)
    not_yet = 0.0
    for category in Category:
        part = f"{category}/{Status.UNDETERMINED}"
        more = max(0, entries.get(part, 0) - newest["entries"].cuts.get(part, 0))
        if more:
            entries[part] -= more
            persons[category.value] -= more
            not_yet += more
    in_doubt = sum(count for part, count in entries.items() if part.endswith(f"/{Status.UNDETERMINED}"))
    found["entries"] = Measured(sum(entries.values()), None, entries)
    found["persons"] = Measured((found["persons"].value or 0) - not_yet, None, persons)
    found["undetermined"] = Measured(in_doubt, None, _fitted(newest["undetermined"].cuts, int(in_doubt)))
    return found


def _on_the_way(new: float, old: float, share: float) -> int:
    return round(new + (old - new) * share)


def _fitted(parts: Mapping[str, float], total: int) -> dict[str, float]:
    """Parts in the same proportions that add up to the total; what is left over goes to the largest fractions."""
    whole = sum(parts.values())
    if not whole:
        return {}
    exact = {part: count * total / whole for part, count in sorted(parts.items())}
    found: dict[str, float] = {part: int(count) for part, count in exact.items()}
    left = total - int(sum(found.values()))
    for part in sorted(exact, key=lambda part: found[part] - exact[part])[:left]:
        found[part] += 1
    return {part: count for part, count in found.items() if count}


@dataclass(frozen=True)
class _Purge:
    entries: int
    failed: int


@dataclass(frozen=True)
class _Asked:
    """A request, by the days before today on which it came in, was due and was closed."""

    received: int
    closed: int
    is_refused: bool
    is_extended: bool

    @property
    def due(self) -> int:
        return self.received - _ALLOWED


class _Life:
    """What happened week by week, told from the oldest to the newest."""

    def __init__(self, dice: random.Random, weeks: int, persons: float, backup_days: int) -> None:
        size = max(persons / _PER, 0.2)
        self.backup_days = backup_days
        self.stock: dict[int, int] = {}
        self.purges: dict[int, _Purge] = {}
        self.what: dict[int, tuple[What, int]] = {}
        self.requests: list[_Asked] = []
        stock, until_next = round(dice.randint(10, 30) * size), 2
        # Three months before the first week, so that its requests have a past.
        for back in range(weeks + 13, _FIRST - 1, -1):
            for _ in range(round(dice.randint(*_REQUESTS_A_WEEK) * size) or 1):
                self._ask(dice, back * 7 + dice.randint(0, 6))
            if back > weeks:
                continue
            if back >= _LAST_PURGE:
                stock += round(dice.randint(*_COMES_A_WEEK) * size)
            if back == _LARGE_INTAKE:
                stock += round(_COMES_AT_ONCE * size)
                self.what[back] = (What.INTAKE, round(_COMES_AT_ONCE * size))
            until_next -= 1
            # Nobody can be purged while it is not known who is overdue, and what an intake brought is looked at first.
            is_time = back == _LAST_PURGE or (back > _LAST_PURGE and until_next <= 0)
            if is_time and stock and back not in (*_STALE, _LARGE_INTAKE):
                gone = stock if back == _LAST_PURGE else round(stock * dice.uniform(0.7, 1))
                self.purges[back] = _Purge(gone, dice.randint(0, 1))
                self.what.setdefault(back, (What.PURGE, gone))
                stock -= gone
                until_next = dice.randint(2, 4)
            self.stock[back] = stock
        for back, what in ((_REFUSED, What.REFUSED), (max(_HOLD_LOST), What.HOLD_LOST)):
            if back <= weeks:
                self.what[back] = (what, 1)

    def _ask(self, dice: random.Random, received: int) -> None:
        days = dice.randint(*(_ANSWERED_LATE if dice.random() < 0.06 else _ANSWERED_IN))
        self.requests.append(_Asked(received, received - days, dice.random() < 0.07, dice.random() < 0.05))


def _figures(known: dict[str, Measured], life: _Life, back: int, parameters: Parameters) -> dict[str, Measured]:
    """Every figure of a week: what the copy says of it, and what the dice say."""
    told = {
        **{code: one.value for code, one in known.items() if kpis()[code].rests_on is not Rests.FORM},
        **_of_requests(life, back),
        **_of_purges(life, back),
        # No entry of that past was ever stored that a bridge could start from.
        "bridge_unexplained": None,
        "holds_lost": int(back in _HOLD_LOST),
        "stale_sources": int(back in _STALE),
        # Opt-outs took a day or none.
        "opt_out_latency": back % 2,
        "opt_outs_late": 0,
        # A source makes a correction in its next export or the one after; what is asked for in a week is made in time.
        "days_to_correct": 7 + 7 * (back % 2),
        "corrections_on_time": 1.0,
        # Of all who came from elsewhere, those whose month ended lately are few.
        "notice_coverage": None,
    }
    stock = life.stock[back]
    cuts = {code: one.cuts for code, one in known.items()}
    late = dict(cuts["overdue"])
    prospects = f"{Category.PROSPECT}/{_STAYS}"
    late[prospects] = late.get(prospects, 0) + stock
    entries = {part: n for part, n in cuts["entries"].items() if not part.endswith(f"/{Status.OVERDUE}")}
    for part, count in late.items():
        of = f"{part.split('/')[0]}/{Status.OVERDUE}"
        entries[of] = entries.get(of, 0) + count
    stored = dict(cuts["persons"])
    stored[Category.PROSPECT.value] = stored.get(Category.PROSPECT.value, 0) + stock
    cuts = {**cuts, "overdue": late, "entries": entries, "persons": stored}
    overdue, all_entries = sum(late.values()), sum(entries.values())
    persons = (told["persons"] or 0) + stock
    overdue_persons = min(overdue, (told["overdue_persons"] or 0) + stock)
    in_doubt = told["undetermined"] or 0
    in_order = min(told["in_order"] or 0, persons - overdue_persons)
    soon = (told["due_30"] or 0) + stock // 2
    told = {
        **told,
        "persons": persons,
        "entries": all_entries,
        "overdue": overdue,
        "overdue_persons": overdue_persons,
        "in_order": in_order,
        "in_order_share": in_order / persons,
        "due_30": soon,
        "due_90": max(soon, (told["due_90"] or 0) + stock),
        "unclassified": sum(n for part, n in entries.items() if part.startswith(f"{Category.UNCLASSIFIED}/")),
        "undetermined_past": min(in_doubt, told["undetermined_past"] or 0),
        "undetermined_share": in_doubt / all_entries,
    }
    cuts["purge_quiet"] = {} if told["purge_quiet"] is None else {Category.PROSPECT.value: told["purge_quiet"]}
    is_stale = back in _STALE
    found = {
        code: Measured(None, Unknown.STALE)
        if is_stale and kpi.rests_on is Rests.COPY
        else known[code]
        if code in known and known[code].unknown is Unknown.NOT_MEASURED
        else _or_nothing(told.get(code), cuts.get(code, {}))
        for code, kpi in kpis().items()
        if code != score.CODE
    }
    return {**found, score.CODE: score.score(found, parameters).measured}


def _or_nothing(value: float | None, cuts: Mapping[str, float]) -> Measured:
    if value is None:
        return Measured(None, Unknown.NOTHING)
    return Measured(value, None, {part: count for part, count in cuts.items() if count})


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _of_requests(life: _Life, back: int) -> dict[str, float | None]:
    today = back * 7
    since = today + _PERIOD
    came = [one for one in life.requests if one.received >= today]
    open_ = [one for one in came if one.closed < today]
    closed = [one for one in came if today <= one.closed < since]
    recent = [one for one in came if one.received < since]
    # Due today and open is not missed before the day is over.
    due = [one for one in came if today <= one.due < since and not (one.due == today and one.closed < today)]
    days = sorted(one.received - one.closed for one in closed)
    return {
        "open_requests": len(open_),
        "requests_in": len(recent),
        "requests_closed": len(closed),
        "on_time": _share(sum(one.closed >= one.due for one in due), len(due)),
        "overdue_requests": sum(one.due > today for one in open_),
        "oldest_request": max((one.received - today for one in open_), default=0),
        "days_to_close": statistics.median(days) if days else None,
        "days_to_close_p95": days[-(-len(days) * 95 // 100) - 1] if days else None,
        "days_to_close_net": statistics.median(days) if days else None,
        "extended": _share(sum(one.is_extended for one in recent), len(recent)),
        "extended_invalid": 0,
        "requests_due": sum(today - 7 <= one.due <= today for one in open_),
        "refused": _share(sum(one.is_refused for one in closed), len(closed)),
        "redirected": len(recent) // 8,
        "redirected_on_time": 1.0 if len(recent) // 8 else None,
    }


def _of_purges(life: _Life, back: int) -> dict[str, float | None]:
    done = {week: one for week, one in life.purges.items() if week >= back}
    recent = [one for week, one in done.items() if (week - back) * 7 < _PERIOD]
    in_backups = {week: one for week, one in done.items() if (week - back) * 7 < life.backup_days}
    gone, failed = sum(one.entries for one in recent), sum(one.failed for one in recent)
    is_back, is_fresh = back in _RESURFACED, back in done
    return {
        "purged": gone,
        "purge_failed": _share(failed, gone + failed),
        "purge_skipped": 0,
        "unverified": int(is_fresh),
        "resurfaced": int(is_back),
        "purge_lag": 12 if recent else None,
        "purge_lag_most": 31 if recent else None,
        "purge_quiet": (min(done) - back) * 7 if done else None,
        "backup_tail": sum(one.entries for one in in_backups.values()),
        "backup_tail_days": max((life.backup_days - (week - back) * 7 for week in in_backups), default=0),
        "erasure_complete": None if not recent else 0.75 if is_fresh else 1.0,
        "erasure_oldest": 0,
        "reappeared": int(is_back),
        "reappeared_open": 0,
    }
