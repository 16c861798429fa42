"""Keeps the figures of the day, and signs the review of the week."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access import Actor
from compliance.access.at import At
from compliance.bridge import verbs as starts
from compliance.bridge.tables import Place
from compliance.findings import gather
from compliance.findings import verbs as findings
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.review import bridges, measures, reviews, snapshots
from compliance.review.kpis import Measured
from compliance.review.tables import Occasion, review, snapshot
from compliance.sources.freshness import freshness
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

NOTE_CHARACTERS = 1000
# From a Sunday to the Monday before.
_DAYS = dt.timedelta(days=6)


def keep(at: At, reading: Reading, occasion: Occasion) -> int:
    """Measures every figure and keeps it; returns the snapshot's number. Nothing changes a snapshot that is kept."""
    figures = _measured(at, reading)
    found = bridges.places(at.settings, reading)
    with writing(at.register) as connection:
        number = _enter(connection, at, reading, occasion, figures, found)
        _tell(connection, at, reading, number, occasion)
    return number


@dataclass(frozen=True)
class Invented:
    """A day of the demo company's past that was never measured; `happened` is what the ledger's line tells besides."""

    as_of: dt.date
    made_at: dt.datetime
    policy_digest: str
    figures: Mapping[str, Measured]
    happened: Mapping[str, ledger.Detail]


def enter_invented(at: At, reading: Reading, past: Sequence[Invented]) -> None:
    """Keeps figures of the demo company's invented past, each told as such by its line. No bridge starts there.

    Raises Refused `demo_not_here` where the installation is not a demo.
    """
    if at.settings.login != "demo":
        raise Refused("demo_not_here")
    with writing(at.register) as connection:
        for one in past:
            number = _insert(
                connection,
                as_of=one.as_of,
                build_id=reading.build,
                made_at=one.made_at,
                occasion=Occasion.NIGHT,
                policy_digest=one.policy_digest,
                figures=snapshots.written(one.figures),
            )
            _tell(connection, at, reading, number, Occasion.NIGHT, {"invented": True, **one.happened})


def ensure_snapshot(at: At, reading: Reading) -> None:
    """Keeps the day's figures unless this build's are kept already."""
    kept = (
        sa.select(snapshot.c.snapshot_id)
        .where(snapshot.c.as_of == reading.as_of, snapshot.c.build_id == reading.build)
        .limit(1)
    )
    with at.register.connect() as connection:
        if connection.execute(kept).first() is not None:
            return
    keep(at, reading, Occasion.BUILD)


def _enter(
    connection: sa.Connection,
    at: At,
    reading: Reading,
    occasion: Occasion,
    figures: str,
    found: Mapping[Place, Sequence[str]],
) -> int:
    number = _insert(
        connection,
        as_of=reading.as_of,
        build_id=reading.build,
        made_at=at.now,
        occasion=occasion,
        policy_digest=at.policy.digest,
        figures=figures,
    )
    starts.enter(connection, number, found)
    starts.keep_only(connection, bridges.wanted(connection, reading.as_of))
    return number


def _insert(connection: sa.Connection, **values: object) -> int:
    entered = connection.execute(sa.insert(snapshot).values(**values)).inserted_primary_key
    assert entered is not None
    return int(entered[0])


def _tell(
    connection: sa.Connection,
    at: At,
    reading: Reading,
    number: int,
    occasion: Occasion,
    more: Mapping[str, ledger.Detail] | None = None,
) -> None:
    ledger.append(
        connection,
        ledger.Event.FIGURES_KEPT,
        author=None,
        now=at.now,
        build=reading.build,
        details={"snapshot": number, "occasion": occasion.value, **(more or {})},
    )


def sign(at: At, reading: Reading, note: str) -> int:
    """Signs the review of the reading's week and returns its number: the figures of this moment with the number of
    their snapshot, the note and what was decided since the review before are one line of the ledger, and the next
    week's bridge starts here.

    Raises Refused `not_allowed`, `review_signed` where the week is signed already, `review_note_personal` for a note
    with what may be an address or a number of somebody's, and `review_note_long`.
    """
    actor = at.require(Permission.SIGN_REVIEW)
    told = _checked(note)
    week = reviews.week_of(reading.as_of)
    figures, found = _measured(at, reading), bridges.places(at.settings, reading)
    before = reviews.signed(at.register)
    with writing(at.register) as connection:
        _refuse_signed(connection, week)
        number = _enter(connection, at, reading, Occasion.SIGNED, figures, found)
        decided = reviews.decided(connection, reviews.since(before, at.now), at.now)
        return _sign(connection, at, actor, week, reading, number, told, decided)


