"""Measures every figure of kpis.toml on a day, from the copy and from the register.

Figures over a period are of the last 30 days, the day itself included.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.controls import state as controls
from compliance.cookies import figures as cookie_figures
from compliance.cookies import state as cookies
from compliance.environments import figures as environment_figures
from compliance.findings import gather, minimisation
from compliance.findings import state as findings_state
from compliance.findings.gather import OfCopy, Rooms
from compliance.findings.minimisation import Filled
from compliance.holds import listing, losses
from compliance.incidents import figures as incident_figures
from compliance.incidents import state as incidents
from compliance.mailings import state as mailings
from compliance.marks.listing import MarkRow
from compliance.marks.tables import Kind as MarkKind
from compliance.notices import state as notices
from compliance.purge import batches as purge_batches
from compliance.purge import tables as purge_tables
from compliance.purge.batches import Purges, belongs
from compliance.purge.tables import EXECUTED, State
from compliance.reading import asks as reading_asks
from compliance.reading.copy import Reading
from compliance.rectification import figures as correction_figures
from compliance.requests import period
from compliance.requests.period import Over
from compliance.requests.tables import Outcome, Role, request
from compliance.review import asks, bridges, reviews, score
from compliance.review.kpis import Kpi, Measured, Rests, Unknown, kpis, require_known
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.sources.freshness import (
    FORM,
    OF_ACCESS,
    OF_MAILINGS,
    Freshness,
    stale_of,
    stale_of_persons,
    stale_sources,
)
from compliance.suppression import sightings
from compliance.suppression.sightings import Returns
from compliance.words.deadlines import (
    PERIOD_DAYS,
    backup_gone_on,
    first_instant,
    former_role_before,
    local_date,
    redirect_due_on,
    since,
)
from compliance.words.policy import Parameters
from compliance.words.remembered import Remembered
from compliance.words.vocabulary import Category, Status

_REMEMBERED = 8
_known: Remembered[Mapping[str, Measured]] = Remembered(_REMEMBERED)
_WEEK = 7
# A value, or the value with its parts; None where there is nothing to measure, or why it is not known.
_Found = float | None | Unknown | tuple[float, Mapping[str, float]]
_MISSING = {controls.Missing.NOT_TOLD: Unknown.NOT_MEASURED, controls.Missing.OLD: Unknown.STALE}


def measure(at: At, reading: Reading, fresh: Sequence[Freshness], rooms: Rooms | None = None) -> dict[str, Measured]:
    """Every figure on the reading's day, by its code; one that rests on a source which is too old is unknown. By
    `rooms`, where the caller has asked for them already.

    Raises what compliance.review.kpis.require_known does.
    """
    require_known(at.parameters)
    if rooms is None:
        rooms = gather.rooms(at, reading)
    here = rooms.of_copy
    assert here is not None
    told = _told(rooms, reading.as_of)
    found: dict[str, _Found] = {
        **_of_copy(reading, at.parameters),
        **_of_change(at, reading),
        **_of_requests(at.register, reading.as_of, at.parameters),
        **of_corrections(at, reading.as_of),
        **_of_purges(at.register, reading.as_of, controls.with_told(at.parameters, told, reading.as_of)),
        **_of_returns(at.register, reading.as_of),
        **_of_holds(at.register, reading),
        **of_incidents(at, reading.as_of),
        **of_findings(at, reading, rooms),
        **of_cookies(at, rooms.cookies, reading.as_of),
        **_of_notices(rooms, here),
        **of_access(here),
        **_of_mailings(here, at.parameters),
        **_of_opt_outs(here.marks, reading.as_of),
        **_of_figures_told(here, told, at.parameters),
        "stale_sources": len(stale_sources(fresh)),
    }
    stale = stale_sources(fresh)
    is_stale = {
        Rests.COPY: bool(stale_of_persons(fresh)),
        Rests.FORM: FORM in stale,
        Rests.ACCESS: bool(stale_of(fresh, OF_ACCESS)),
        Rests.MAILINGS: bool(stale_of(fresh, OF_MAILINGS)),
        Rests.REGISTER: False,
    }
    parts = {
        code: _measured(kpi, found[code], stale=is_stale[kpi.rests_on]) for code, kpi in kpis().items() if code in found
    }
    return _score(parts, at.parameters)


def remembered(at: At, reading: Reading, fresh: Sequence[Freshness]) -> Mapping[str, Measured]:
    """What `measure` says, asked anew only once something has happened that can change it: what changes the register
    is a line of the ledger, and what changes the copy, its day or its rules makes another reading. The hours of an
    incident run out by themselves.
    """
    with at.register.connect() as connection:
        head = ledger.last_change(connection)
    hours = tuple(of_incidents(at, reading.as_of).items())
    asked = (at.register, reading.key, head, stale_sources(fresh), hours, at.parameters.as_json)
    return _known.of(asked, lambda: measure(at, reading, fresh))


def _score(figures: Mapping[str, Measured], parameters: Parameters) -> dict[str, Measured]:
    """All figures, with the one that is made of the others."""
    whole = {**figures, score.CODE: score.score(figures, parameters).measured}
    return {code: whole[code] for code in kpis()}


def _measured(kpi: Kpi, found: _Found, *, stale: bool) -> Measured:
    if stale:
        return Measured(None, Unknown.STALE)
    if found is None:
        return Measured(None, Unknown.NOTHING)
    if isinstance(found, Unknown):
        return Measured(None, found)
    value, cuts = found if isinstance(found, tuple) else (found, {})
    if bool(cuts) and kpi.cut is None:
        raise ValueError(f"{kpi.code} is told in parts that its definition does not know")
    return Measured(value, None, cuts)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _middle(values: Sequence[float], share: float = 0.5) -> float | None:
    """The value that so large a share of all is at most (nearest rank); of two in the middle, what lies between."""
    if not values:
        return None
    ordered = sorted(values)
    if share == 0.5:
        half = len(ordered) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return ordered[math.ceil(share * len(ordered)) - 1]


def _of_copy(reading: Reading, parameters: Parameters) -> dict[str, _Found]:
    counted = reading.one(asks.WEEKLY)
    stored = {row.value: row.persons for row in reading.rows(asks.STORED_BY, cut="category")}
    entries = {
        f"{row.category}/{row.status}": row.bases
        for row in reading.rows(reading_asks.STATUS_COUNTS)
        if row.status != Status.PURGED
    }
    late = {
        f"{row.category}/{row.age}": row.bases
        for row in reading.rows(asks.OVERDUE_BY_AGE, category=None, source=None, owner=None)
    }
    causes = {row.reason: row for row in reading.rows(asks.UNDETERMINED_BY_CAUSE)}
    undetermined = sum(row.bases for row in causes.values())
    filled = minimisation.filled(reading)
    former = entry_binds({}, named=False, former_before=former_role_before(reading.as_of, parameters))
    return {
        "persons": (counted.persons, stored),
        "entries": (counted.bases, entries),
        "overdue": (counted.overdue, late),
        "overdue_persons": counted.overdue_persons,
        "oldest_overdue": counted.oldest_days or 0,
        "in_order": counted.in_order,
        "in_order_share": _share(counted.in_order, counted.persons),
        "due_30": counted.due_30,
        "due_90": counted.due_90,
        "unclassified": sum(n for cut, n in entries.items() if cut.startswith(f"{Category.UNCLASSIFIED}/")),
        "undetermined": (undetermined, {reason: row.bases for reason, row in causes.items()}),
        "undetermined_past": sum(row.past_provisional for row in causes.values()),
        "undetermined_share": _share(undetermined, counted.bases),
        "findings": (len(filled), _filled(filled)),
        "findings_critical": sum(one.critical for one in filled),
        "former_role": reading.one(show_asks.ENTRIES_COUNT, **former).bases,
    }


def _filled(columns: Iterable[Filled]) -> dict[str, float]:
    """How many cells are filled that should not be, by finding; without the source's own word for the column."""
    found: dict[str, float] = {}
    for one in columns:
        found[one.cut] = found.get(one.cut, 0) + one.filled
    return found


