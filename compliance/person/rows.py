"""What the page shows of one person, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from compliance.person.asks import Found
from compliance.person.statement import Basis, Statement
from compliance.person.timeline import Event, Kind
from compliance.show.columns import Row, status_in_words
from compliance.show.entries import entry
from compliance.show.why import field_in_words
from compliance.words.deadlines import STOCKHOLM
from compliance.words.references import reference
from compliance.words.texts import has, period_in_words, say, show


def found_row(one: Found) -> Row:
    """Somebody who was searched for."""
    return {**one._asdict(), "reference": reference(one.person_id)}


def basis_row(basis: Basis, language: str, sources: Mapping[str, str]) -> Row:
    """An entry of the person: where it stands and why, what it is for, and on what ground."""
    rule = basis.rule
    return {
        **entry(basis.entry, language, sources),
        "purpose_name": say(f"purpose.{rule.purpose}", language) if rule else "–",
        "ground_name": say(f"ground.{rule.ground}", language) if rule else "–",
        "owner_name": say(f"owner.{rule.owner}", language) if rule else "–",
        "period": period_in_words(rule.period, language) if rule else "–",
    }


def value_rows(
    statement: Statement, language: str, sources: Mapping[str, str], awaited: Mapping[tuple[str, str, str], str]
) -> list[Row]:
    """Every value that is stored of the person, by entry and row of a source, and what it is to be where a correction
    is awaited, by dataset, key at the source and field.
    """
    return [
        {
            "category": say(f"category.{basis.entry.category}", language),
            "source": sources.get(record.source, record.source),
            "source_key": record.source_key,
            "field_name": field_in_words(one.field, language),
            "value": in_words(one.field, one.value, language),
            "correction": awaited.get((record.dataset, record.source_key, one.field), ""),
        }
        for basis in statement.bases
        for record, one in basis.stored()
        # It stands beside each of them.
        if one.field != "source_key"
    ]


def in_words(field: str, value: Any, language: str) -> str:
    """A stored value as a reader expects it."""
    if isinstance(value, dt.datetime):
        return show(value.astimezone(STOCKHOLM), language)
    if field == "fiscal_year":
        return str(value)
    if field == "status" and has(f"stated_status.{value}"):
        return say(f"stated_status.{value}", language)
    return show(value, language)


def event_rows(found: Sequence[Event], today: dt.date, language: str, sources: Mapping[str, str]) -> list[Row]:
    """What happened and what will, day by day."""
    return [
        {
            "happened_on": one.day,
            "when": say(f"person.{'past' if one.day < today else 'today' if one.day == today else 'ahead'}", language),
            "what_happened": event_in_words(one, language),
            "category": say(f"category.{one.basis.entry.category}", language) if one.basis else "–",
            "source": _source_of(one, sources),
        }
        for one in found
    ]


def _source_of(one: Event, sources: Mapping[str, str]) -> str:
    source = one.source or (one.basis.entry.source if one.basis else None)
    return "–" if source is None else sources.get(source, source)


def event_in_words(one: Event, language: str) -> str:
    """What an event is, in a sentence."""
    told: dict[str, Any] = dict(one.told)
    if "field" in told:
        told["field"] = field_in_words(told["field"], language)
    if one.kind is Kind.CLOCK and one.basis is not None:
        told["cause"] = say(f"reason.{one.basis.entry.reason}", language, start_on=one.basis.entry.start_on)
    for name, group in (
        ("scope", "hold_scope"),
        ("ground", "hold_ground"),
        ("mark_kind", "mark_kind"),
        ("request", "request_kind"),
        ("outcome", "person_outcome"),
        ("state", "batch_state"),
        ("stays", "stays"),
        ("category", "category"),
        ("verdict", "return_verdict"),
        ("reason", "return_reason"),
        ("rectification_state", "rectification_state"),
    ):
        if told.get(name) is not None:
            key = f"{group}.{told[name]}"
            told[name] = say(key, language) if has(key) else str(told[name])
        elif name in told:
            told[name] = say("common.unknown", language)
    key = f"person_event.{one.kind}"
    if told.get("sure") is False:
        key += "_perhaps"
    return say(key, language, **told)


def core_sentence(until: dt.date | None, as_of: dt.date, language: str) -> str:
    """How long name, e-mail and phone may be kept."""
    so_far = "open" if until is None else "past" if until < as_of else "until"
    return say(f"persons.core_{so_far}", language, until=until)


def headline(statement: Statement, language: str) -> str:
    """Who it is in one line: how many entries of how many sources, and, for who sees all of them, how they stand."""
    sources = len({record.source for record in statement.records})
    told = say("person.sentence", language, bases=len(statement.bases), sources=sources)
    if statement.limited:
        return told
    return f"{told} {say('person.stands', language, status=status_in_words(statement.person.status, language))}"
