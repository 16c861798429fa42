"""What the page shows of the register of processing, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from compliance.processing import assigned
from compliance.processing.assigned import Assigned
from compliance.processing.state import Activity, Difference, Value, Version
from compliance.show.columns import Row
from compliance.show.why import field_in_words
from compliance.words import times
from compliance.words.finding import Finding
from compliance.words.references import reference
from compliance.words.texts import listed, period_in_words, say

# The texts by which codes of a field are put into words.
_CODED = {
    "purpose": "purpose", "ground": "ground", "transfers": "processing_transfer", "start_event": "start_event",
    "owner": "owner",
}  # fmt: skip


def in_words(field: str, value: Value, language: str, sources: Mapping[str, str]) -> str:
    """A field's value as it is read; a dash where there is nothing to say, unknown where it is not known."""
    if value is None:
        return say("common.unknown", language)
    if value in ("", []):
        return "–"
    if isinstance(value, list):
        words = [field_in_words(one, language) if field == "fields" else sources.get(one, one) for one in value]
        return listed(words, language)
    if field == "period":
        return period_in_words(value, language)
    return say(f"{_CODED[field]}.{value}", language) if field in _CODED else value


def listing(found: Iterable[Activity], gaps: Sequence[Finding], language: str, sources: Mapping[str, str]) -> list[Row]:
    """The register as a table, a row per activity with what it lacks; how many are stored is unknown where there is no
    copy.
    """
    return [
        {
            "category_name": say(f"category.{one.category}", language),
            "persons": one.stored,
            "processing_lacks": "; ".join(
                say(f"finding_name.{gap.code}", language) for gap in gaps if gap.thing == one.category.value
            ),
            **{
                f"processing_{field}": in_words(field, value, language, sources)
                for field, value in one.content().items()
            },
        }
        for one in found
    ]


def thing_in_words(thing: str, language: str) -> str:
    """What a part of the register is of: a category, or an environment by its key."""
    if thing.startswith(assigned.PREFIX):
        return say("processing.environment", language, environment=thing.removeprefix(assigned.PREFIX))
    return say(f"category.{thing}", language)


def assigned_rows(found: Assigned, language: str) -> list[Row]:
    """What is done on customers' behalf as a table, a row per environment."""
    content = found.content({})
    return [
        {
            "environment": one.environment_key,
            "customer": one.org_name,
            **{
                f"processing_{field}": in_words(field, value, language, {})
                for field, value in content[f"{assigned.PREFIX}{one.environment_key}"].items()
            },
        }
        for one in sorted(found.environments or (), key=lambda one: one.environment_key)
    ]


def difference_rows(found: Iterable[Difference], language: str, sources: Mapping[str, str]) -> list[Row]:
    """What is another than in a version, as a table."""
    return [
        {
            "category_name": thing_in_words(one.category, language),
            "processing_field": say(f"column.processing_{one.field}", language),
            "before": in_words(one.field, one.before, language, sources),
            "after": in_words(one.field, one.after, language, sources),
        }
        for one in found
    ]


def version_rows(found: Sequence[Version], language: str) -> list[Row]:
    """The versions as a table, the newest first."""
    return [
        {
            "processing_version": one.version_id,
            "as_of": one.as_of,
            "note": one.note,
            "recorded": times.written(one.made_at),
            "role": say(f"role.{one.made_role}", language),
            "recorded_by": reference(one.made_by),
        }
        for one in found
    ]


def sentence(found: Sequence[Activity], gaps: int, newest: Version | None, changed: int, language: str) -> str:
    """How many activities there are, what they lack, and whether the newest version is still how it is."""
    told = [say("processing.sentence", language, activities=len(found))]
    told.append(say("processing.gaps", language, gaps=gaps) if gaps else say("processing.no_gaps", language))
    if newest is None:
        told.append(say("processing.no_version", language))
    else:
        given = {"version": newest.version_id, "day": newest.as_of, "changed": changed}
        told.append(say("processing.changed" if changed else "processing.as_version", language, **given))
    return " ".join(told)
