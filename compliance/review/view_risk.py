"""How the risk overview is drawn: its figures with how they stand, the score with its parts, and the rest in tabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from compliance.reading.copy import Reading
from compliance.review import rows as review_rows
from compliance.review import score as scores
from compliance.review.alarms import Looked
from compliance.review.kpis import Kpi, Measured, Unit, Unknown, kpis
from compliance.review.score import Score
from compliance.review.snapshots import Snapshot
from compliance.review.view import WORSE_WHEN, led
from compliance.show import columns as tables
from compliance.ui import Session, chart, charts, source_names, table, tile, tiles
from compliance.words import times
from compliance.words.markup import literal
from compliance.words.vocabulary import Status

_TILES = (
    "in_order_share", "overdue", "oldest_overdue", "undetermined", "overdue_requests", "on_time", "holds_late",
    "unverified", "resurfaced", "stale_sources", "backup_tail",
)  # fmt: skip
_TABS = ("heat", "trends", "causes", "findings", "figures")
_EXPIRIES = "pages/review/expiries.py"


@dataclass(frozen=True)
class Risk:
    """What the overview is drawn from: the figures of today, and those of a week before, where there are any."""

    reading: Reading
    measured: Mapping[str, Measured]
    before: Snapshot | None
    stale: frozenset[str]
    # What the alarms have found, where the reader may see it.
    looked: Looked | None


def first_screen(session: Session, risk: Risk) -> None:
    """The figures with the way to their rows, the score with its parts, and what is not known."""
    found = scores.score(risk.measured, session.parameters)
    with tiles():
        _score_tile(session, found)
        for code in _TILES:
            _tile(session, kpis()[code], risk)
    with st.expander(session.say("risk.score_parts")):
        _parts(session, found)
    st.caption(literal(" ".join(_fine_print(session, risk))))


def _tile(session: Session, kpi: Kpi, risk: Risk) -> None:
    now = risk.measured[kpi.code]
    then = risk.before.get(kpi.code).value if risk.before else None
    is_count = kpi.unit is not Unit.SHARE and now.value is not None and then is not None
    tile(
        kpi.name(session.language),
        review_rows.with_its_unit(kpi, now, session.language),
        key=f"risk_{kpi.code}",
        change=int((now.value or 0) - (then or 0)) if is_count else None,
        worse_when=WORSE_WHEN[kpi.better],
        note=_note(session, kpi, risk),
        told=kpi.stands(now, session.parameters, session.language),
        link=_link(session, kpi, risk),
    )


def _note(session: Session, kpi: Kpi, risk: Risk) -> str:
    """What a figure means; of a share also what it is a share of, which other pages tell as a number."""
    told = kpi.formula(session.language)
    part, whole = (risk.measured[code].value for code in ("in_order", "persons"))
    if kpi.code != "in_order_share" or part is None or whole is None:
        return told
    return f"{told} {session.say('risk.in_order_of', part=int(part), whole=int(whole))}"


def _link(session: Session, kpi: Kpi, risk: Risk) -> tuple[str, str, Mapping[str, str]] | None:
    way = led(session, kpi.way)
    if way is None:
        return None
    page, filters = way
    if kpi.code == "oldest_overdue" and not risk.stale:
        filters = {**filters, **review_rows.where_the_oldest_is(risk.reading)}
    return page, session.say("risk.to_list"), filters


def _score_tile(session: Session, found: Score) -> None:
    kpi = kpis()[scores.CODE]
    tile(
        kpi.name(session.language),
        review_rows.score_in_words(found, session.language),
        key="risk_score",
        note=kpi.formula(session.language),
        told=review_rows.how_the_score_stands(found, session.parameters, session.language),
    )


def _parts(session: Session, found: Score) -> None:
    st.markdown(literal(kpis()[scores.CODE].formula(session.language)))
    known = [one for one in found.parts if one.points is not None]
    names = [one.kpi.name(session.language) for one in known]
    points = [round(one.points or 0, 1) for one in known]
    chart(
        charts.bars(names, points, session.language),
        "; ".join(f"{name}: {session.show(value)}" for name, value in zip(names, points, strict=True)),
        "score_parts",
        leads_to=lambda place: led(session, known[place].kpi.way),
    )
    table(
        session,
        "score_parts",
        tables.columns(
            session.language, "kpi_name", "kpi_value", "kpi_target", "kpi_worst", "score_weight:number",
            "score_points:number", "kpi_why:long",
        ),
        review_rows.score_rows(found, session.parameters, session.language),
    )  # fmt: skip
    st.caption(session.say("risk.score_help"))


def _fine_print(session: Session, risk: Risk) -> Iterator[str]:
    """When the ledger was last read in full and found intact, what is compared with, and what is not known."""
    if risk.looked is not None and risk.looked.checked.verdict.broken_at is None:
        yield session.plain("risk.ledger", at=times.written(risk.looked.checked.whole_at))
    if risk.before is not None:
        yield session.plain("risk.compared", day=risk.before.as_of)
    unknown = [
        kpi.name(session.language) for code, kpi in kpis().items() if risk.measured[code].unknown is Unknown.STALE
    ]
    if unknown:
        yield session.plain("risk.what_is_unknown", names=", ".join(unknown))


def the_rest(session: Session, risk: Risk) -> None:
    """What explains the figures, a tab for each question; an address may say which one is open."""
    asked = st.query_params.get("tab")
    heat_, trends_, causes_, findings_, figures_ = st.tabs(
        [session.say(f"risk.tab_{name}") for name in _TABS],
        default=session.say(f"risk.tab_{asked}") if asked in _TABS else None,
    )
    with heat_:
        _heat(session, risk)
    with trends_:
        _trends(session, risk)
    with causes_:
        _causes(session, risk)
    with findings_:
        _findings(session, risk.reading)
    with figures_:
        found = review_rows.kpi_rows(risk.measured, session.parameters, session.language)
        table(session, "kpis", tables.columns(session.language, *review_rows.KPI_COLUMNS), found)


def _heat(session: Session, risk: Risk) -> None:
    """What is overdue by category and age, as a picture and as its table."""
    st.subheader(session.say("risk.heat"), anchor=False)
    ages = [session.say(f"age.{age}") for age in review_rows.AGES]
    grid = review_rows.heat(risk.reading, risk.stale, session.language)

    def cell(place: int) -> tuple[str, Mapping[str, str]]:
        row, column = divmod(place, len(review_rows.AGES))
        told = {"status": Status.OVERDUE.value, "category": grid[row]["category"], "age": review_rows.AGES[column]}
        return _EXPIRIES, told

    weights = [session.parameters.weight_of(row["category"]) for row in grid]
    chart(
        charts.heat(
            ages,
            [row["category_name"] for row in grid],
            [[row[age] for age in review_rows.AGES] for row in grid],
            session.language,
            weights,
        ),
        "; ".join(
            f"{row['category_name']}: " + ", ".join(session.show(row[age]) for age in review_rows.AGES) for row in grid
        ),
        "heat",
        leads_to=cell,
    )
    told = review_rows.heat_weights([row["category"] for row in grid], session.parameters, session.language)
    st.caption(literal(f"{told} {session.plain('risk.heat_click')}"))
    _to_expiries(session, "risk.heat_to_list", {"status": Status.OVERDUE.value})
    columns = [
        tables.Column("category_name", session.say("column.category_name")),
        *(tables.Column(age, session.say(f"age.{age}"), "number") for age in review_rows.AGES),
    ]
    with st.expander(session.say("app.as_table")):
        table(session, "overdue_heat", columns, grid)


def _to_expiries(session: Session, words: str, filters: Mapping[str, str]) -> None:
    st.page_link(_EXPIRIES, label=session.say(words), query_params=dict(filters), icon=":material/arrow_forward:")


def _trends(session: Session, risk: Risk) -> None:
    """How each of the CISO's figures with a target went in 52 weeks, and what explains its jumps."""
    tongue = session.language
    found = review_rows.trends(session.engine, risk.reading.as_of, risk.measured, session.parameters, tongue)
    lines = [
        charts.Line(one.title, one.values, one.target, one.late, kpis()[one.code].unit is Unit.SHARE, one.marks)
        for one in found.lines
    ]
    chart(
        charts.small_lines(found.days, lines),
        "; ".join(one.title for one in found.lines),
        "trends",
        leads_to=lambda place: led(session, kpis()[found.lines[place].code].way),
    )
    st.caption(session.say("risk.trends_help"))
    with st.expander(session.say("risk.what_happened")):
        table(
            session,
            "what_happened",
            tables.columns(tongue, "happened_on", "what_happened", "happened_count:number"),
            [
                {"happened_on": one.on, "what_happened": session.plain(f"what.{one.what}"), "happened_count": one.count}
                for one in found.happened
            ],
        )


