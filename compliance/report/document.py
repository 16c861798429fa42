"""The report as a PDF. The same report makes the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from compliance.report.content import FINDING_COLUMNS, Report
from compliance.review import rows as review_rows
from compliance.review.kpis import Kpi, kpis
from compliance.show import shades, typeset
from compliance.words import times
from compliance.words.texts import say, show

_TEMPLATE = Path(__file__).parent / "report.typ"
_HEAD = ("overdue", "in_order_share", "undetermined_share", "overdue_requests", "on_time", "stale_sources")
_DECIDED = ("purged", "requests_in", "requests_closed", "holds_active")
_TRENDS = (
    "overdue", "in_order_share", "undetermined", "open_requests", "on_time", "unverified", "holds_late", "stale_sources"
)  # fmt: skip
_MOST_WANTING = 12


def pdf(report: Report) -> bytes:
    """The report as a PDF of two pages for the board and the rest for the file."""
    return typeset.pdf(_TEMPLATE, _told(report), report.made_at)


def _told(report: Report) -> dict[str, Any]:
    tongue = report.language
    words = (
        "title", "decided", "wanting", "all_well", "trends", "trends_help", "heat", "heat_none", "file",
        "figures", "change", "causes", "causes_none", "by_targets", "bridge", "bridge_none", "findings",
        "findings_none",
    )  # fmt: skip
    wanting = report.wanting()
    heat, causes, findings = report.heat(), report.causes(), report.finding_rows()
    categories = [category for category, _ in heat or []]
    weighed = shades.heavy([row for _, row in heat or []], [report.parameters.weight_of(one) for one in categories])
    most = max((weight for row in weighed for weight in row), default=0) or 1
    rows = review_rows.kpi_rows(report.measured, report.parameters, tongue)
    return {
        "language": tongue,
        "say": {word: say(f"report.{word}", tongue) for word in words},
        "column": {
            name: say(f"column.kpi_{name}", tongue)
            for name in ("number", "name", "value", "target", "level", "why", "formula", "before", "change")
        },
        "unknown": say("common.unknown", tongue),
        "named": report.named,
        "stamp": say(
            "report.stamp", tongue, number=str(report.snapshot.number), as_of=report.snapshot.as_of,
            build=str(report.snapshot.build), made=times.written(report.made_at),
        ),
        "before": None if report.before is None else say(
            "report.before", tongue, as_of=report.before.as_of, number=str(report.before.number or "–")
        ),
        "sentence": report.sentence(),
        "head": [_tile(report, kpis()[code]) for code in _HEAD],
        "decided": [_tile(report, kpis()[code]) for code in _DECIDED],
        "wanting": [_tile(report, kpi) for kpi in wanting[:_MOST_WANTING]],
        "more": say("report.more", tongue, count=len(wanting) - _MOST_WANTING)
        if len(wanting) > _MOST_WANTING else None,
        "trends": [_trend(report, kpis()[code]) for code in _TRENDS],
        "ages": [say(f"age.{age}", tongue) for age in review_rows.AGES],
        "category": say("column.category_name", tongue),
        "heat_help": review_rows.heat_weights(categories, report.parameters, tongue),
        "heat": None if heat is None else [
            {
                "name": say(f"category.{category}", tongue),
                "cells": [
                    {"value": show(count, tongue), "fill": shades.shade(weight / most)}
                    for count, weight in zip(row, weights, strict=True)
                ],
            }
            for (category, row), weights in zip(heat, weighed, strict=True)
        ],
        "figures": [
            {**{name.removeprefix("kpi_"): told for name, told in row.items()}, "code": str(report.level(kpi))}
            for row, kpi in zip(rows, kpis().values(), strict=True)
        ],
        "changes": [
            _tile(report, kpi) for kpi in kpis().values() if report.change(kpi)
        ],
        "bridge": report.bridge_rows() and [
            {"name": row["cause"], "value": show(row["bases"], tongue)} for row in report.bridge_rows() or []
        ],
        "finding_columns": [say(f"column.{name}", tongue) for name in (*FINDING_COLUMNS, "filled")],
        "findings": None if findings is None else [
            {**{name: row[name] for name in FINDING_COLUMNS}, "value": show(row["filled"], tongue)} for row in findings
        ],
        "causes": None if causes is None else [
            {"name": say(f"doubt.{reason}", tongue), "value": show(count, tongue)} for reason, count in causes
        ],
    }  # fmt: skip


def _tile(report: Report, kpi: Kpi) -> dict[str, str]:
    tongue, level, change = report.language, report.level(kpi), report.change(kpi)
    value = report.measured[kpi.code].value
    sign = "–" if change is None else "±" if change == 0 else "+" if change > 0 else "−"
    return {
        "number": kpi.number,
        "name": kpi.name(tongue),
        "value": kpi.show(report.measured[kpi.code], tongue),
        "unit": "" if kpi.unit == "share" else kpi.unit_of(value, tongue),
        "code": str(level),
        "level": say(f"kpi_level.{level}", tongue),
        "why": report.why(kpi),
        "before": report.then(kpi),
        "change": sign if change is None else f"{sign}{kpi.show_value(abs(change), tongue)}",
    }


def _trend(report: Report, kpi: Kpi) -> dict[str, Any]:
    """A line of a year, as places from 0 to 1 from the left and from below; it breaks where nothing is known."""
    values = [None if one is None else one.get(kpi.code).value for one in report.weeks]
    bounds = kpi.threshold(report.parameters)
    target = None if bounds is None else bounds.target
    known = [value for value in (*values, target) if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = (high - low) or 1.0
    lines: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            lines[-1].append((place / max(1, len(values) - 1), (value - low) / span))
    return {
        **_tile(report, kpi),
        "lines": [line for line in lines if line],
        "target": None if target is None else (target - low) / span,
        "target_value": None if target is None else say(
            "report.target", report.language, value=kpi.show_value(target, report.language)
        ),
        "range": _range(kpi, [value for value in values if value is not None], report.language),
    }  # fmt: skip


def _range(kpi: Kpi, values: Sequence[float], language: str) -> str:
    if not values:
        return say("common.unknown", language)
    return f"{kpi.show_value(min(values), language)} – {kpi.show_value(max(values), language)}"