def _of_change(at: At, reading: Reading) -> dict[str, _Found]:
    """The bridge from the last review, or from a week ago: what it leaves over, and as its parts all that it tells."""
    before = reviews.start(at.register, reviews.signed(at.register), reading.as_of)
    bridge = None if before is None else bridges.between(at, reading, before)
    return {
        "bridge_unexplained": None if bridge is None else (bridge.unexplained, bridges.written(bridge, reading.as_of))
    }


def _of_purges(register: sa.Engine, as_of: dt.date, parameters: Parameters) -> dict[str, _Found]:
    batch, lag = purge_tables.batch, purge_tables.batch_lag
    with register.connect() as connection:
        batches = [
            row
            for row in connection.execute(
                sa.select(
                    batch.c.batch_id, batch.c.state, batch.c.kind, batch.c.executed_at, batch.c.deleted, batch.c.held,
                    batch.c.changed, batch.c.failed,
                ).where(batch.c.state.in_(EXECUTED), batch.c.executed_at.is_not(None))
            )
            if local_date(row.executed_at) <= as_of
        ]  # fmt: skip
        recent = [row for row in batches if belongs(row, Purges.RECENT, as_of, parameters)]
        last = connection.execute(
            sa.select(lag.c.category, sa.func.max(batch.c.executed_at).label("executed_at"))
            .join(batch, batch.c.batch_id == lag.c.batch_id)
            .where(batch.c.batch_id.in_([row.batch_id for row in batches]))
            .group_by(lag.c.category)
        ).all()
    lags = [
        (one.days, one.entries)
        for one in purge_batches.lags(register, [row.batch_id for row in recent])
        if one.days is not None
    ]
    deleted, failed = (sum(getattr(row, name) or 0 for row in recent) for name in ("deleted", "failed"))
    quiet = {row.category: (as_of - local_date(row.executed_at)).days for row in last}
    tail = [
        (row.deleted, backup_gone_on(local_date(row.executed_at), parameters))
        for row in batches
        if belongs(row, Purges.IN_BACKUPS, as_of, parameters)
    ]
    return {
        "purged": deleted,
        "purge_failed": _share(failed, deleted + failed),
        "purge_skipped": sum((row.held or 0) + (row.changed or 0) for row in recent),
        "unverified": sum(belongs(row, Purges.UNVERIFIED, as_of, parameters) for row in batches),
        "resurfaced": sum(belongs(row, Purges.RESURFACED, as_of, parameters) for row in batches),
        "purge_lag": _weighted_middle(lags),
        "purge_lag_most": max((days for days, _ in lags), default=None),
        "purge_quiet": (min(quiet.values()), quiet) if quiet else None,
        "backup_tail": sum(entries for entries, _ in tail),
        "backup_tail_days": max(((gone - as_of).days for _, gone in tail), default=0),
    }