def _causes(session: Session, risk: Risk) -> None:
    """Why entries cannot be determined, and what part of the persons is where."""
    st.subheader(session.say("risk.causes"), anchor=False)
    found = review_rows.causes(risk.reading, risk.stale, session.language)
    known: Sequence[Mapping[str, object]] = [] if risk.stale else found
    if known:
        names, counts = [str(row["cause"]) for row in known], [int(str(row["bases"])) for row in known]
        chart(
            charts.bars(names, counts, session.language),
            "; ".join(f"{name}: {session.show(count)}" for name, count in zip(names, counts, strict=True)),
            "causes",
            leads_to=lambda place: (
                _EXPIRIES, {"status": Status.UNDETERMINED.value, "reason": str(known[place]["reason"])}
            ),
        )  # fmt: skip
    _to_expiries(session, "risk.causes_to_list", {"status": Status.UNDETERMINED.value})
    with st.expander(session.say("app.as_table"), expanded=not known):
        table(
            session,
            "undetermined_causes",
            tables.columns(session.language, "cause", "bases:number", "past_provisional:number"),
            found,
        )
    if not risk.stale:
        _shares(session, risk.reading)


def _shares(session: Session, reading: Reading) -> None:
    """What part of the persons is where."""
    st.subheader(session.say("risk.statuses"), anchor=False)
    labels: dict[str, str] = {status: session.say(f"status.{status}") for status in Status}
    parts = review_rows.person_statuses(reading)
    chart(
        charts.share(parts, labels, session.language),
        "; ".join(f"{labels[Status(code)]}: {session.show(count)}" for code, count in parts.items()),
        "statuses",
    )


def _findings(session: Session, reading: Reading) -> None:
    """Columns of the sources that hold more than they may, and cells that nothing could be read from."""
    tongue = session.language
    st.caption(session.say("risk.findings_help"))
    table(
        session,
        "findings",
        tables.columns(
            tongue, "severity", "category_name", "source_name", "field_name", "column_name", "filled:number"
        ),
        review_rows.finding_rows(reading, tongue, source_names(session)),
    )
    unread = review_rows.unread_rows(reading, tongue, source_names(session))
    if unread:
        st.subheader(session.say("risk.unread"), anchor=False)
        st.caption(session.say("risk.unread_help"))
        table(session, "unread", tables.columns(tongue, "source_name", "dataset", "field_name", "rows:number"), unread)
