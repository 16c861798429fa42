"""What a report of a snapshot says. All of it comes from what was kept then, so the same snapshot says the same again.

How a figure stands, and why, is by the targets of the day on which the report is made.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.review import bridges, snapshots
from compliance.review import rows as review_rows
from compliance.review.bridges import Bridge
from compliance.review.kpis import Kpi, Level, Measured, kpis, require_known
from compliance.review.snapshots import Snapshot
from compliance.review.tables import snapshot
from compliance.show.columns import Column, Row, columns
from compliance.show.extract import Sheet, Stamp, parts_of
from compliance.show.together import Table
from compliance.words.deadlines import STOCKHOLM
from compliance.words.policy import Parameters
from compliance.words.refusal import Refused
from compliance.words.texts import say, show_share
from compliance.words.vocabulary import Category

WEEKS = 53
FINDING_COLUMNS = ("severity", "category_name", "source_name", "field_name")
_BOARD = "ciso"


@dataclass(frozen=True)
class Report:
    """A snapshot with the one of a week before and its last year, `weeks`, the oldest first."""

    snapshot: Snapshot
    before: Snapshot | None
    weeks: tuple[Snapshot | None, ...]
    parameters: Parameters
    language: str
    # What the sources are called.
    sources: Mapping[str, str]

    @property
    def measured(self) -> Mapping[str, Measured]:
        """Every figure, unknown where it was not measured."""
        return {code: self.snapshot.get(code) for code in kpis()}

    @property
    def stamp(self) -> Stamp:
        """What stands in each row of its tables: the number is what two readers call the figures by."""
        return Stamp(self.snapshot.build, self.snapshot.as_of, self.named)

    @property
    def named(self) -> str:
        """The snapshot by its number."""
        return say("report.named", self.language, number=str(self.snapshot.number))

    @property
    def made_at(self) -> dt.datetime:
        """When the figures were measured; of the report itself no time is told, so that it stays the same."""
        return self.snapshot.made_at or dt.datetime.combine(self.snapshot.as_of, dt.time(), STOCKHOLM)

    def level(self, kpi: Kpi) -> Level:
        """How a figure stands."""
        return kpi.level(self.measured[kpi.code], self.parameters)

    def sentence(self) -> str:
        """How things stood, in one sentence."""
        share, overdue, critical = (
            self.measured[code].value for code in ("in_order_share", "overdue", "findings_critical")
        )
        if share is None or overdue is None or critical is None:
            return say("report.unknown", self.language)
        told = {"overdue": int(overdue), "critical": int(critical)}
        return say("report.sentence", self.language, share=show_share(share, self.language), **told)

    def wanting(self) -> list[Kpi]:
        """What the board looks at and is not as it should be, the worst first."""
        order = [Level.RED, Level.UNKNOWN, Level.AMBER]
        found = [kpi for kpi in kpis().values() if _BOARD in kpi.readers and self.level(kpi) in order]
        return sorted(found, key=lambda kpi: order.index(self.level(kpi)))

    def why(self, kpi: Kpi) -> str:
        """Why a figure is amber, red or unknown."""
        return kpi.told(self.measured[kpi.code], self.parameters, self.language)

    def then(self, kpi: Kpi) -> str:
        """A figure a week before."""
        return "–" if self.before is None else kpi.show(self.before.get(kpi.code), self.language)

    def change(self, kpi: Kpi) -> float | None:
        """What it changed by since; None where either is unknown."""
        now, then = self.measured[kpi.code].value, self.before.get(kpi.code).value if self.before else None
        return None if now is None or then is None else now - then

    def heat(self) -> list[tuple[Category, list[int]]] | None:
        """Overdue entries by category and age, a row for each category that has any; None where they are unknown."""
        late = self.measured["overdue"]
        if late.value is None:
            return None
        counts = [(one, [int(late.cuts.get(f"{one}/{age}", 0)) for age in review_rows.AGES]) for one in Category]
        return [(category, row) for category, row in counts if any(row)]

    def causes(self) -> list[tuple[str, int]] | None:
        """Why entries cannot be determined, the most frequent first; None where that is unknown."""
        found = self.measured["undetermined"]
        if found.value is None:
            return None
        told = Counter({reason: int(count) for reason, count in found.cuts.items()})
        return sorted(told.items(), key=lambda one: (-one[1], one[0]))

    def bridge(self) -> Bridge | None:
        """From what was overdue at the review before, or a week before, to what was then; None where none was kept."""
        found = self.measured["bridge_unexplained"]
        return bridges.read(found.cuts, self.snapshot.as_of) if found.cuts else None

    def bridge_rows(self) -> list[Row] | None:
        """The bridge as a table."""
        bridge = self.bridge()
        return None if bridge is None else review_rows.bridge_rows(bridge, self.language)

    def finding_rows(self) -> list[Row] | None:
        """The minimisation findings as a table; None where they are unknown."""
        found = self.measured["findings"]
        if found.value is None or (found.value and not found.cuts):
            return None
        return review_rows.kept_finding_rows(found.cuts, self.language, self.sources)

    def tables(self) -> list[Table]:
        """Its tables, as they leave in a workbook and as CSV."""
        tongue, unknown = self.language, say("common.unknown", self.language)
        heat, causes = self.heat(), self.causes()
        return [
            self._table(
                "figures",
                columns(
                    tongue, "kpi_number", "kpi_name", "kpi_value", "kpi_raw:number", "kpi_unit", "kpi_target",
                    "kpi_better", "kpi_level", "kpi_why", "kpi_before", "kpi_change:number", "kpi_formula"
                ),
                self._figures(),
            ),
            self._table(
                "heat",
                [*columns(tongue, "category_name"),
                 *(Column(age, say(f"age.{age}", tongue), "number") for age in review_rows.AGES)],
                [{"category_name": unknown}] if heat is None else [
                    {"category_name": say(f"category.{category}", tongue),
                     **dict(zip(review_rows.AGES, row, strict=True))}
                    for category, row in heat
                ],
            ),
            self._table(
                "causes",
                columns(tongue, "cause", "bases:number"),
                [{"cause": unknown}] if causes is None
                else [{"cause": say(f"doubt.{reason}", tongue), "bases": count} for reason, count in causes],
            ),
            self._table("bridge", columns(tongue, "cause", "bases:number", "meaning:long"),
                        [{"cause": unknown}] if (bridge := self.bridge_rows()) is None else bridge),
            self._table("findings", columns(tongue, *FINDING_COLUMNS, "filled:number"),
                        [{"severity": unknown}] if (findings := self.finding_rows()) is None else findings),
            self._table(
                "trend",
                [*columns(tongue, "kpi_day:date", "kpi_snapshot:number"),
                 *(Column(kpi.code, kpi.name(tongue), "number") for kpi in kpis().values())],
                [
                    {"kpi_day": one.as_of, "kpi_snapshot": one.number,
                     **{code: _raw(one.get(code), unknown) for code in kpis()}}
                    for one in self.weeks if one is not None
                ],
            ),
        ]  # fmt: skip

    def _figures(self) -> list[Row]:
        rows = review_rows.kpi_rows(self.measured, self.parameters, self.language)
        unknown = say("common.unknown", self.language)
        return [
            {
                **row,
                "kpi_raw": _raw(self.measured[kpi.code], unknown),
                "kpi_before": self.then(kpi),
                "kpi_change": self.change(kpi),
            }
            for row, kpi in zip(rows, kpis().values(), strict=True)
        ]

    def _table(self, key: str, shown: list[Column], rows: list[Row]) -> Table:
        sheet = Sheet(f"report_{key}", shown, self.language, "excel", self.stamp)
        return Table(say(f"report_table.{key}", self.language), sheet, lambda of: parts_of(of, [rows]))


def newest(register: sa.Engine) -> int | None:
    """The number of the newest snapshot; None where none was made."""
    with register.connect() as connection:
        return connection.scalar(
            sa.select(snapshot.c.snapshot_id).order_by(snapshot.c.as_of.desc(), snapshot.c.snapshot_id.desc()).limit(1)
        )


def of(
    register: sa.Engine, number: int | None, parameters: Parameters, language: str, sources: Mapping[str, str]
) -> Report:
    """The report of the snapshot with that number, or of the newest; `sources` are their names in its language.

    Raises Refused `snapshot_none` and `snapshot_unknown`, and what compliance.review.kpis.require_known does.
    """
    require_known(parameters)
    chosen = newest(register) if number is None else number
    if chosen is None:
        raise Refused("snapshot_none")
    found = snapshots.by_number(register, chosen)
    if found is None:
        raise Refused("snapshot_unknown", number=str(chosen))
    # Of its own day another may be the last one by now; of the days before none comes any more.
    past = snapshots.history(register, found.as_of - dt.timedelta(weeks=WEEKS), found.as_of - dt.timedelta(days=1))
    weeks = snapshots.weekly([*past, found], found.as_of, WEEKS)
    return Report(found, snapshots.week_before(register, found.as_of), tuple(weeks), parameters, language, sources)


def _raw(measured: Measured, unknown: str) -> float | int | str | None:
    if measured.value is None:
        return unknown
    return int(measured.value) if float(measured.value).is_integer() else measured.value
