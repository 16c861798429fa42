"""Makes the demo company ready: `python -m compliance.demo.start`, before the dashboard starts.

An empty store gets last week's exports and then today's, so that the weekly review has a week to compare with.
A store whose newest exports are from an earlier day gets today's, as a nightly delivery would bring them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from compliance import access, ledger, runs
from compliance.access.at import At, at_command
from compliance.demo import (
    controls,
    cookies,
    corrections,
    erased,
    incidents,
    past,
    processing,
    requests_desk,
    sessions_made,
)
from compliance.demo.generate import Manifest, write_exports
from compliance.environments import asks as environments_asks
from compliance.environments import verbs as environments
from compliance.holds import listing
from compliance.holds import tables as holds_tables
from compliance.holds import verbs as holds
from compliance.intake import orders, run, service
from compliance.marks import tables as marks_tables
from compliance.marks import verbs as marks
from compliance.reading import copy
from compliance.register.engine import engine, writing
from compliance.review import tables as review_tables
from compliance.review import verbs as review_verbs
from compliance.show.entries import entry_binds, entry_page
from compliance.sources import asks
from compliance.words import settings as settings_of
from compliance.words.deadlines import local_date
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Role, Status

PERSONS = 5000
_WEEK = dt.timedelta(days=7)
_REVIEWED_EVERY = dt.timedelta(days=180)
# Why the demo company's holds are there, and whose they are.
_HELD_FOR = (
    (holds_tables.Ground.LEGAL_CLAIM, "legal"),
    (holds_tables.Ground.LEGAL_CLAIM, "legal"),
    (holds_tables.Ground.DISPUTE, "sales"),
    (holds_tables.Ground.AUDIT, "finance"),
    (holds_tables.Ground.AUTHORITY_REQUEST, "legal"),
)
# Who is marked there: the ground of a restriction, the days that it took to be placed, and those until its review.
_MARKED = (
    (marks_tables.Kind.RESTRICTED, marks_tables.Ground.ACCURACY_CONTESTED, 1, 5),
    (marks_tables.Kind.RESTRICTED, marks_tables.Ground.NEEDED_FOR_CLAIMS, 0, 90),
    (marks_tables.Kind.RESTRICTED, marks_tables.Ground.OBJECTION_PENDING, 2, 30),
    (marks_tables.Kind.OBJECTED, None, 2, None),
    (marks_tables.Kind.OPTED_OUT, None, 0, None),
    (marks_tables.Kind.OPTED_OUT, None, 1, None),
    (marks_tables.Kind.OPTED_OUT, None, 6, None),
    (marks_tables.Kind.OPTED_OUT, None, 0, None),
)


def prepare(
    settings: Settings, now: dt.datetime, folder: Path, persons: int = PERSONS, weeks: int = 0
) -> Manifest | None:
    """Brings the demo company's store up to `now`; None where it already was. `folder` keeps the exports. An empty
    store gets the figures of so many `weeks` of an invented past.

    Raises Refused `demo_not_here` where the installation is not a demo, `demo_failed` where an export is not taken.
    """
    if settings.login != "demo":
        raise Refused("demo_not_here")
    register = engine(settings)
    at = at_command(settings, register, now)
    today = at.today
    newest = _newest_export(at)
    if newest is not None and newest >= today:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    asked: dict[str, tuple[corrections.Follows, str]] = {}
    if newest is None:
        manifest = write_exports(folder / "last-week", persons, today, this_week=False)
        _take_in(settings, register, folder / "last-week", now - _WEEK)
        _place_holds(register, manifest, now - _WEEK)
        # Also where the installation has a fixed day, it was another a week before.
        fixed = None if settings.today_override is None else today - _WEEK
        before = dataclasses.replace(settings, today_override=fixed)
        then = dataclasses.replace(at, settings=before, now=now - _WEEK, today=today - _WEEK)
        if weeks:
            incidents.enter_past(then)
            cookies.enter_past(then)
        _place_marks(then)
        if weeks:
            controls.enter(_by_dpo(then))
            _describe_processing(then)
        _review_access(then, ("B-0001", "B-0002"), keep=True, reason="Ärendena pågår.")
        # The one is there still in the next export, the other is not.
        _review_access(then, ("B-0009", "B-0015"), keep=False, reason="Ärendet är stängt.")
        past.enter(then, weeks)
        _snapshot(then)
        if weeks:
            asked = _ask_for_corrections(then)
            _erase(then, asked)
    manifest = write_exports(folder / "today", persons, today)
    if asked:
        corrections.follow(folder / "today", asked)
    _take_in(settings, register, folder / "today", now)
    if newest is None and weeks:
        incidents.enter_running(at)
        cookies.enter_today(at)
        _place_requests(at)
        _ask_for_corrections(at, asked)
    if newest is None:
        if weeks:
            sessions_made.enter(at)
        _review_access(at, ("B-0022",), keep=False, reason="Personen har slutat.")
    _snapshot(at)
    return manifest


def _newest_export(at: At) -> dt.date | None:
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is None:
        return None
    exported = [row.exported_at for row in reading.rows(asks.EXPORTS)]
    return max((local_date(moment) for moment in exported), default=None)


def _take_in(settings: Settings, register: sa.Engine, folder: Path, now: dt.datetime) -> None:
    files: list[orders.FileOrder] = []
    seen_at = settings_of.latest(settings, now)
    for path in sorted(folder.iterdir()):
        if path.suffix in (".csv", ".xlsx"):
            made, made_from = service.exported_at(path.name, seen_at, "file_time", seen_at)
            files.append(orders.FileOrder(path=path, name=path.name, exported_at=made, exported_at_from=made_from))
    result = run.execute(
        settings, register, runs.queue(register, None, now), orders.Order(files=tuple(files)), lambda: now
    )
    if not result.all_taken:
        raise Refused("demo_failed", reason=result.refused.code if result.refused else "export")


def _place_holds(register: sa.Engine, manifest: Manifest, now: dt.datetime) -> None:
    """Enters the holds that the scenarios rely on: of those that are on, the first is past its review, and
    the first two are one case.
    """
    entries: list[listing.Entry] = []
    active = 0
    for number, (org_id, placed_on, released_on) in enumerate(manifest.holds):
        ground, owner = _HELD_FOR[active % len(_HELD_FOR)]
        review_on, reviewed_on = placed_on + _REVIEWED_EVERY, None
        if released_on is None:
            review_on = manifest.as_of + dt.timedelta(days=8 + 7 * active % 140 if active else -11)
            reviewed_on = review_on - _REVIEWED_EVERY
            active += 1
        entries.append(
            listing.Entry(
                holds_tables.Scope.ORGANISATION.value,
                org_id,
                ground.value,
                owner,
                placed_on,
                review_on,
                case_ref="T-1199" if released_on is None and active <= 2 else f"T-{1200 + number}",
                reviewed_on=reviewed_on,
                released_on=released_on,
            )
        )
    with writing(register) as connection:
        holds.enter(connection, entries)
        ledger.append(
            connection,
            ledger.Event.HOLD_PLACED,
            author=None,
            now=now,
            details={"holds": len(entries), "scope": holds_tables.Scope.ORGANISATION.value},
        )


def _place_marks(at: At) -> None:
    """Marks persons of the copy, as the DPO would have: one restriction is past its review by today, one opt-out came
    late, and one mark is over.
    """
    by_dpo = _by_dpo(at)
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    # Of those whom nothing is due of: what is purged in the demo is another matter.
    binds = entry_binds({"category": Category.PROSPECT, "status": Status.RETAINED}, named=False)
    rows = entry_page(reading, binds, 10 * len(_MARKED), 0) if reading is not None else []
    persons = list(dict.fromkeys(row.person_id for row in rows))
    last = None
    for number, (person, (kind, ground, took, review)) in enumerate(zip(persons, _MARKED, strict=False)):
        assert reading is not None
        review_on = at.today + dt.timedelta(days=review) if review else None
        received_on = at.today - dt.timedelta(days=took)
        last = marks.place(
            by_dpo, reading, person, marks.Terms(kind, received_on, ground, review_on, f"R-{2101 + number}")
        )
    if last is not None:
        marks.lift(by_dpo, last, marks_tables.Ending.WITHDRAWN)


def _review_access(at: At, keys: Sequence[str], *, keep: bool, reason: str) -> None:
    """Reviews grants to customers' environments, as the CISO would have."""
    ciso = next(actor for actor in access.demo_actors(at.settings) if actor.role is Role.CISO)
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is not None:
        told = reading.rows(environments_asks.GRANTS_HELD, named=False, reader=None)
        wanted = [(row.source, row.grant_key) for row in told if row.grant_key in keys]
        if wanted:
            environments.review(dataclasses.replace(at, actor=ciso), reading, wanted, keep=keep, reason=reason)


