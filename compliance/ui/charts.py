"""Charts: what is drawn, without how it is shown. Values stand on the marks, so that nobody has to hover."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from textwrap import wrap
from typing import Any, ParamSpec

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from compliance.show import shades
from compliance.words.markup import untagged
from compliance.words.remembered import Remembered
from compliance.words.texts import show

# Told apart by people who see colours differently, on light and on dark ground.
CATEGORY_COLOURS: Mapping[str, str] = {
    "CUSTOMER_CONTACT": "#3d7ea6",
    "PROSPECT": "#e0a13b",
    "EMPLOYEE": "#5b9a68",
    "CONTRACTOR": "#9bbf85",
    "SUPPLIER_REP": "#8c6bb1",
    "PARTNER_REP": "#bd9fd6",
    "VOUCHER": "#8d8d8d",
    "WEB_VISITOR": "#c97b84",
    "UNCLASSIFIED": "#b5b5a6",
}
STATUS_COLOURS: Mapping[str, str] = {
    "OVERDUE": "#c8403a",
    "UNDETERMINED": "#8d6bb0",
    "DUE": "#e08a3b",
    "HELD": "#5c6f9c",
    "STATUTORY": "#7f8c9c",
    "EXPIRING": "#e3bd4f",
    "RETAINED": "#6aa88f",
    "ACTIVE": "#3d7ea6",
}
# White would not be read on these.
_BRIGHT = {"DUE", "EXPIRING", "RETAINED"}
_ALARM = "#c8403a"
_QUIET = "#3d7ea6"
_TOTAL = "#7f8c9c"
_KEPT = 200
# So many letters of a title stand above the third of a window of 900 pixels.
_TITLE = 28
_Asked = ParamSpec("_Asked")
_kept: Remembered[go.Figure] = Remembered(_KEPT)


# Axes that nobody drags.
_STILL = {"fixedrange": True}


class _Finished(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A figure that nobody changes any more. Plotly copies all of one, value by value, each time that it is asked what
    to send to a browser, which was a third of what the overview of risk cost; this one has its answer ready.
    """

    def __init__(self, figure: go.Figure) -> None:
        super().__init__(figure)
        self._sent: dict[str, Any] = super().to_dict()

    def to_dict(self) -> dict[str, Any]:
        """What is sent: the same object each time."""
        return self._sent


def _once(draw: Callable[_Asked, go.Figure]) -> Callable[_Asked, go.Figure]:
    """Keeps figures by all that they are drawn from, which is counts and words: Plotly checks every value of one that
    is built, which costs more than all else of a page. Nobody may change one that is handed out.
    """

    @wraps(draw)
    def drawn(*asked: _Asked.args, **named: _Asked.kwargs) -> go.Figure:
        return _kept.of(repr((draw.__name__, asked, named)), lambda: _Finished(draw(*asked, **named)))

    return drawn


@_once
def stacked(
    places: Sequence[str],
    series: Mapping[str, Sequence[int]],
    labels: Mapping[str, str],
    language: str,
    colours: Mapping[str, str] = CATEGORY_COLOURS,
    *,
    low: bool = False,
) -> go.Figure:
    """Columns at `places`, one stacked series per code, each column's total above it; `low` for a small chart."""
    figure = go.Figure()
    for code, values in series.items():
        figure.add_bar(
            x=_drawn(places), y=list(values), name=untagged(labels[code]), marker_color=colours.get(code, _QUIET)
        )
    totals = [sum(values[place] for values in series.values()) for place in range(len(places))]
    figure.add_scatter(
        x=_drawn(places),
        y=totals,
        mode="text",
        text=[show(total, language) if total else "" for total in totals],
        textposition="top center",
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )
    figure.update_layout(barmode="stack")
    # Months are places in a row, not dates that Plotly would name in English.
    figure.update_xaxes(type="category", tickangle=-45 if len(places) > 13 else 0)
    return _calm(figure, height=260 if low else 400, ceiling=max(totals, default=0))