def of_corrections(at: At, as_of: dt.date) -> dict[str, float | None]:
    """The figures of what sources are to correct, as they stood on a day."""
    with at.register.connect() as connection:
        due = {one.request_id: one.due_on for one in period.own(connection, as_of, at.parameters)}
    return correction_figures.figures(at.register, as_of, at.parameters, due)


def of_incidents(at: At, as_of: dt.date) -> dict[str, float | None]:
    """The figures of incidents as they were known on a day: by what had been recorded then, and on the day itself by
    the clock of this moment.
    """
    until = min(at.now, first_instant(dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())))
    return incident_figures.figures(incidents.as_known(incidents.every(at.register), until), at.parameters, until)


def of_findings(at: At, reading: Reading, rooms: Rooms) -> dict[str, _Found]:
    """The figures of what every room finds."""
    return dict(findings_state.figures(gather.standing(at, reading, rooms), reading.as_of))


def of_cookies(at: At, known: cookies.Known, as_of: dt.date) -> dict[str, float | None]:
    """The figures of cookies as they were known on a day: by the scans that had been taken in then."""
    until = min(at.now, first_instant(dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())))
    return cookie_figures.figures(cookies.as_known(known, until), at.policy, at.parameters, until)


def _of_notices(rooms: Rooms, here: OfCopy) -> dict[str, _Found]:
    as_of = here.reading.as_of
    until = first_instant(dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time()))
    found = notices.groups(notices.as_known(rooms.notices, until), here.prospects, as_of, PERIOD_DAYS)
    return {**notices.figures(found, as_of)}


def of_access(here: OfCopy) -> dict[str, float | None]:
    """The figures of grants to customers' environments, and of those."""
    return environment_figures.figures(here.access)


def _of_mailings(here: OfCopy, parameters: Parameters) -> dict[str, _Found]:
    return {**mailings.figures(here.mailed, parameters)}


def _told(rooms: Rooms, as_of: dt.date) -> controls.Known:
    """What the register of roles and controls knew on a day."""
    return controls.as_known(
        rooms.controls, first_instant(dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time()))
    )


def _of_figures_told(here: OfCopy, told: controls.Known, parameters: Parameters) -> dict[str, _Found]:
    """The figures that only the product's teams know."""
    places = [one.environment_key for one in here.access.open_environments]
    found = controls.figures(told, parameters, here.reading.as_of, places)
    return {code: _MISSING[one] if isinstance(one, controls.Missing) else one for code, one in found.items()}


