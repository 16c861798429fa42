"""What is left of what a request asks to be erased: what an erasure takes, what waits for a decision, and what stays by
the law or as it was decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from compliance.requests import steps
from compliance.requests.asks import RequestEntry
from compliance.requests.steps import Decided, Recorded
from compliance.requests.tables import Decision, Resumed, Why, request, request_step
from compliance.words.vocabulary import Category

_STAYS = (Decision.KEEP, Decision.REFUSE)


class Said(StrEnum):
    """What decisions say of a category's entries, of which they say that not all of them go.

    A purge reads the first two, as compliance.purge.tables.Stays: the others stay by a hold and a restriction, while
    these last.
    """

    KEPT = "kept"
    # Others were named for erasure, these were not.
    NOT_DECIDED = "not_decided"
    WHILE_HELD = "while_held"
    WHILE_RESTRICTED = "while_restricted"


@dataclass(frozen=True)
class Rest:
    """How many entries are left: `going` are what an erasure takes, `waiting` what it leaves without that anybody has
    decided so, `settled` what stays by the law or by a decision. `employment`: some wait as facts of an employment.
    """

    going: int = 0
    waiting: int = 0
    settled: int = 0
    employment: bool = False


def decisions(recorded: Iterable[Recorded]) -> tuple[Decided, ...]:
    """The decisions that count."""
    return tuple(one.facts for one in steps.effective(recorded) if isinstance(one.facts, Decided))


def said(decided: Sequence[Decided], as_of: dt.date) -> dict[Category, Said]:
    """What decisions say of each category on a day; nothing of those that an erasure takes. What is said of one
    category goes before what is said of all, and what is kept before what is erased, until its last day has passed.
    """
    stays = [one for one in decided if one.decision in _STAYS and (one.until_on is None or one.until_on >= as_of)]
    erased = {one.category for one in decided if one.decision is Decision.ERASE}
    is_restricted = any(one.decision is Decision.RESTRICT for one in decided)
    found = {}
    for category in Category:
        kept = [one for one in stays if one.category is category]
        if not kept and category not in erased:
            kept = [one for one in stays if one.category is None]
        if kept:
            found[category] = Said.KEPT if any(one.why is not Why.HOLD for one in kept) else Said.WHILE_HELD
        elif is_restricted and category not in erased:
            found[category] = Said.WHILE_RESTRICTED
        elif erased and not erased & {category, None}:
            found[category] = Said.NOT_DECIDED
    return found


def rest(decided: Sequence[Decided], entries: Iterable[RequestEntry], as_of: dt.date) -> Rest:
    """What is left of entries on a day, by what was decided."""
    told = said(decided, as_of)
    going = waiting = settled = 0
    employment = False
    for one in entries:
        word = told.get(Category(one.category))
        if _is_settled(one, word):
            settled += one.bases
        elif one.held or one.restricted or one.needed or word is Said.NOT_DECIDED:
            waiting += one.bases
            employment |= one.needed
        else:
            going += one.bases
    return Rest(going, waiting, settled, employment)


def kept_by_law(decided: Sequence[Decided], entries: Iterable[RequestEntry], as_of: dt.date) -> list[Decided]:
    """What the law keeps of entries without that anybody has decided so, as a decision of each category would say it,
    until the last day of the last of them.
    """
    told, until = said(decided, as_of), dict[Category, dt.date]()
    for one in entries:
        category = Category(one.category)
        if one.statutory_until is not None and not one.held and told.get(category) is not Said.KEPT:
            until[category] = max(one.statutory_until, until.get(category, one.statutory_until))
    # The only years that a rule adds are those of bookkeeping law.
    return [
        Decided(decision=Decision.KEEP, category=category, why=Why.BOOKKEEPING, until_on=day)
        for category, day in until.items()
    ]


def kept_by_hold(decided: Sequence[Decided], entries: Iterable[RequestEntry], as_of: dt.date) -> list[Decided]:
    """What a hold keeps of entries without that anybody has decided so, as a decision of each category would say it."""
    told = said(decided, as_of)
    held = {Category(one.category) for one in entries if one.held} - told.keys()
    return [Decided(decision=Decision.KEEP, category=one, why=Why.HOLD) for one in Category if one in held]


@dataclass(frozen=True)
class Freed:
    """How many entries nothing keeps any more that decisions kept, what of that ended, and the last of the days until
    which they were kept, where days ended it.
    """

    bases: int
    why: Resumed
    until_on: dt.date | None


def freed(decided: Sequence[Decided], entries: Iterable[RequestEntry], as_of: dt.date) -> Freed | None:
    """What of entries was kept by decisions, and is kept on a day by neither them, a hold, a restriction nor the law;
    None where that is nothing. What no decision was about, as what came since, is not among it, nor what claims may
    need: that goes by the rules alone.
    """
    told, bases, ended = said(decided, as_of), 0, list[Decided]()
    for one in entries:
        category = Category(one.category)
        kept_by = [by for by in decided if by.category in (category, None) and steps.ends(by)]
        stays = one.held or one.restricted or one.needed or _is_settled(one, told.get(category))
        if kept_by and not stays:
            bases += one.bases
            ended += kept_by
    if not bases:
        return None
    days = [by.until_on for by in ended if by.until_on is not None and by.until_on < as_of]
    is_lifted = not any(by.why is Why.HOLD for by in ended)
    why = Resumed.KEEP_ENDED if days else Resumed.RESTRICTION_LIFTED if is_lifted else Resumed.HOLD_RELEASED
    return Freed(bases, why, max(days, default=None))


def lasts(decided: Sequence[Decided], entries: Iterable[RequestEntry]) -> bool:
    """Whether something of entries was kept by decisions that end, and is not what goes by the rules alone, whoever
    asked: what the law keeps, and what claims may need.
    """
    return any(
        by.category in (Category(one.category), None) and steps.ends(by)
        for one in entries
        if one.held or not (one.needed or one.statutory_until is not None)
        for by in decided
    )


def told_of(
    connection: sa.Connection, references: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Decided, ...]]:
    """What was decided of requests, by their source and reference."""
    numbers: dict[tuple[str, str], int] = {
        (source, reference): number
        for source, reference, number in connection.execute(
            sa.select(request.c.source, request.c.reference, request.c.request_id).where(
                sa.tuple_(request.c.source, request.c.reference).in_(references)
            )
        )
    }
    told = steps.history(connection, request_step.c.request_id.in_(numbers.values()))
    return {reference: decisions(told.get(number, ())) for reference, number in numbers.items()}


def stays(
    connection: sa.Connection, references: Sequence[tuple[str, str]], as_of: dt.date
) -> tuple[tuple[str, str, str, str], ...]:
    """What a purge that answers requests leaves where it is, as it was decided on a day: (source, reference, category,
    why), in one order.
    """
    return tuple(
        sorted(
            (*reference, category.value, word.value)
            for reference, decided in told_of(connection, references).items()
            for category, word in said(decided, as_of).items()
            if word in (Said.KEPT, Said.NOT_DECIDED)
        )
    )


def of_each(entries: Iterable[RequestEntry]) -> Mapping[tuple[str, str], list[RequestEntry]]:
    """Entries by the request that they are of."""
    found: dict[tuple[str, str], list[RequestEntry]] = {}
    for one in entries:
        found.setdefault((one.source, one.reference), []).append(one)
    return found


def _is_settled(one: RequestEntry, word: Said | None) -> bool:
    return (
        word is Said.KEPT
        or (word is Said.WHILE_HELD and one.held)
        or (word is Said.WHILE_RESTRICTED and one.restricted)
        # What a hold keeps may go one day before the law lets it.
        or (one.statutory_until is not None and not one.held)
    )