@_once
def compared(
    places: Sequence[str],
    series: Mapping[str, tuple[Sequence[int], Sequence[int]]],
    labels: Mapping[str, tuple[str, str]],
) -> go.Figure:
    """Lines at `places`, two per status: as it is, dotted, and as it would be."""
    figure = go.Figure()
    for code, (before, after) in series.items():
        for values, label, dash in ((before, labels[code][0], "dot"), (after, labels[code][1], "solid")):
            figure.add_scatter(
                x=_drawn(places),
                y=list(values),
                name=untagged(label),
                mode="lines",
                line={"color": STATUS_COLOURS.get(code, _QUIET), "dash": dash, "width": 2 if dash == "solid" else 1.5},
            )
    figure.update_xaxes(type="category", tickangle=0, nticks=4, showgrid=False)
    figure.update_yaxes(rangemode="tozero", gridcolor="rgba(128,128,128,0.18)")
    return _calm(figure, height=300)


@_once
def bars(
    names: Sequence[str],
    values: Sequence[float],
    language: str,
    colours: Sequence[str] | str = _QUIET,
) -> go.Figure:
    """Horizontal bars, the first on top, each with its value at its end."""
    figure = go.Figure(
        go.Bar(
            x=list(values),
            y=_drawn(names),
            orientation="h",
            marker_color=colours if isinstance(colours, str) else list(colours),
            text=[show(value, language) for value in values],
            textposition="outside",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(visible=False, range=[0, max([*values, 1]) * 1.15])
    return _calm(figure, height=70 + 34 * len(names))


@_once
def waterfall(names: Sequence[str], values: Sequence[int], language: str) -> go.Figure:
    """From the first value to the last one, each in between with its sign; what comes is red, what goes is blue. From
    top to bottom, since names beside their bars are read at every width.
    """
    ends = (0, len(values) - 1)
    told = [
        show(value, language)
        if place in ends
        else f"{'+' if value > 0 else '−' if value < 0 else '±'}{show(abs(value), language)}"
        for place, value in enumerate(values)
    ]
    levels = [values[0]]
    for value in values[1:-1]:
        levels.append(levels[-1] + value)
    figure = go.Figure(
        go.Waterfall(
            y=_drawn(names),
            x=list(values),
            orientation="h",
            measure=["absolute", *("relative" for _ in values[1:-1]), "absolute"],
            text=told,
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": _ALARM}},
            decreasing={"marker": {"color": _QUIET}},
            totals={"marker": {"color": _TOTAL}},
            connector={"line": {"color": "rgba(128,128,128,0.5)", "width": 1}},
            hoverinfo="skip",
        )
    )
    figure.update_yaxes(type="category", autorange="reversed", automargin=True, showgrid=False)
    figure.update_xaxes(visible=False, range=[0, max(*levels, values[-1], 1) * 1.15])
    return _calm(figure, height=70 + 34 * len(names))


@_once
def heat(
    columns: Sequence[str],
    rows: Sequence[str],
    values: Sequence[Sequence[int | None]],
    language: str,
    weights: Sequence[float] = (),
) -> go.Figure:
    """A heat map whose cells say their number; an unknown cell says so with a dash. `weights` are how much a one in
    each row counts for its colour: without any, all the same.
    """
    heavy = shades.heavy(values, weights or [1.0] * len(values))
    top = max((value for line in heavy for value in line), default=0)
    figure = go.Figure(
        go.Heatmap(
            x=_drawn(columns),
            y=_drawn(rows),
            z=heavy,
            colorscale=[[part, f"rgba{colour}"] for part, colour in shades.SHADES],
            zmin=0,
            zmax=max(top, 1),
            showscale=False,
            xgap=3,
            ygap=3,
            hoverinfo="skip",
        )
    )
    places = [(column, row) for row in range(len(rows)) for column in range(len(columns))]
    figure.add_scatter(
        x=[untagged(columns[column]) for column, _ in places],
        y=[untagged(rows[row]) for _, row in places],
        mode="text",
        text=[show(values[row][column], language) for column, row in places],
        customdata=[[place] for place in range(len(places))],
        showlegend=False,
        # What is skipped answers no click; neither does a heat map, whose cells are answered for by their numbers.
        hoverinfo="none",
    )
    figure.update_layout(hoverdistance=-1)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False, type="category")
    return _calm(figure, height=90 + 36 * len(rows))


@dataclass(frozen=True)
class Line:
    """A figure over time: None is a gap. `marks` are (place, sign) of what explains a jump."""

    title: str
    values: Sequence[float | None]
    target: float | None
    late: bool
    is_share: bool = False
    marks: Sequence[tuple[int, str]] = ()


@_once
def small_lines(days: Sequence[str], lines: Sequence[Line], columns: int = 3) -> go.Figure:
    """Small pictures side by side, each a figure over the same days, with its target dashed and its gaps left open."""
    rows = -(-len(lines) // columns)
    # As what is sent: Plotly looks through all axes for each that is changed, most of a second for nine pictures.
    layout = make_subplots(
        rows=rows, cols=columns, subplot_titles=["<br>".join(wrap(untagged(one.title), _TITLE)) for one in lines],
        vertical_spacing=min(0.45 / rows, 0.2), horizontal_spacing=0.06,
    ).to_dict()["layout"]  # fmt: skip
    for title in layout.get("annotations", []):
        title["font"] = {"size": 12}
    for number in range(1, rows * columns + 1):
        which = _which(number)
        layout[f"xaxis{which}"] |= {
            **_STILL, "tickfont": {"size": 13}, "showticklabels": False, "showgrid": False, "type": "category",
        }  # fmt: skip
        layout[f"yaxis{which}"] |= {**_STILL, "tickfont": {"size": 11}, "gridcolor": "rgba(128,128,128,0.18)"}
    drawn: list[dict[str, Any]] = []
    for number, one in enumerate(lines):
        which = _which(number + 1)
        where = {"type": "scatter", "xaxis": f"x{which}", "yaxis": f"y{which}", "showlegend": False}
        colour = alarm(one.late)
        drawn.append({
            "x": list(days), "y": list(one.values), "mode": "lines+markers", "connectgaps": False,
            "line": {"color": colour, "width": 2},
            # A line without marks answers no click.
            "marker": {"opacity": 0, "size": 10}, "unselected": {"marker": {"opacity": 0}},
            "selected": {"marker": {"opacity": 0}}, "customdata": [[number]] * len(days),
            "hovertemplate": "%{x}: %{y}<extra></extra>", **where,
        })  # fmt: skip
        known = [value for value in (*one.values, one.target) if value is not None]
        lowest, highest = min(known, default=0), max(known, default=1)
        if one.values and one.values[-1] is not None:
            drawn.append({
                "x": [days[-1]], "y": [one.values[-1]], "mode": "markers", "marker": {"color": colour, "size": 8},
                "hoverinfo": "skip", **where,
            })  # fmt: skip
        if one.target is not None:
            drawn.append({
                "x": [days[0], days[-1]], "y": [one.target] * 2, "mode": "lines",
                "line": {"color": "#7f8c9c", "width": 1, "dash": "dash"}, "hoverinfo": "skip", **where,
            })  # fmt: skip
        room = (highest - lowest) or max(abs(highest), 1) * 0.1
        if one.marks:
            drawn.append({
                "x": [days[place] for place, _ in one.marks], "y": [highest + room * 0.3] * len(one.marks),
                "mode": "text", "text": [sign for _, sign in one.marks], "textfont": {"size": 10},
                "hoverinfo": "skip", **where,
            })  # fmt: skip
        shown = {"tickformat": ".0%"} if one.is_share else {}
        layout[f"yaxis{which}"] |= {"range": [lowest - room * 0.15, highest + room * 0.55], "nticks": 3, **shown}
    calm = _calm_layout(60 + 160 * rows)
    # A click anywhere in a picture is one on its line.
    layout |= {**calm, "margin": {**calm["margin"], "t": 50}, "hoverdistance": -1}
    return go.Figure({"data": drawn, "layout": layout})


def _which(number: int) -> str:
    """What Plotly calls the axes of one of several pictures by: the first by nothing."""
    return str(number) if number > 1 else ""


@_once
def clock(marks: Sequence[tuple[str, str]], pauses: Sequence[tuple[str, str]], today: str, late: bool) -> go.Figure:
    """Days on a line, each (day, words) at its place, the stretches on which the clock stood (first day, day after the
    last) broken out of it, and today across it.
    """
    days = sorted([day for day, _ in marks] + [today])
    figure = go.Figure()
    figure.add_scatter(
        x=[days[0], days[-1]], y=[0, 0], mode="lines", line={"color": _TOTAL, "width": 3}, showlegend=False,
        hoverinfo="skip",
    )  # fmt: skip
    for start, end in pauses:
        figure.add_scatter(
            x=[start, end], y=[0, 0], mode="lines", line={"color": STATUS_COLOURS["EXPIRING"], "width": 12},
            showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    # Neighbours stand above and below each other, so that their words do not meet.
    heights = [(1, -1, 2, -2)[place % 4] for place in range(len(marks))]
    figure.add_scatter(
        x=[day for day, _ in marks], y=[0] * len(marks), mode="markers", marker={"color": alarm(late), "size": 11},
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    for (day, words), height in zip(marks, heights, strict=True):
        figure.add_annotation(
            x=day, y=0, ax=0, ay=-28 * height, text=f"{untagged(words)}<br>{day}", showarrow=True, arrowhead=0,
            arrowwidth=1, arrowcolor=_TOTAL,
        )  # fmt: skip
    figure.add_vline(x=today, line={"color": _TOTAL, "width": 1, "dash": "dash"})
    _calm(figure, height=230)
    # Days in figures: Plotly would name the months in English.
    figure.update_xaxes(type="date", tickformat="%Y-%m-%d", showgrid=False, nticks=5)
    return figure.update_yaxes(visible=False, range=[-1, 1]).update_layout(margin={"l": 60, "r": 60})


@_once
def share(parts: Mapping[str, int], labels: Mapping[str, str], language: str) -> go.Figure:
    """One bar that is the whole, cut into its statuses."""
    figure = go.Figure()
    total = sum(parts.values()) or 1
    for code, value in parts.items():
        figure.add_bar(
            x=[value],
            y=[""],
            orientation="h",
            name=f"{untagged(labels[code])} ({show(value, language)})",
            marker_color=STATUS_COLOURS.get(code, _QUIET),
            text=show(value, language) if value / total > 0.05 else "",
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={"color": "#1f2a33" if code in _BRIGHT else "#ffffff", "size": 13},
            textangle=0,
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(visible=False, range=[0, total])
    figure.update_yaxes(visible=False)
    return _calm(figure, height=210)


def in_words(
    places: Sequence[str], series: Mapping[str, Sequence[int]], labels: Mapping[str, str], language: str
) -> str:
    """What a stacked chart shows, place by place, for those who cannot see it."""
    told: list[str] = []
    for number, place in enumerate(places):
        parts = [
            f"{labels[code]} {show(values[number], language)}" for code, values in series.items() if values[number]
        ]
        if parts:
            told.append(f"{place}: {', '.join(parts)}")
    return "; ".join(told) or "–"


def _drawn(names: Sequence[str]) -> list[str]:
    return [untagged(name) for name in names]


def alarm(late: bool) -> str:
    """The colour of something late, or of something that is not."""
    return _ALARM if late else _QUIET


def _calm_layout(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "legend": {
            "orientation": "h",
            # At the edge of the figure: a chart in a closed tab is drawn before its width is known.
            "yref": "container",
            "yanchor": "top",
            "y": 1,
            "x": 0,
            "traceorder": "normal",
            "font": {"size": 13},
        },
        "font": {"size": 13},
        "bargap": 0.28,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "separators": ", ",
        "dragmode": False,
    }


def _calm(figure: go.Figure, height: int, ceiling: int = 0) -> go.Figure:
    figure.update_layout(_calm_layout(height))
    figure.update_xaxes(**_STILL, tickfont={"size": 13})
    figure.update_yaxes(**_STILL, tickfont={"size": 13})
    if ceiling:
        figure.update_yaxes(range=[0, ceiling * 1.2], showticklabels=False, gridcolor="rgba(128,128,128,0.18)")
    return figure