def _weighted_middle(counted: Iterable[tuple[int, int]]) -> float | None:
    """The median of values that each stand for so many."""
    ordered = sorted(counted)
    many = sum(count for _, count in ordered)
    if not many:
        return None
    found: list[int] = []
    for place in ((many + 1) // 2, (many + 2) // 2):
        passed = 0
        for value, count in ordered:
            passed += count
            if passed >= place:
                found.append(value)
                break
    return sum(found) / 2


def _of_requests(register: sa.Engine, as_of: dt.date, parameters: Parameters) -> dict[str, _Found]:
    with register.connect() as connection:
        own = period.own(connection, as_of, parameters)
        passed_on = [
            dict(row)
            for row in connection.execute(
                sa.select(request).where(request.c.received_on <= as_of, request.c.role == Role.PROCESSOR)
            ).mappings()
        ]
        erasures = _erasures(connection, as_of)
    open_ = [one for one in own if one.closed_on is None]
    answering = [one for one in open_ if not one.is_paused]
    came_in, closed, due = (period.among(own, over, as_of) for over in (Over.RECEIVED, Over.CLOSED, Over.DUE))
    settled = [one for one in closed if one.outcome != Outcome.WITHDRAWN]
    to_pass_on = [
        row
        for row in passed_on
        if since(as_of) < (due_on := redirect_due_on(row["received_on"], parameters)) <= as_of
        and (due_on < as_of or row["forwarded_on"] is not None)
    ]
    soon = as_of + dt.timedelta(days=_WEEK)
    whole = [one for one in erasures if one[1]]
    waiting = [(as_of - day).days for day, complete in erasures if not complete]
    return {
        "open_requests": len(open_),
        "requests_in": len(came_in),
        "requests_closed": len(closed),
        "on_time": _share(sum(one.in_time for one in due), len(due)),
        "overdue_requests": sum(one.is_late for one in open_),
        "oldest_request": max(((as_of - one.received_on).days for one in open_), default=0),
        "days_to_close": _middle([one.days for one in settled]),
        "days_to_close_p95": _middle([one.days for one in settled], 0.95),
        "days_to_close_net": _middle([one.days - one.pause_days for one in settled]),
        "extended": _share(sum(one.is_extended for one in came_in), len(came_in)),
        "extended_invalid": sum(one.was_announced and not one.is_extended for one in open_),
        "requests_due": sum(as_of <= one.due_on <= soon for one in answering),
        "refused": _share(sum(one.outcome in (Outcome.REFUSED, Outcome.PARTIAL) for one in closed), len(closed)),
        "redirected": sum(row["received_on"] > since(as_of) for row in passed_on),
        "redirected_on_time": _share(
            sum(_in_time(row["forwarded_on"], redirect_due_on(row["received_on"], parameters)) for row in to_pass_on),
            len(to_pass_on),
        ),
        "erasure_complete": _share(len(whole), len(erasures)),
        "erasure_oldest": max(waiting, default=0),
    }


def _in_time(done_on: dt.date | None, due_on: dt.date) -> bool:
    return done_on is not None and done_on <= due_on


def _erasures(connection: sa.Connection, as_of: dt.date) -> list[tuple[dt.date, bool]]:
    """When each request was answered by a purge, and whether every source has shown that its person is gone."""
    batch, answered = purge_tables.batch, purge_tables.batch_request
    rows = connection.execute(
        sa.select(batch.c.executed_at, batch.c.state)
        .join(answered, answered.c.batch_id == batch.c.batch_id)
        .where(batch.c.state.in_(EXECUTED), batch.c.executed_at.is_not(None))
    )
    told = [(local_date(row.executed_at), row.state == State.VERIFIED) for row in rows]
    return [one for one in told if one[0] <= as_of]


def _of_returns(register: sa.Engine, as_of: dt.date) -> dict[str, _Found]:
    seen = sightings.sightings(register)
    lately: dict[str, float] = {}
    for one in seen:
        if sightings.belongs(one, Returns.WEEK, as_of):
            lately[one.source] = lately.get(one.source, 0) + one.rows
    waiting = sum(one.rows for one in seen if sightings.belongs(one, Returns.WAITING, as_of))
    return {"reappeared": (sum(lately.values()), lately), "reappeared_open": waiting}


def _of_opt_outs(marks: Sequence[MarkRow], as_of: dt.date) -> dict[str, _Found]:
    lately = [
        one
        for one in marks
        if one.entry.kind == MarkKind.OPTED_OUT and since(as_of) < local_date(one.entry.placed_at) <= as_of
    ]
    return {
        "opt_out_latency": max((one.days_to_effect for one in lately), default=None),
        "opt_outs_late": sum(one.is_late for one in lately),
    }


def _of_holds(register: sa.Engine, reading: Reading) -> dict[str, _Found]:
    found = listing.summary(register, reading, reading.as_of)
    return {
        "holds_active": found.active,
        "holds_late": found.past_review,
        "holds_without_owner": found.without_owner,
        "holds_lost": len(losses.waiting(register)),
        "held_past": found.total.past_ceiling if found.total else 0,
    }
