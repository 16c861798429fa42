"""What a digest says to one reader: what waits for them, what has changed, and what is not known. Nobody is in it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from compliance.access.at import At
from compliance.access.readers import Reader
from compliance.reading.copy import Reading
from compliance.review import alarms, bridges, figures, measures, reviews
from compliance.review import rows as review_rows
from compliance.review.alarms import Looked
from compliance.review.decisions import Decision, decisions
from compliance.review.kpis import Kpi, Level, Measured, kpis
from compliance.review.snapshots import Snapshot
from compliance.sources.freshness import freshness
from compliance.words.deadlines import local_date
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import Role

_WEEK = dt.timedelta(days=7)
# More of them is what the page is for.
_MOST_DECISIONS = 12
_MOST_FIGURES = 12
# Whoever signs follows every figure of theirs; an owner and those who look after systems follow the week's.
_READS: Mapping[Role, str] = {Role.CISO: "ciso", Role.AUDITOR: "ciso"}


@dataclass(frozen=True)
class Item:
    """A line, what is told of it besides, and where it leads."""

    text: str
    note: str = ""
    link: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with its lines, never none."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Told:
    """A digest before it is a mail."""

    language: str
    subject: str
    opening: str
    sections: tuple[Section, ...]
    link: str
    closing: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """What is the same for every reader: looked at once, since each sending is a line of the ledger."""

    reading: Reading
    measured: Mapping[str, Measured]
    looked: Looked | None
    before: Snapshot | None
    week: figures.Week


def look(at: At, reading: Reading) -> Seen:
    """Measures the reading's day for all who are told of it. Raises copy.Retired."""
    fresh = freshness(at.settings, reading, at.now, "en")
    measured = measures.measure(at, reading, fresh)
    looked: Looked | None
    try:
        looked = alarms.look(at.settings, at.register, at.now)
    except Refused:
        # What keeps it from being looked at is told as a decision that waits.
        looked = None
    before = reviews.start(at.register, reviews.signed(at.register), reading.as_of)
    return Seen(reading, measured, looked, before, figures.week(at.register, reading, measured, fresh))


def tell(at: At, reader: Reader, seen: Seen | None) -> Told:
    """What a reader is told on the reading's day; without a copy, that there is none. Raises copy.Retired."""
    tongue = reader.language
    address = at.settings.address or ""
    week = str(at.today.isocalendar().week)
    closing = [say("digest.no_persons", tongue), say("digest.who", tongue)]
    if seen is None:
        none = Section(say("digest.without_data", tongue), (Item(say("digest.no_copy", tongue)),))
        subject = say("digest.subject_no_data", tongue, week=week)
        return Told(tongue, subject, say("digest.no_copy_opening", tongue), (none,), f"{address}/", tuple(closing))
    reading, measured = seen.reading, seen.measured
    acting = dataclasses.replace(at, actor=reader.actor)
    fresh = freshness(at.settings, reading, at.now, tongue)
    found = decisions(acting, reading, measured, fresh, seen.looked)
    own = [one for one in found if one.may]
    sections = [
        _waits(own, len(found) - len(own), reading.as_of, address, tongue),
        _changed(acting, reading, seen.before, measured, reader.actor.role, tongue),
    ]
    newest = max((one.exported_at for one in fresh if one.exported_at is not None), default=None)
    quiet = newest is None or reading.as_of - local_date(newest) >= _WEEK
    if quiet:
        day = None if newest is None else local_date(newest)
        sections.insert(0, Section(say("digest.without_data", tongue), (Item(say("digest.quiet", tongue, day=day)),)))
    stamp = say("digest.stamp", tongue, as_of=reading.as_of, build=str(reading.build))
    opening = figures.sentence_of_the_week(dataclasses.replace(seen.week, freshness=fresh), tongue)
    key = "subject_no_data" if quiet else "subject" if own else "subject_nothing"
    subject = say(f"digest.{key}", tongue, week=week, count=len(own))
    return Told(tongue, subject, opening, tuple(sections), f"{address}/", (stamp, *closing))


