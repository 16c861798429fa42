"""What the register of notices and the copy come to: where prospects come from, who is still to be told and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import sqlalchemy as sa

from compliance import ledger
from compliance.notices import facts
from compliance.notices.asks import Prospects
from compliance.notices.facts import ELSEWHERE, Informed, Meant, Origin, folded
from compliance.notices.tables import notice_entry
from compliance.register import entries
from compliance.register.entries import Entry, Facts
from compliance.words.deadlines import notice_due_on
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Policy
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category

PAGE = "notices/notices"
# A word that fewer have may be one that tells of somebody.
_FEWEST = 5


class Code(StrEnum):
    """What can be found. Texts: `finding_name.<value>`, `finding_told.<value>`."""

    ENVIRONMENT = "notice_environment"
    LATE = "notice_late"
    NOT_MET = "notice_not_met"
    UNKNOWN = "notice_origin_unknown"
    DUE = "notice_due"
    UNDATED = "notice_undated"


_SEVERITY = {
    Code.ENVIRONMENT: Severity.CRITICAL,
    Code.LATE: Severity.CRITICAL,
    Code.NOT_MET: Severity.MAJOR,
    Code.UNDATED: Severity.MAJOR,
    Code.UNKNOWN: Severity.MINOR,
    Code.DUE: Severity.MINOR,
}


@dataclass(frozen=True)
class Known:
    """All entries, the oldest first."""

    entries: tuple[Entry, ...]

    @cached_property
    def standing(self) -> tuple[Entry, ...]:
        """Those that no other corrects."""
        return entries.standing(self.entries)

    def origin(self, word: str) -> Origin:
        """What a word means: what was said of it, or what it means of itself."""
        said = [one.facts for one in self.standing if isinstance(one.facts, Meant)]
        return next(
            (one.origin for one in reversed(said) if folded(one.word) == word), facts.words().get(word, Origin.UNKNOWN)
        )

    def informed_on(self, source: str, word: str, registered_on: dt.date | None) -> dt.date | None:
        """When those whom a source has with a word since a day were told first; None where nobody has recorded it."""
        told = [one.facts for one in self.standing if isinstance(one.facts, Informed)]
        return min(
            (
                one.informed_on
                for one in told
                if one.source == source
                and folded(one.word) == word
                and registered_on is not None
                and one.registered_from <= registered_on <= one.registered_until
            ),
            default=None,
        )


@dataclass
class Group:
    """The prospects that a source has with a word: how many there are, were met, and are still to be told.

    `due` are they by the day by which they have to be told, who were not; `in_time` and `over` how many were, and how
    many should have been, of those whose day fell into a period.
    """

    source: str
    word: str
    origin: Origin
    persons: int = 0
    met: int = 0
    undated: int = 0
    due: dict[dt.date, int] = field(default_factory=dict)
    told_late: int = 0
    in_time: int = 0
    over: int = 0

    def late(self, as_of: dt.date) -> int:
        """How many should have been told before a day, and were not."""
        return sum(count for day, count in self.due.items() if day < as_of)

    @property
    def waiting(self) -> int:
        """How many are still to be told."""
        return sum(self.due.values())

    @property
    def next_on(self) -> dt.date | None:
        """By when the first of them has to be told."""
        return min(self.due, default=None)


def groups(found: Known, rows: Iterable[Prospects], as_of: dt.date, period_days: int = 30) -> list[Group]:
    """The prospects of a copy by source and word. Whoever was met in person and is of no other origin that is known is
    told at the meeting (article 13); whoever comes from elsewhere within a month, or with the first mailing where that
    is earlier (article 14.3 a and b).
    """
    made: dict[tuple[str, str], Group] = {}
    since = as_of - dt.timedelta(days=period_days)
    for row in rows:
        word = folded(row.word)
        group = made.get((row.source, word))
        if group is None:
            # What a word means is asked once: of a large copy there are rows by the ten thousand, and a few words.
            group = made[row.source, word] = Group(row.source, word, found.origin(word))
        group.persons += row.persons
        is_met = row.is_met or group.origin is Origin.MET
        group.met += row.persons if is_met else 0
        if group.origin not in ELSEWHERE or (is_met and group.origin is Origin.UNKNOWN):
            continue
        if row.registered_on is None:
            group.undated += row.persons
            continue
        tell_by = notice_due_on(row.registered_on, row.first_mailed_on)
        told_on = found.informed_on(row.source, word, row.registered_on)
        if told_on is None or told_on > as_of:
            group.due[tell_by] = group.due.get(tell_by, 0) + row.persons
        elif told_on > tell_by:
            group.told_late += row.persons
        # Due today is not missed before the day is over.
        if since < tell_by < as_of or (tell_by == as_of and told_on is not None):
            group.over += row.persons
            group.in_time += row.persons if told_on is not None and told_on <= tell_by else 0
    return sorted(made.values(), key=lambda one: (one.source, one.word))


def named(group: Group) -> str:
    """A word as it may be told: one that is known, or that many have and is nobody's address; empty for any other, in
    which a source may have written a name.
    """
    is_known = group.word in facts.words() or group.origin is not Origin.UNKNOWN
    return group.word if is_known or (group.persons >= _FEWEST and not ledger.looks_personal(group.word)) else ""


def judged(found: Sequence[Group] | None, policy: Policy, as_of: dt.date) -> Judged:
    """What is not as the policy and the law have it, by source and by word; None where there is no copy."""
    if found is None:
        return Judged((), frozenset(Code))
    rule = policy.rules.get(Category.PROSPECT)
    owner = None if rule is None else rule.owner
    rows: dict[tuple[str, str], Finding] = {}
    for group in found:
        for one in _of_group(group, owner, as_of):
            before = rows.get(one.known_as)
            if before is None:
                rows[one.known_as] = one
            else:
                # Words that are not told apart are one thing.
                persons = int(str(before.told["persons"])) + int(str(one.told["persons"]))
                since = min((day for day in (before.since, one.since) if day), default=None)
                told = {**before.told, "persons": persons}
                rows[one.known_as] = Finding(one.code, one.thing, one.severity, PAGE, since, owner, one.filters, told)
    return Judged(tuple(rows.values()))


def _of_group(group: Group, owner: str | None, as_of: dt.date) -> Iterator[Finding]:
    word = named(group)
    thing = f"{group.source}: {word}" if word else group.source

    def finding(code: Code, persons: int, since: dt.date | None = None, day: dt.date | None = None) -> Finding:
        told: dict[str, str | int | dt.date] = {
            "source": group.source,
            "word": word or "–",
            "persons": persons,
        }
        if day is not None:
            told["day"] = day
        return Finding(code, thing, _SEVERITY[code], PAGE, since, owner, {}, told)

    if group.origin is Origin.ENVIRONMENT:
        yield finding(Code.ENVIRONMENT, group.persons)
    elif group.origin in (Origin.REFERRED, Origin.BOUGHT, Origin.COLLECTED) and group.persons > group.met:
        yield finding(Code.NOT_MET, group.persons - group.met)
    elif group.origin is Origin.UNKNOWN and group.persons > group.met:
        yield finding(Code.UNKNOWN, group.persons - group.met)
    late, first_on = group.late(as_of), group.next_on
    if first_on is not None and late:
        yield finding(Code.LATE, late, first_on + dt.timedelta(days=1), first_on)
    coming = [day for day in group.due if day >= as_of]
    if coming:
        yield finding(Code.DUE, group.waiting - late, None, min(coming))
    if group.undated:
        yield finding(Code.UNDATED, group.undated)


def figures(found: Sequence[Group], as_of: dt.date) -> dict[str, float | None]:
    """Every figure of compliance/review/kpis.toml that is of notices."""
    over = sum(group.over for group in found)
    return {
        "notice_coverage": sum(group.in_time for group in found) / over if over else None,
        "notices_late": sum(group.late(as_of) for group in found),
        "prospects_not_met": sum(
            group.persons - group.met for group in found if group.origin not in (Origin.MET, Origin.INBOUND)
        ),
    }


def check(found: Known, told: Facts, corrects: int | None, today: dt.date) -> None:
    """That an entry fits together and with the others.

    Raises Refused, each with the field that it is about: `notice_order` for a span that ends before it begins,
    `notice_before` and `notice_after` for some who were told before they were registered, `notice_ahead` for a day that
    has not come, and `notice_meant` for a word that another entry has.
    """
    if isinstance(told, Informed):
        if told.registered_until < told.registered_from:
            raise Refused("notice_order", field="registered_until")
        if told.informed_on > today:
            raise Refused("notice_ahead", field="informed_on")
        if told.informed_on < told.registered_from:
            raise Refused("notice_before", field="informed_on")
        if told.registered_until > told.informed_on:
            # Who comes later has not been told by then.
            raise Refused("notice_after", field="registered_until")
    if isinstance(told, Meant):
        for entry in found.standing:
            same = isinstance(entry.facts, Meant) and folded(entry.facts.word) == folded(told.word)
            if same and entry.entry_id != corrects:
                raise Refused("notice_meant", field="word", entry=entry.entry_id)


def load(connection: sa.Connection) -> Known:
    """All that is recorded."""
    return Known(entries.load(connection, notice_entry, facts.MODELS))


def known(register: sa.Engine) -> Known:
    """All that is recorded."""
    with register.connect() as connection:
        return load(connection)


def as_known(found: Known, at: dt.datetime) -> Known:
    """What was known at an instant: without what was recorded later."""
    return Known(tuple(entry for entry in found.entries if entry.at <= at))
