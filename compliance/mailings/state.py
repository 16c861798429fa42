"""What was sent that should not have been, which opt-outs took too long, who hears nothing, what lists are for."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from compliance import ledger
from compliance.mailings import asks
from compliance.marks.listing import MarkRow
from compliance.marks.tables import Kind as MarkKind
from compliance.reading.copy import Reading
from compliance.words.deadlines import add_months, add_working_days, local_date
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Parameters, Policy
from compliance.words.vocabulary import Category

PAGE = "mailings/mailings"


class Why(StrEnum):
    """Why somebody may not be mailed. Texts: `mailing_why.<value>`."""

    OPTED_OUT = "opted_out"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    HELD = "held"
    ERASED = "erased"


class Use(StrEnum):
    """What a mailing or a list is for: the three that the policy names, or another. Texts: `mailing_use.<value>`."""

    MAILING = "mailing"
    SELECTION = "selection"
    ANALYSIS = "analysis"
    OTHER = "other"


class Code(StrEnum):
    """What can be found. Texts: `finding_name.<value>`, `finding_told.<value>`."""

    AFTER_OPT_OUT = "mailing_after_opt_out"
    TO_UNWANTED = "mailing_to_unwanted"
    OPT_OUT_LATE = "mailing_opt_out_late"
    OTHER_USE = "mailing_other_use"
    UNMAILED = "mailing_unmailed"
    NO_USE = "mailing_no_use"
    UNREAD = "mailing_unread"
    NONE_TAKEN_IN = "mailing_none_taken_in"


_SEVERITY = {
    Code.AFTER_OPT_OUT: Severity.CRITICAL,
    Code.TO_UNWANTED: Severity.CRITICAL,
    Code.OPT_OUT_LATE: Severity.MAJOR,
    Code.OTHER_USE: Severity.MAJOR,
    Code.UNMAILED: Severity.MINOR,
    Code.NO_USE: Severity.MINOR,
    Code.UNREAD: Severity.MINOR,
    Code.NONE_TAKEN_IN: Severity.MINOR,
}
_MARKS = {
    MarkKind.OPTED_OUT: Why.OPTED_OUT,
    MarkKind.OBJECTED: Why.OBJECTED,
    MarkKind.RESTRICTED: Why.RESTRICTED,
}


@dataclass(frozen=True)
class Wrong:
    """What was sent of one mailing against one word: how much, and on which days first and last."""

    source: str
    mailing_key: str
    why: Why
    sends: int
    first_on: dt.date
    last_on: dt.date


@dataclass(frozen=True)
class Mailed:
    """All that is known of mailings on a day, of what was sent after `since`. `is_known`: something was taken in that
    says what was sent, whenever that was.
    """

    is_known: bool
    sent: tuple[asks.Sent, ...]
    wrong: tuple[Wrong, ...]
    opt_outs: tuple[asks.OptOuts, ...]
    unmailed: tuple[asks.Unmailed, ...]
    since: dt.date
    as_of: dt.date


def mailed(reading: Reading, marks: Sequence[MarkRow], parameters: Parameters) -> Mailed:
    """What is known on the reading's day, of the months within which everybody is to hear from us."""
    since = add_months(reading.as_of, -parameters.mailing_months)
    binds = {"since": since, "as_of": reading.as_of}
    is_known = reading.one(asks.MAILINGS_KNOWN).is_known
    return Mailed(
        is_known,
        tuple(reading.rows(asks.MAILINGS_SENT, **binds)),
        tuple(wrong(reading.rows(asks.SENDS_AGAINST, **binds), marks)) if is_known else (),
        tuple(reading.rows(asks.OPT_OUTS_TOLD)),
        tuple(reading.rows(asks.UNMAILED, **binds)) if is_known else (),
        since,
        reading.as_of,
    )


def wrong(rows: Iterable[asks.Against], marks: Sequence[MarkRow]) -> list[Wrong]:
    """What was sent against which word. On the day itself nobody can tell what came first, so it counts from the next:
    of an opt-out from when it was asked for, of a restriction and an objection from when it was placed.
    """
    on: dict[str, list[MarkRow]] = {}
    for one in marks:
        for person in one.persons:
            on.setdefault(person, []).append(one)
    found: dict[tuple[str, str, Why], list[dt.date]] = {}
    for row in rows:
        for why in sorted(_against(row, on), key=list(Why).index):
            found.setdefault((row.source, row.mailing_key or "", why), []).append(row.sent_on)
    return [
        Wrong(source, key, why, len(days), min(days), max(days)) for (source, key, why), days in sorted(found.items())
    ]


def _against(row: asks.Against, on: Mapping[str, Sequence[MarkRow]]) -> set[Why]:
    found: set[Why] = set()
    for why, day in (
        (Why.OPTED_OUT, row.opted_out_on), (Why.HELD, row.held_since), (Why.ERASED, row.erased_on)
    ):  # fmt: skip
        if day is not None and day < row.sent_on:
            found.add(why)
    for person in (row.marked_persons or "").split(","):
        for one in on.get(person, ()):
            kind, entry = MarkKind(one.entry.kind), one.entry
            begins = entry.received_on if kind is MarkKind.OPTED_OUT else local_date(entry.placed_at)
            ended = None if entry.ended_at is None else local_date(entry.ended_at)
            if begins < row.sent_on and (ended is None or row.sent_on < ended):
                found.add(_MARKS[kind])
    return found


def is_late(row: asks.OptOuts, parameters: Parameters, as_of: dt.date) -> bool:
    """Whether opt-outs act later than they may, or do not act yet and should."""
    if row.received_on is None:
        return False
    latest = add_working_days(row.received_on, parameters.optout_working_days, eves=parameters.eves_as_holidays)
    return (row.effective_on or as_of) > latest