def _waits(own: Sequence[Decision], others: int, as_of: dt.date, address: str, tongue: str) -> Section:
    items = [
        Item(
            review_rows.decision_text(one, tongue),
            "" if (days := one.days(as_of)) is None else say("waits.since", tongue, days=days),
            _link(address, one),
        )
        for one in own[:_MOST_DECISIONS]
    ]
    if not own:
        items.append(Item(say("digest.nothing_waits", tongue)))
    if len(own) > _MOST_DECISIONS:
        items.append(Item(say("digest.more", tongue, count=len(own) - _MOST_DECISIONS), link=f"{address}/"))
    if others:
        items.append(Item(say("digest.others", tongue, count=others)))
    return Section(say("digest.waits", tongue), tuple(items))


def _link(address: str, one: Decision) -> str:
    """The page where it is taken; the list of decisions where it is taken there."""
    page = "" if one.page is None else one.page.rpartition("/")[2].removesuffix(".py")
    filters = {"step": "waits"} if one.page is None else dict(one.filters)
    return f"{address}/{page}{'?' if filters else ''}{urlencode(filters)}"


def _changed(
    at: At, reading: Reading, before: Snapshot | None, measured: Mapping[str, Measured], role: Role, tongue: str
) -> Section:
    if before is None:
        return Section(say("digest.changed", tongue), (Item(say("digest.nothing_before", tongue)),))
    title = say("digest.changed_since", tongue, day=before.as_of)
    bridge = bridges.between(at, reading, before)
    moved = _moved(before, measured, at, role, tongue)
    items = []
    if bridge is not None and measured["overdue"].value is not None:
        key = "changed" if bridge.opening != bridge.closing else "unchanged"
        told = {"since": bridge.since, "opening": bridge.opening, "closing": bridge.closing}
        bars = [
            f"{say(f'bridge.{cause}', tongue)} {'+' if sign > 0 else '−'}{bridge.bars[cause]}"
            for cause, sign in bridges.SIGNS.items()
            if bridge.bars[cause]
        ]
        items.append(Item(say(f"agenda_told.{key}", tongue, **told), ", ".join(bars)))
        # What the bridge tells is told once.
        moved = [kpi for kpi in moved if kpi.code != "overdue"]
        if bridge.unexplained:
            items.append(Item(say("bridge_fault.text", tongue, count=abs(bridge.unexplained))))
    items += [
        Item(_figure(kpi, before, measured, tongue), kpi.told(measured[kpi.code], at.parameters, tongue))
        for kpi in moved[:_MOST_FIGURES]
    ]
    return Section(title, tuple(items) or (Item(say("digest.nothing_changed", tongue)),))


def _moved(before: Snapshot, measured: Mapping[str, Measured], at: At, role: Role, tongue: str) -> list[Kpi]:
    """The reader's figures that are others than they were, the worst first."""
    reads = _READS.get(role, "dpo")
    order = [Level.RED, Level.UNKNOWN, Level.AMBER, Level.GREEN, Level.NONE]
    found = [
        kpi
        for code, kpi in kpis().items()
        # What was not measured in this way then has not changed, nor has what is written as it was.
        if reads in kpi.readers
        and code in before.figures
        and kpi.show(measured[code], tongue) != kpi.show(before.get(code), tongue)
    ]
    return sorted(found, key=lambda kpi: order.index(kpi.level(measured[kpi.code], at.parameters)))


def _figure(kpi: Kpi, before: Snapshot, measured: Mapping[str, Measured], tongue: str) -> str:
    then, now = kpi.show(before.get(kpi.code), tongue), kpi.show(measured[kpi.code], tongue)
    return say("digest.figure", tongue, name=kpi.name(tongue), before=then, now=now)