def sign_late(at: At, reading: Reading, week: str, note: str) -> int:
    """Signs a week that was missed, as such, and returns the review's number. Its figures are the last that were kept
    in that week, where any were; the bridge goes on from the review that was signed in time.

    Raises Refused as `sign`, and `review_not_missed` where the week is none that was missed.
    """
    actor = at.require(Permission.SIGN_REVIEW)
    told = _checked(note)
    before = reviews.signed(at.register)
    if week not in reviews.missed(before, reading.as_of):
        raise Refused("review_not_missed", week=week)
    sunday = reviews.last_day(week)
    kept = [one for one in snapshots.history(at.register, sunday - _DAYS, sunday) if one.number is not None]
    with writing(at.register) as connection:
        _refuse_signed(connection, week)
        number = kept[-1].number if kept else None
        return _sign(connection, at, actor, week, reading, number, told, {}, as_of=kept[-1].as_of if kept else sunday)


def countersign(at: At, review_id: int) -> None:
    """Says, as a second reader, that a review was read.

    Raises Refused `not_allowed`, `review_unknown`, `review_own` for whoever signed it, and `review_countersigned`.
    """
    actor = at.require(Permission.COUNTERSIGN_REVIEW)
    with writing(at.register) as connection:
        found = connection.execute(sa.select(review).where(review.c.review_id == review_id)).one_or_none()
        if found is None:
            raise Refused("review_unknown")
        if found.signed_by == actor.pseudonym:
            raise Refused("review_own", week=found.week)
        if found.countersigned_by is not None:
            raise Refused("review_countersigned", week=found.week)
        connection.execute(
            sa.update(review)
            .where(review.c.review_id == review_id)
            .values(
                countersigned_by=actor.pseudonym, countersigned_role=actor.role.value, countersigned_at=at.now,
            )
        )  # fmt: skip
        ledger.append(
            connection, ledger.Event.REVIEW_COUNTERSIGNED, author=at.author, now=at.now, details={"week": found.week}
        )


def _checked(note: str) -> str:
    told = note.strip()
    if len(told) > NOTE_CHARACTERS:
        raise Refused("review_note_long", characters=len(told), most=NOTE_CHARACTERS)
    if ledger.looks_personal(told):
        raise Refused("review_note_personal")
    return told


def _refuse_signed(connection: sa.Connection, week: str) -> None:
    if connection.execute(sa.select(review.c.review_id).where(review.c.week == week)).first() is not None:
        raise Refused("review_signed", week=week)


def _sign(
    connection: sa.Connection,
    at: At,
    actor: Actor,
    week: str,
    reading: Reading,
    number: int | None,
    note: str,
    decided: Mapping[str, int],
    *,
    as_of: dt.date | None = None,
) -> int:
    """Enters a review, in the caller's transaction; `as_of` is the day of one that is late."""
    entered = connection.execute(
        sa.insert(review).values(
            week=week,
            as_of=as_of or reading.as_of,
            snapshot_id=number,
            is_late=as_of is not None,
            note=note,
            decided=json.dumps(decided, sort_keys=True),
            signed_by=actor.pseudonym,
            signed_role=actor.role.value,
            signed_at=at.now,
        )
    ).inserted_primary_key
    assert entered is not None
    ledger.append(
        connection,
        ledger.Event.REVIEW_SIGNED,
        author=at.author,
        now=at.now,
        build=reading.build,
        details={
            "week": week,
            "late": as_of is not None,
            "snapshot": number,
            "note": note,
            "decided": ";".join(f"{event}={count}" for event, count in decided.items()),
        },
    )
    return int(entered[0])


def _measured(at: At, reading: Reading) -> str:
    # What is found is kept first: from when on it is so is one of the figures' days.
    rooms = gather.rooms(at, reading)
    findings.look(at, gather.judged(at, reading, rooms), reading.build)
    fresh = freshness(at.settings, reading, at.now, "en")
    return snapshots.written(measures.measure(at, reading, fresh, rooms))
