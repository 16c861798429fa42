"""The CISO's overview: figures over 52 weeks with their gaps, levels at their bounds, and weighted colours."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from compliance.register.metadata import metadata
from compliance.review import rows, snapshots
from compliance.review.kpis import Better, Level, Measured, Unknown, kpis, require_known
from compliance.review.score import Score, score
from compliance.review.tables import Occasion, snapshot
from compliance.show import shades
from compliance.ui import charts
from compliance.words.policy import Parameters, Threshold
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from tests.world import TODAY, shipped_parameters

_WEEK = dt.timedelta(days=7)
NOW = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)
NOTHING = dict.fromkeys(kpis(), Measured(None, Unknown.NOTHING))


@pytest.fixture
def register() -> sa.Engine:
    made = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    metadata.create_all(made)
    return made


def _keep(register: sa.Engine, weeks_ago: int, overdue: Measured, rules: str = "a") -> None:
    with register.begin() as connection:
        connection.execute(
            sa.insert(snapshot).values(
                as_of=TODAY - weeks_ago * _WEEK, build_id=1, made_at=NOW, occasion=Occasion.NIGHT,
                policy_digest=rules, figures=snapshots.written({"overdue": overdue}),
            )
        )  # fmt: skip


def test_a_week_without_a_known_figure_is_a_gap_and_not_zero(register: sa.Engine) -> None:
    _keep(register, 5, Measured(9, None, {"PROSPECT/1-30": 9}))
    _keep(register, 3, Measured(None, Unknown.STALE))
    _keep(register, 1, Measured(0))
    found = rows.trends(register, TODAY, {**NOTHING, "overdue": Measured(7)}, shipped_parameters(), "en")
    assert len(found.days) == 52
    assert found.days[-1] == TODAY.isoformat()
    (overdue,) = (one for one in found.lines if one.code == "overdue")
    assert overdue.values[-6:] == (9, None, None, None, 0, 7)
    assert set(overdue.values[:-6]) == {None}


def test_new_rules_are_marked_in_the_week_in_which_they_were_first_used(register: sa.Engine) -> None:
    _keep(register, 4, Measured(9))
    _keep(register, 2, Measured(3), rules="b")
    found = rows.trends(register, TODAY, {**NOTHING, "overdue": Measured(3)}, shipped_parameters(), "en")
    (overdue,) = (one for one in found.lines if one.code == "overdue")
    assert overdue.marks == ((49, "§"),)
    assert [(one.on, one.count) for one in found.happened] == [(TODAY - 2 * _WEEK, None)]
    # What does not rest on the copy is no matter of the rules.
    assert all(not one.marks for one in found.lines if one.code == "stale_sources")


@pytest.mark.parametrize(
    ("code", "value", "level"),
    [
        ("overdue", 0, Level.GREEN),
        ("overdue", 1, Level.AMBER),
        ("overdue", 99, Level.AMBER),
        ("overdue", 100, Level.RED),
        ("in_order_share", 0.98, Level.GREEN),
        ("in_order_share", 0.979, Level.AMBER),
        ("in_order_share", 0.95, Level.RED),
        ("undetermined_share", 0.01, Level.GREEN),
        ("undetermined_share", 0.05, Level.RED),
        ("on_time", 1, Level.GREEN),
        ("on_time", 0.999, Level.AMBER),
        ("on_time", 0.9, Level.RED),
        ("holds_late", 1, Level.AMBER),
        ("holds_late", 100, Level.AMBER),
        ("persons", 5, Level.NONE),
    ],
)
def test_levels_at_their_bounds(code: str, value: float, level: Level) -> None:
    kpi, parameters = kpis()[code], shipped_parameters()
    assert kpi.level(Measured(value), parameters) is level
    assert kpi.level(Measured(None, Unknown.STALE), parameters) is Level.UNKNOWN
    for language in ("sv", "en"):
        assert bool(kpi.why(level, parameters, language)) is (level in (Level.AMBER, Level.RED))


def test_the_worst_comes_first_and_is_told_by_a_shape(register: sa.Engine) -> None:
    measured = {
        **NOTHING,
        "overdue": Measured(0),
        "overdue_requests": Measured(1),
        "holds_late": Measured(1),
        "in_order_share": Measured(None, Unknown.STALE),
    }
    for language in ("sv", "en"):
        found = rows.trends(register, TODAY, measured, shipped_parameters(), language)
        assert [one.code for one in found.lines[:4]] == ["overdue_requests", "holds_late", "in_order_share", "overdue"]
        assert [one.title[0] for one in found.lines[:4]] == ["■", "▲", "?", "✓"]
        assert [one.late for one in found.lines[:4]] == [True, True, False, False]


def test_a_heat_map_is_coloured_by_weight_and_says_the_count() -> None:
    drawn = charts.heat(["1–30"], ["Staff", "Visitors", "Unknown"], [[4], [8], [None]], "en", [3.0, 0.5, 1.0])
    assert [list(line) for line in drawn.data[0].z] == [[12.0], [4.0], [0.0]]
    assert drawn.data[0].zmax == 12
    assert list(drawn.data[1].text)[:2] == ["4", "8"]
    assert drawn.data[1].text[2] not in ("0", "")


def test_the_report_colours_a_cell_as_the_page_does() -> None:
    weights = [3.0, 0.5]
    drawn = charts.heat(["1–30", "31–90"], ["Staff", "Visitors"], [[4, 0], [8, 1]], "en", weights).data[0]
    assert [list(line) for line in drawn.z] == shades.heavy([[4, 0], [8, 1]], weights)
    for part, colour in drawn.colorscale:
        red, green, blue, opacity = (float(one) for one in colour.removeprefix("rgba(").rstrip(")").split(","))
        assert shades.shade(part) == f"#{int(red):02x}{int(green):02x}{int(blue):02x}{round(255 * opacity):02x}"
    # In between in proportion: half of the heaviest.
    assert shades.shade(0.505) == f"#c8403a{round(255 * 0.37):02x}"


@pytest.mark.parametrize("table", ["thresholds", "weights"])
def test_what_is_no_figure_is_refused_in_words_and_not_passed_over(table: str) -> None:
    shipped = shipped_parameters()
    bounds = {**shipped.thresholds, "overdu": Threshold(target=0, amber=1)}
    weights = {**shipped.weights, **({"overdu": 5.0} if table == "weights" else {})}
    if table == "weights":
        # Else it would be told of its bound.
        bounds = {code: one for code, one in bounds.items() if code != "overdu"}
    with pytest.raises(Refused, match=rf"figure_unknown.*{table}") as caught:
        require_known(shipped.model_copy(update={"thresholds": bounds, "weights": weights}))
    assert "overdu" in refusal(caught.value.code, "sv", caught.value.values)
    require_known(shipped)


def test_gaps_of_a_small_line_are_left_open_and_its_target_is_dashed() -> None:
    line = charts.Line("Overdue", (3, None, 5), 1, late=True, marks=((2, "▼"),))
    drawn = charts.small_lines(["1", "2", "3"], [line])
    assert list(drawn.data[0].y) == [3, None, 5]
    assert drawn.data[0].connectgaps is False
    assert any(trace.line.dash == "dash" and list(trace.y) == [1, 1] for trace in drawn.data)
    assert any(trace.mode == "text" and list(trace.x) == ["3"] for trace in drawn.data)


WEIGHTS = {"overdue": 60.0, "on_time": 20.0, "stale_sources": 20.0}
BOUNDS = {
    "overdue": Threshold(target=0, amber=1, red=100),
    "on_time": Threshold(target=1, amber=0.999, red=0.9),
    # No red: amber is its worst.
    "stale_sources": Threshold(target=0, amber=2),
    "risk_score": Threshold(target=0, amber=20, red=50),
}
WEIGHED = Parameters(thresholds=BOUNDS, weights=WEIGHTS)


def _scored(**figures: Measured) -> Score:
    return score(figures, WEIGHED)


@pytest.mark.parametrize(
    ("overdue", "on_time", "stale", "points"),
    [
        # 60 x 0/100 + 20 x 0/0.1 + 20 x 0/2
        (0, 1.0, 0, 0),
        # 60 x 50/100 + 20 x 0.05/0.1 + 20 x 1/2
        (50, 0.95, 1, 50),
        # Worse than its worst adds no more, and better than its target takes nothing off.
        (4000, 0.2, 9, 100),
        (10, 1.0, 0, 6),
    ],
)
def test_the_score_is_the_sum_of_its_parts_by_hand(overdue: int, on_time: float, stale: int, points: float) -> None:
    found = _scored(overdue=Measured(overdue), on_time=Measured(on_time), stale_sources=Measured(stale))
    assert (found.low, found.high) == (pytest.approx(points), pytest.approx(points))
    assert found.measured.value == pytest.approx(points)
    assert sum(found.measured.cuts.values()) == pytest.approx(points)


def test_a_part_that_is_not_known_makes_the_score_a_range_and_never_zero() -> None:
    found = _scored(
        overdue=Measured(50), on_time=Measured(None, Unknown.STALE), stale_sources=Measured(None, Unknown.STALE)
    )
    assert (found.low, found.high) == (30, 70)
    assert found.measured == Measured(None, Unknown.STALE)
    assert rows.score_in_words(found, "sv") == "30–70"
    # From amber to red: nobody knows which.
    assert rows.how_the_score_stands(found, WEIGHED, "sv") == "? 2 delar är okända"
    told = {row["kpi_name"]: row["score_points"] for row in rows.score_rows(found, WEIGHED, "sv")}
    assert told == {"Förfallna poster": 30, "Besvarade i tid": None, "Källor med för gammal export": None,
                    "Riskindex (0–100)": None}  # fmt: skip


def test_a_range_that_is_red_at_its_best_is_red() -> None:
    found = _scored(overdue=Measured(99), on_time=Measured(None, Unknown.STALE), stale_sources=Measured(0))
    assert rows.how_the_score_stands(found, WEIGHED, "en").startswith("■ act: 50 or more")


def test_where_most_is_not_known_the_score_is_unknown() -> None:
    found = _scored(overdue=Measured(None, Unknown.STALE), on_time=Measured(1), stale_sources=Measured(0))
    assert rows.score_in_words(found, "en") == say("common.unknown", "en")
    # What was never measured is not known either.
    assert _scored(on_time=Measured(1)).measured == Measured(None, Unknown.NOT_MEASURED)


def test_what_there_is_nothing_to_measure_of_weighs_nothing() -> None:
    found = _scored(overdue=Measured(50), on_time=Measured(None, Unknown.NOTHING), stale_sources=Measured(0))
    assert {one.kpi.code: one.weight for one in found.parts} == {"overdue": 75, "stale_sources": 25, "on_time": 0}
    assert found.measured.value == 37.5
    nothing = Measured(None, Unknown.NOTHING)
    assert _scored(**dict.fromkeys(WEIGHTS, nothing)).measured == nothing


def test_every_figure_that_is_weighed_has_a_bound_and_the_weights_are_of_a_hundred() -> None:
    parameters = shipped_parameters()
    assert sum(parameters.weights.values()) == 100
    for code in parameters.weights:
        kpi = kpis()[code]
        bounds = kpi.threshold(parameters)
        assert bounds is not None
        assert kpi.strain(Measured(bounds.target), parameters) == 0
        assert kpi.strain(Measured(1000 if kpi.better is Better.LOW else 0), parameters) == 1
    with pytest.raises(ValueError, match="no bound"):
        kpis()["persons"].strain(Measured(1), parameters)
