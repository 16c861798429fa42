"""What the page shows of corrections, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.rectification.figures import Asked
from compliance.rectification.listing import Correction
from compliance.show.columns import Row
from compliance.show.why import field_in_words
from compliance.words.deadlines import local_date
from compliance.words.texts import say


def correction_rows(
    found: Sequence[Correction], language: str, sources: Mapping[str, str], *, named: bool
) -> list[Row]:
    """Corrections as the list shows them; their values and keys where the reader asked for one person."""
    return [
        {
            "rectification": str(one.rectification_id),
            "field_name": field_in_words(one.field, language),
            "category": say(f"category.{one.category}", language),
            "source": sources.get(one.source, one.source),
            "rectification_state": say(f"rectification_state.{one.state}", language),
            "order_state": order_in_words(one, language),
            "recipients": recipients_in_words(one, language, sources),
            "correction_asked_on": local_date(one.asked_at),
            "evidence": one.evidence,
            **({"old_value": _value(one, one.old_value, language),
                "new_value": _value(one, one.new_value, language)} if named else {}),
        }
        for one in found
    ]  # fmt: skip


def counted_rows(
    counted: Sequence[Asked], found: Sequence[Correction], language: str, sources: Mapping[str, str]
) -> list[Row]:
    """Corrections that a figure counts, as its list shows them: by when they were to be made, and when they were."""
    asked = {one.rectification_id: one for one in counted}
    return [
        {
            **row,
            "correction_expected_by": asked[one.rectification_id].expected_by,
            "correction_made_on": asked[one.rectification_id].made_on,
            "correction_took": asked[one.rectification_id].took,
            "in_time": say("common.yes" if asked[one.rectification_id].in_time else "common.no", language),
        }
        for one, row in zip(found, correction_rows(found, language, sources, named=False), strict=True)
    ]


def _value(one: Correction, value: str | None, language: str) -> str:
    if value is not None:
        return value
    return say("rectification.removed" if one.source_key is not None else "rectification.forgotten", language)


def order_in_words(one: Correction, language: str) -> str:
    """Whether the order was fetched."""
    if one.fetched_at is None:
        return say("rectification.not_ordered", language)
    return say("rectification.ordered", language, day=local_date(one.fetched_at))


def recipients_in_words(one: Correction, language: str, sources: Mapping[str, str]) -> str:
    """Who else has the data, and whether they were told."""
    told = [
        say("rectification.to_tell", language, recipient=sources.get(name, name))
        if told_at is None
        else say("rectification.told_on", language, recipient=sources.get(name, name), day=local_date(told_at))
        for name, told_at in one.recipients
    ]
    return "; ".join(told) or "–"


def awaited(found: Sequence[Correction], language: str) -> dict[tuple[str, str, str], str]:
    """What is to become of values, by dataset, key at the source and field, as far as it is awaited."""
    return {
        (one.dataset, one.source_key, one.field): say(
            "rectification.awaited",
            language,
            value=_value(one, one.new_value, language),
            rectification=str(one.rectification_id),
            state=say(f"rectification_state.{one.state}", language),
        )
        for one in found
        if one.is_open and one.source_key is not None
    }