def days_to_effect(row: asks.OptOuts) -> int | None:
    """Days from when it was asked for until it acted; None where the tool does not say both."""
    if row.received_on is None or row.effective_on is None:
        return None
    return max((row.effective_on - row.received_on).days, 0)


def judged(found: Mailed | None, policy: Policy, parameters: Parameters) -> Judged:
    """What is not as the policy and the law have it, by mailing; None where there is no copy."""
    if found is None:
        return Judged((), frozenset(Code))
    rule = policy.rules.get(Category.CUSTOMER_CONTACT)
    owner = None if rule is None else rule.owner
    rows: dict[tuple[str, str], Finding] = {}
    unjudged = set() if found.opt_outs else {Code.OPT_OUT_LATE}
    for code, thing, since, told in _all(found, parameters):
        one = Finding(code, thing, _SEVERITY[code], PAGE, since, owner, {}, told)
        before = rows.get(one.known_as)
        rows[one.known_as] = one if before is None else _together(before, one)
    if not found.is_known:
        unjudged |= set(Code) - {Code.NONE_TAKEN_IN, Code.OPT_OUT_LATE}
    return Judged(tuple(rows.values()), frozenset(unjudged))


# What is found: its code, of what, since when, and what fills its words.
_Told = tuple[Code, str, dt.date | None, dict[str, str | int | dt.date]]
# What is summed where several are one thing.
_COUNTS = ("sends", "rows")


def _together(one: Finding, other: Finding) -> Finding:
    """Mailings of one source that are not told apart by name are one thing."""
    counts = {name: int(str(one.told[name])) + int(str(other.told[name])) for name in _COUNTS if name in one.told}
    since = min((day for day in (one.since, other.since) if day), default=None)
    return dataclasses.replace(one, since=since, told={**one.told, **counts})


def _all(found: Mailed, parameters: Parameters) -> Iterator[_Told]:
    # Opt-outs are told by an export of their own, which may be there without any of what was sent.
    yield from _of_opt_outs(found, parameters)
    if not found.is_known:
        yield Code.NONE_TAKEN_IN, "–", None, {}
        return
    for one in found.wrong:
        code = Code.AFTER_OPT_OUT if one.why is Why.OPTED_OUT else Code.TO_UNWANTED
        thing, called = _called(one.mailing_key, one.source)
        told: dict[str, str | int | dt.date] = {"mailing": called, "sends": one.sends, "mailing_why": one.why.value}
        yield code, f"{thing} ({one.why})", one.first_on, told
    yield from _of_lists(found)
    for row in found.unmailed:
        if row.not_reached:
            yield Code.UNMAILED, row.category, None, {
                "category": row.category, "persons": row.not_reached, "months": parameters.mailing_months,
            }  # fmt: skip


def _of_opt_outs(found: Mailed, parameters: Parameters) -> Iterator[_Told]:
    late: dict[str, list[asks.OptOuts]] = {}
    for row in found.opt_outs:
        if is_late(row, parameters, found.as_of):
            late.setdefault(row.source, []).append(row)
    for source, rows in sorted(late.items()):
        asked = [(row.received_on, row.effective_on or found.as_of) for row in rows if row.received_on is not None]
        yield Code.OPT_OUT_LATE, source, min(day for day, _ in asked), {
            "source": source, "opt_outs": sum(row.opt_outs for row in rows),
            "days": max((until - day).days for day, until in asked), "most": parameters.optout_working_days,
        }  # fmt: skip


def _called(mailing_key: str | None, source: str) -> tuple[str, str]:
    """What a mailing is known by among all sources, and what it is called: by its source alone where its name is none
    or may be somebody's address or number, since findings are kept and extracted.
    """
    if not mailing_key or ledger.looks_personal(mailing_key):
        return source, source
    return f"{source}: {mailing_key}", mailing_key


def _of_lists(found: Mailed) -> Iterator[_Told]:
    for row in found.sent:
        thing, called = _called(row.mailing_key, row.source)
        if row.use == Use.OTHER:
            yield Code.OTHER_USE, thing, row.first_sent_on, {"mailing": called, "sends": row.sends}
        elif row.use is None:
            yield Code.NO_USE, thing, row.first_sent_on, {"mailing": called, "sends": row.sends}
        if row.unread:
            yield Code.UNREAD, f"{thing} ({row.use or '–'})", None, {"mailing": called, "rows": row.unread}


def figures(found: Mailed, parameters: Parameters) -> dict[str, float | None]:
    """Every figure of compliance/review/kpis.toml that is of mailings; None where nothing says what was sent."""
    acted = [days for row in found.opt_outs if (days := days_to_effect(row)) is not None]
    told: dict[str, float | None] = {
        "sent_after_opt_out": sum(one.sends for one in found.wrong if one.why is Why.OPTED_OUT),
        "sent_to_unwanted": sum(one.sends for one in found.wrong if one.why is not Why.OPTED_OUT),
        "unmailed": sum(row.not_reached for row in found.unmailed),
        "mailings_other_use": len({(row.source, row.mailing_key) for row in found.sent if row.use == Use.OTHER}),
    }
    known = told if found.is_known else dict.fromkeys(told)
    late = sum(row.opt_outs for row in found.opt_outs if is_late(row, parameters, found.as_of))
    return {
        **known,
        "tool_opt_out_days": max(acted, default=None),
        "tool_opt_outs_late": late if found.opt_outs else None,
    }
