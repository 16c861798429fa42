"""What a step of a request does at once to whom it is from, in the transaction that records it: mailings end, what
rests on a legitimate interest does, and whoever is to be restricted is.

The marks are those of compliance.marks, with a ledger line each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from compliance.access.at import At
from compliance.marks import tables as marks_tables
from compliance.marks import verbs as marks
from compliance.reading.copy import Reading
from compliance.requests import record, steps
from compliance.requests.steps import Decided, Facts
from compliance.requests.tables import Decision, Kind, Step
from compliance.words.refusal import Refused


def take(
    connection: sa.Connection,
    at: At,
    reading: Reading | None,
    row: Mapping[str, Any],
    step: Step,
    facts: Facts,
    sure: Collection[str],
    *,
    in_doubt: bool,
) -> Step | None:
    """Does what a step says to the persons whom a request is surely from; returns the step that is done by that
    besides, if one is. `in_doubt`: there are others whom it may be from.

    Nobody is marked where there is no copy, and where nobody is found in it. Raises Refused `request_who_first` where
    somebody has to say first whom it is from, and what compliance.marks.verbs.place_in does.
    """
    objects = step is Step.EFFECTIVE or (steps.acts(facts) and steps.takes_effect_at_once(row["kind"]))
    if reading is None:
        return None
    if isinstance(facts, Decided) and facts.decision is Decision.RESTRICT:
        is_done = _place(connection, at, reading, sure, _restriction(row, facts), in_doubt=in_doubt)
        # What is erased is erased by the purge desk alone.
        return Step.EXECUTED if is_done and row["kind"] != Kind.ERASURE else None
    if objects and row["effect_on"] is None:
        _object(connection, at, reading, row, sure, in_doubt=in_doubt)
        return None if step is Step.EFFECTIVE else Step.EFFECTIVE
    return None


def follow(connection: sa.Connection, at: At, reading: Reading, row: Mapping[str, Any], person_id: str) -> None:
    """Does to a person what has taken effect before it was said that a request is from them, and records that it is
    done where nobody was there to do it to before. Raises as `take`.
    """
    number = row["request_id"]
    told = steps.effective(record.recorded(connection, number))
    wanted = [_restriction(row, one.facts) for one in told if isinstance(one.facts, Decided) and one.facts.ground]
    restricts = bool(wanted)
    # It is reviewed at once where the day that was meant has passed.
    tomorrow = at.today + dt.timedelta(days=1)
    wanted = [replace(one, review_on=max(one.review_on or tomorrow, tomorrow)) for one in wanted]
    if steps.takes_effect_at_once(row["kind"]) and row["effect_on"] is not None:
        wanted.append(_objection(row))
    for terms in wanted:
        with _unless_marked():
            marks.place_in(connection, at, reading, person_id, terms)
    if restricts and row["kind"] != Kind.ERASURE and not any(one.step is Step.EXECUTED for one in told):
        # Nobody was found when it was decided.
        record.enter(connection, number, Step.EXECUTED, at.today, steps.Executed(), author=at.author, now=at.now)


def _object(
    connection: sa.Connection,
    at: At,
    reading: Reading,
    row: Mapping[str, Any],
    sure: Collection[str],
    *,
    in_doubt: bool,
) -> None:
    terms = _objection(row)
    by_address = terms.kind is marks_tables.Kind.OPTED_OUT and bool(row["email"])
    _place(connection, at, reading, sure, terms, in_doubt=in_doubt and not by_address)
    if by_address:
        # Whoever it is from, surely or not, or is stored by another address: the mailing tool may have this one.
        with _unless_marked():
            marks.place_address_in(connection, at, row["email"], terms)


def _place(
    connection: sa.Connection,
    at: At,
    reading: Reading,
    sure: Collection[str],
    terms: marks.Terms,
    *,
    in_doubt: bool,
) -> bool:
    """Marks whom a request is surely from, in one order, and says whether there is anybody; who is marked already stays
    so.
    """
    if in_doubt and not sure:
        raise Refused("request_who_first")
    for person_id in sorted(sure):
        with _unless_marked():
            marks.place_in(connection, at, reading, person_id, terms)
    return bool(sure)


def _objection(row: Mapping[str, Any]) -> marks.Terms:
    is_to_mailings = row["kind"] == Kind.OPT_OUT
    kind = marks_tables.Kind.OPTED_OUT if is_to_mailings else marks_tables.Kind.OBJECTED
    return marks.Terms(kind, row["received_on"])


def _restriction(row: Mapping[str, Any], decided: Decided) -> marks.Terms:
    return marks.Terms(marks_tables.Kind.RESTRICTED, row["received_on"], decided.ground, decided.review_on)


@contextmanager
def _unless_marked() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        # What was given as an address may be none; that is no reason not to stop the mailings.
        if refused.code not in ("mark_twice", "mark_address_unreadable"):
            raise