def _place_requests(at: At) -> None:
    """Enters what came in by hand, as the DPO would have."""
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is not None:
        requests_desk.enter(_by_dpo(at), reading)


def _erase(at: At, asked: Mapping[str, tuple[corrections.Follows, str]]) -> None:
    """Erases one of whom a correction was asked for."""
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is not None:
        erased.carry_out(_by_dpo(at), reading, asked)


def _describe_processing(at: At) -> None:
    """Describes the activities of the register of processing, as the DPO would have."""
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is not None:
        processing.enter(_by_dpo(at), reading)


def _by_dpo(at: At) -> At:
    return dataclasses.replace(at, actor=next(one for one in access.demo_actors(at.settings) if one.role is Role.DPO))


def _ask_for_corrections(
    at: At, before: Mapping[str, tuple[corrections.Follows, str]] | None = None
) -> dict[str, tuple[corrections.Follows, str]]:
    """Asks for corrections, as the DPO would have: last week's, or today's beside those of `before`."""
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is None:
        return {}
    if before is None:
        return corrections.ask(_by_dpo(at), reading)
    corrections.ask_today(_by_dpo(at), reading, before)
    return {}


def _snapshot(at: At) -> None:
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    if reading is not None:
        review_verbs.keep(at, reading, review_tables.Occasion.BUILD)


def main() -> int:
    """Prepares the store of the environment; says what it did."""
    settings = settings_of.load()
    if settings.login != "demo":
        # A configured installation starts with its own data, or with none.
        return 0
    manifest = prepare(settings, dt.datetime.now(dt.UTC), settings_of.ROOT / "data" / "demo", weeks=past.WEEKS)
    if manifest:
        sys.stdout.write(f"demo company ready: {manifest.persons} invented persons\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
