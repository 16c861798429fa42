"""What the register of roles and controls comes to: who holds an office, which measures are tested, which figures are
known, and what of it is not as it has to be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from compliance.controls import facts
from compliance.controls.facts import DECIDING, Figure, Held, Measure, Office, Result, Tested, Told, folded
from compliance.controls.tables import control_entry
from compliance.findings.tables import Owner
from compliance.register import entries
from compliance.register.entries import Entry, Facts
from compliance.words.deadlines import add_months
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Parameters
from compliance.words.refusal import Refused

PAGE = "controls/controls"
_DAY = dt.timedelta(days=1)
_MANDATORY = 3


class Code(StrEnum):
    """What can be found. Texts: `finding_name.<value>`, `finding_told.<value>`."""

    VACANT = "office_vacant"
    SAME_PERSON = "office_same_person"
    DECIDES = "office_decides"
    NO_OWNER = "measure_no_owner"
    UNTESTED = "measure_untested"
    OVERDUE = "measure_test_overdue"
    FAILED = "measure_test_failed"
    ORPHANS = "figure_orphan_files"
    MANDATORY = "figure_mandatory_fields"
    OPEN_PAGES = "figure_open_pages"
    OLD = "figure_old"


# What is about who holds an office: an alert on the weekly review as well.
OF_OFFICES = (Code.VACANT, Code.SAME_PERSON, Code.DECIDES)
_SEVERITY = {
    Code.VACANT: Severity.CRITICAL,
    Code.SAME_PERSON: Severity.CRITICAL,
    Code.DECIDES: Severity.CRITICAL,
    Code.NO_OWNER: Severity.MAJOR,
    Code.UNTESTED: Severity.MAJOR,
    Code.OVERDUE: Severity.MAJOR,
    Code.FAILED: Severity.MAJOR,
    Code.ORPHANS: Severity.MAJOR,
    Code.MANDATORY: Severity.CRITICAL,
    Code.OPEN_PAGES: Severity.CRITICAL,
    Code.OLD: Severity.MINOR,
}
# Of which version of the product a figure is: the one that was counted last is the one that counts.
_OF_VERSIONS = (Figure.MANDATORY_FIELDS, Figure.OPEN_PAGES)


@dataclass(frozen=True)
class Guard:
    """A measure as it stands. `number` is that of the first entry that told of it, by which its tests name it."""

    number: int
    entry: Entry
    told: Measure
    since: dt.datetime
    tests: tuple[Tested, ...]

    @property
    def last(self) -> Tested | None:
        """Its last test."""
        return max(self.tests, key=lambda one: one.tested_on, default=None)

    @property
    def next_on(self) -> dt.date | None:
        """By when it has to be tested again; None for one that never was."""
        return None if self.last is None else add_months(self.last.tested_on, self.told.test_months)


@dataclass(frozen=True)
class Counted:
    """A figure as it stands, by the number of its entry."""

    entry_id: int
    told: Told

    @property
    def at(self) -> tuple[dt.date, int]:
        """By what the later of two is told: its day, and of two of one day which was recorded later."""
        return self.told.counted_on, self.entry_id


class Missing(StrEnum):
    """Why a figure is not known: nobody has told it, or not lately."""

    NOT_TOLD = "not_told"
    OLD = "old"


@dataclass(frozen=True)
class Known:
    """All entries, the oldest first."""

    entries: tuple[Entry, ...]

    @property
    def standing(self) -> tuple[Entry, ...]:
        """Those that no other corrects."""
        return entries.standing(self.entries)

    @property
    def terms(self) -> tuple[Held, ...]:
        """Who holds or held an office, the first day first."""
        found = [one.facts for one in self.standing if isinstance(one.facts, Held)]
        return tuple(sorted(found, key=lambda one: one.from_on))

    def holder(self, office: Office, day: dt.date) -> Held | None:
        """Who holds an office on a day."""
        return next((one for one in self.terms if one.office is office and one.covers(day)), None)

    @property
    def guards(self) -> tuple[Guard, ...]:
        """The measures, by their names."""
        tests: dict[int, list[Tested]] = {}
        for one in self.standing:
            if isinstance(one.facts, Tested):
                tests.setdefault(one.facts.measure, []).append(one.facts)
        found = []
        for one in self.standing:
            if isinstance(one.facts, Measure):
                first = self.first(one)
                done = tuple(tests.get(first.entry_id, ()))
                found.append(Guard(first.entry_id, one, one.facts, first.at, done))
        return tuple(sorted(found, key=lambda one: one.told.name.casefold()))

    def first(self, entry: Entry) -> Entry:
        """The entry that an entry goes back to, correction by correction."""
        by_number = {one.entry_id: one for one in self.entries}
        while entry.corrects is not None:
            entry = by_number[entry.corrects]
        return entry

    def newest(self, figure: Figure) -> tuple[Counted, ...]:
        """What was counted last of each place, by place."""
        found: dict[str, Counted] = {}
        for one in self.standing:
            if isinstance(one.facts, Told) and one.facts.figure is figure:
                place = folded(one.facts.place)
                before = found.get(place)
                if before is None or one.facts.counted_on >= before.told.counted_on:
                    found[place] = Counted(one.entry_id, one.facts)
        return tuple(found[place] for place in sorted(found))

    def value(
        self, figure: Figure, today: dt.date, parameters: Parameters, places: Iterable[str] = ()
    ) -> int | Missing:
        """A figure on a day, or why it is not known: what was counted last. Of files it is the sum of environments,
        each of `places` among them, unless all of them were counted in one later or some of them were not counted.
        """
        counted = [one for one in self.newest(figure) if one.told.counted_on <= today]
        if not counted:
            return Missing.NOT_TOLD
        told = [one.told for one in counted]
        if figure is not Figure.ORPHAN_FILES:
            last = max(counted, key=lambda one: one.at).told
            return Missing.OLD if is_old(last, today, parameters) else last.value
        fresh = [one for one in told if not is_old(one, today, parameters)]
        whole = next((one for one in fresh if not one.place), None)
        parts = {folded(one.place): one for one in told if one.place}
        is_complete = bool(parts) and all(one in fresh for one in parts.values())
        is_complete = is_complete and all(folded(place) in parts for place in places)
        if is_complete and (whole is None or all(one.counted_on >= whole.counted_on for one in parts.values())):
            return sum(one.value for one in parts.values())
        if whole is not None:
            return whole.value
        return Missing.NOT_TOLD if len(fresh) == len(told) else Missing.OLD


def is_old(told: Told, today: dt.date, parameters: Parameters) -> bool:
    """Whether a figure is older than it may be."""
    return (today - told.counted_on).days > parameters.figure_max_days


def with_told(parameters: Parameters, found: Known, today: dt.date) -> Parameters:
    """The parameters with how long backups hold what was erased as those who run them have told, where they have."""
    days = found.value(Figure.BACKUP_DAYS, today, parameters)
    return parameters if isinstance(days, Missing) else parameters.model_copy(update={"backup_window_days": days})


def judged(found: Known, parameters: Parameters, today: dt.date) -> Judged:
    """What is not as it has to be."""
    return Judged((*_of_offices(found, today), *_of_guards(found, today), *_of_figures(found, parameters, today)))


def alerts(found: Known, today: dt.date) -> list[Finding]:
    """What is wrong with who holds which office."""
    return list(_of_offices(found, today))


def _finding(
    code: Code, thing: str, since: dt.date | None, owner: Owner | None, **told: str | int | dt.date
) -> Finding:
    return Finding(code, thing, _SEVERITY[code], PAGE, since, owner and owner.value, {}, told)


def _of_offices(found: Known, today: dt.date) -> Iterator[Finding]:
    holders = {office: found.holder(office, today) for office in Office}
    for office, holder in holders.items():
        if holder is None:
            over = [
                one.until_on for one in found.terms if one.office is office and one.until_on and one.until_on < today
            ]
            since = max(over) + _DAY if over else None
            yield _finding(Code.VACANT, office.value, since, None, office=office.value)
    dpo, ciso = holders[Office.DPO], holders[Office.CISO]
    if dpo is None:
        return
    if ciso is not None and folded(dpo.holder) == folded(ciso.holder):
        yield _finding(Code.SAME_PERSON, Office.DPO.value, max(dpo.from_on, ciso.from_on), None)
    for function in dpo.functions:
        if function in DECIDING:
            thing = f"{Office.DPO}/{function}"
            yield Finding(
                Code.DECIDES, thing, _SEVERITY[Code.DECIDES], PAGE, dpo.from_on, told={"owner": function.value}
            )


def _of_guards(found: Known, today: dt.date) -> Iterator[Finding]:
    for one in found.guards:
        told = one.told
        if told.owner is None:
            yield _finding(Code.NO_OWNER, told.name, None, None, measure=told.name)
        last, next_on = one.last, one.next_on
        if last is None or next_on is None:
            yield _finding(Code.UNTESTED, told.name, None, told.owner, measure=told.name)
            continue
        if next_on < today:
            yield _finding(Code.OVERDUE, told.name, next_on + _DAY, told.owner, measure=told.name, day=last.tested_on)
        if last.result is not Result.PASSED:
            yield _finding(
                Code.FAILED, told.name, last.tested_on, told.owner, measure=told.name, day=last.tested_on,
                measure_result=last.result.value,
            )  # fmt: skip


def _wrong(told: Told) -> Code | None:
    """What is wrong with a figure, if anything is."""
    match told.figure:
        case Figure.ORPHAN_FILES:
            return Code.ORPHANS if told.value else None
        case Figure.MANDATORY_FIELDS:
            return Code.MANDATORY if told.value != _MANDATORY else None
        case Figure.OPEN_PAGES:
            return Code.OPEN_PAGES if told.value else None
        case Figure.BACKUP_DAYS:
            return None


def _of_figures(found: Known, parameters: Parameters, today: dt.date) -> Iterator[Finding]:
    for figure in Figure:
        newest = found.newest(figure)
        if figure in _OF_VERSIONS and newest:
            newest = (max(newest, key=lambda one: one.at),)
        for told in (one.told for one in newest):
            place = told.place or "–"
            thing = f"{figure.value}: {place}" if told.place else figure.value
            code = _wrong(told)
            if code is not None:
                yield _finding(
                    code, thing, told.counted_on, Owner.IT, place=place, count=told.value
                )  # fmt: skip
            if is_old(told, today, parameters):
                since = told.counted_on + dt.timedelta(days=parameters.figure_max_days + 1)
                yield _finding(
                    Code.OLD, thing, since, Owner.IT, told_figure=figure.value, place=place, day=told.counted_on
                )


def figures(
    found: Known, parameters: Parameters, today: dt.date, environments: Sequence[str]
) -> dict[str, int | Missing]:
    """Every figure of compliance/review/kpis.toml that only those who run the product know. `environments` are those
    that files may lie in.
    """
    fields = found.value(Figure.MANDATORY_FIELDS, today, parameters)
    return {
        "orphan_files": found.value(Figure.ORPHAN_FILES, today, parameters, environments),
        "mandatory_fields_off": fields if isinstance(fields, Missing) else abs(fields - _MANDATORY),
    }


def check(found: Known, told: Facts, corrects: int | None, today: dt.date) -> None:
    """That an entry fits together and with the others.

    Raises Refused, each with the field that it is about: `office_order` for a term that ends before it begins,
    `office_overlap` for one that another holds a part of, `measure_twin` for a name that another measure has,
    `control_entry_unknown` for a test of no measure, `control_ahead` for a day that has not come, and `figure_place`
    and `field_missing` for a figure with a place that has none, or without one that has.
    """
    others = [one for one in found.standing if one.entry_id != corrects]
    if isinstance(told, Held):
        _check_term(others, told)
    elif isinstance(told, Measure):
        for entry in others:
            if isinstance(entry.facts, Measure) and folded(entry.facts.name) == folded(told.name):
                raise Refused("measure_twin", field="name", entry=entry.entry_id)
    elif isinstance(told, Tested):
        if told.measure not in {one.number for one in found.guards}:
            raise Refused("control_entry_unknown")
        if told.tested_on > today:
            raise Refused("control_ahead", field="tested_on")
    elif isinstance(told, Told):
        if told.counted_on > today:
            raise Refused("control_ahead", field="counted_on")
        if told.figure in _OF_VERSIONS and not told.place:
            raise Refused("field_missing", field="place")
        if told.figure is Figure.BACKUP_DAYS and told.place:
            raise Refused("figure_place", field="place")


def _check_term(others: Iterable[Entry], told: Held) -> None:
    if told.until_on is not None and told.until_on < told.from_on:
        raise Refused("office_order", field="until_on")
    for entry in others:
        one = entry.facts
        if not isinstance(one, Held) or one.office is not told.office:
            continue
        begins_after = told.until_on is not None and one.from_on > told.until_on
        ends_before = one.until_on is not None and one.until_on < told.from_on
        if not begins_after and not ends_before:
            raise Refused("office_overlap", field="from_on", entry=entry.entry_id)


def load(connection: sa.Connection) -> Known:
    """All that is recorded."""
    return Known(entries.load(connection, control_entry, facts.MODELS))


def known(register: sa.Engine) -> Known:
    """All that is recorded."""
    with register.connect() as connection:
        return load(connection)


def as_known(found: Known, at: dt.datetime) -> Known:
    """What was known at an instant: without what was recorded later."""
    return Known(tuple(entry for entry in found.entries if entry.at <= at))
