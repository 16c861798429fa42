"""Deadlines as a calendar (iCalendar, RFC 5545): requests and purges by number, ceilings as counts, nobody by name."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import icalendar

from compliance import access, ledger
from compliance.access.at import At
from compliance.holds import listing
from compliance.incidents import state as incidents
from compliance.purge import batches
from compliance.purge.tables import State
from compliance.reading.copy import Reading
from compliance.requests.backlog import BacklogItem, backlog
from compliance.review import asks, figures, reviews
from compliance.show.extract import Part, Stamp, file_name, to_file
from compliance.sources.freshness import freshness
from compliance.words import keys
from compliance.words.deadlines import RequestState
from compliance.words.texts import say
from compliance.words.vocabulary import Permission

WHAT, MIME = "calendar", "text/calendar"
_WEEKS = 13
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Deadline:
    """A day on which something has to be done, or an instant by which it has to. `key` tells it from every other, also
    after the day has moved.
    """

    key: str
    on: dt.date | dt.datetime
    summary: str
    description: str
    page: str
    filters: str = ""


def _deadlines(at: At, reading: Reading | None, language: str) -> list[Deadline]:
    found = [
        *(_of_request(one, language) for one in backlog(at.register, None, at.today, at.parameters)),
        *_of_holds(at, language),
        *_of_batches(at, language),
        *_of_reviews(at, language),
        *_of_incidents(at, language),
        *(() if reading is None else _of_ceilings(at, reading, language)),
    ]
    return sorted(found, key=lambda one: (str(one.on), one.key))


def _of_request(one: BacklogItem, language: str) -> Deadline:
    state = "redirect" if one.state is RequestState.REDIRECTED else "paused" if one.provisional else "answer"
    told = {"number": str(one.request_id), "kind": say(f"request_kind.{one.kind}", language)}
    return Deadline(
        f"request {one.request_id}", one.due_on, say(f"calendar.{state}", language, **told),
        say("calendar.answer_help", language, received=one.received_on), "erasure",
    )  # fmt: skip


def _of_holds(at: At, language: str) -> Iterator[Deadline]:
    for one in listing.listing(at.register, None, at.today):
        if one.active:
            summary = say("calendar.hold", language, number=str(one.hold_id))
            yield Deadline(
                f"hold {one.hold_id}", one.entry.review_on, summary, say("calendar.hold_help", language), "holds"
            )


def _of_batches(at: At, language: str) -> Iterator[Deadline]:
    for one in batches.listing(at.register, (State.APPROVED,)):
        if one.approved_until is not None:
            number = str(one.batch_id)
            yield Deadline(
                f"batch {number}", one.approved_until, say("calendar.batch", language, number=number),
                say("calendar.batch_help", language, count=one.planned), "batch", f"?batch={number}",
            )  # fmt: skip


def _of_reviews(at: At, language: str) -> Iterator[Deadline]:
    signed = {one.week for one in reviews.signed(at.register)}
    for monday in figures.week_starts(at.today, _WEEKS):
        week = reviews.week_of(monday)
        if week not in signed:
            number = str(monday.isocalendar().week)
            yield Deadline(
                f"review {week}", monday, say("calendar.review", language, week=number),
                say("calendar.review_help", language), "",
            )  # fmt: skip


def _of_incidents(at: At, language: str) -> Iterator[Deadline]:
    """Whom there are hours to tell, for whoever may see incidents; a drill is nobody's day."""
    if at.actor is not None and not access.may(at.actor, Permission.SEE_LEDGER):
        return
    for one in incidents.going_on(at.register):
        number = str(one.incident_id)
        for clock in one.clocks(at.parameters, at.now):
            if clock.due_at is not None and clock.is_open():
                what = say(f"incident_clock.{clock.kind}", language)
                yield Deadline(
                    f"incident {number} {clock.kind} {clock.whom}", clock.due_at.astimezone(dt.UTC),
                    say("calendar.incident", language, number=number, what=what),
                    say("calendar.incident_help", language), "incident", f"?incident={number}",
                )  # fmt: skip


def _of_ceilings(at: At, reading: Reading, language: str) -> Iterator[Deadline]:
    stale = [one.name for one in freshness(at.settings, reading, at.now, language) if one.stale]
    if stale:
        # Unknown is not none.
        told = say("calendar.ceilings_unknown", language, sources=", ".join(stale))
        yield Deadline("ceilings unknown", at.today, told, say("calendar.ceilings_help", language), "expiries")
        return
    until = at.today - dt.timedelta(days=at.today.weekday()) + dt.timedelta(weeks=_WEEKS)
    weeks: Counter[dt.date] = Counter()
    for row in reading.rows(asks.EXPIRIES, unit="week", until=until, category=None, source=None, owner=None):
        weeks[row.starts_on] += row.bases
    for monday, count in weeks.items():
        yield Deadline(
            f"ceilings {reviews.week_of(monday)}", monday, say("calendar.ceilings", language, count=count),
            say("calendar.ceilings_help", language), "expiries",
        )  # fmt: skip


def made(at: At, reading: Reading | None, language: str) -> Part:
    """The calendar as a file, with how many deadlines are in it. The same deadline has the same name in each, so that a
    calendar that is opened again takes the place of the last one. Raises copy.Retired.
    """
    found = _deadlines(at, reading, language)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Compliance dashboard//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", say("calendar.title", language))
    calendar.add("x-wr-calname", say("calendar.title", language))
    key = keys.pseudonyms(at.settings)
    for one in found:
        calendar.add_component(_event(at, one, key))
    return bytes(calendar.to_ical()), len(found)


def _event(at: At, one: Deadline, key: keys.Key) -> icalendar.Event:
    event = icalendar.Event()
    # Keyed: a calendar that is shared says nothing of what other installations have.
    event.add("uid", str(uuid.UUID(key.digest(f"calendar {one.key}"))))
    event.add("dtstamp", at.now)
    event.add("last-modified", at.now)
    # Of two files the later counts.
    event.add("sequence", int(at.now.timestamp()) // 60)
    event.add("dtstart", one.on)
    if not isinstance(one.on, dt.datetime):
        event.add("dtend", one.on + _DAY)
    event.add("summary", one.summary)
    event.add("description", one.description)
    if at.settings.address:
        event.add("url", f"{at.settings.address}/{one.page}{one.filters}")
    # Nobody is busy by it, and nobody else reads why.
    event.add("transp", "TRANSPARENT")
    event.add("class", "CONFIDENTIAL")
    return event


def stamp(build: int | None, as_of: dt.date) -> Stamp:
    """What a calendar is of."""
    return Stamp(build, as_of, "")


def name(of: Stamp, language: str) -> str:
    """A name for the file."""
    return file_name(say("calendar.title", language), of, language, "ics")


def write(at: At, reading: Reading | None, language: str, path: Path) -> int:
    """Writes the calendar into a new file, with lines of the ledger, and returns how many deadlines are in it.

    Raises Refused `command_line_only` for somebody, and where the file cannot be written or is there.
    """
    at.require_nobody()
    told: dict[str, ledger.Detail] = {"what": WHAT, "persons": False, "flavour": "ics"}
    return to_file(at, None if reading is None else reading.build, told, path, [made(at, reading, language)])
