"""Entries of a small register as they were recorded: what each says, and whether it still stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from compliance.register import entries
from compliance.register.entries import Entry
from compliance.show.columns import Row
from compliance.words import times
from compliance.words.texts import say


def rows(found: Iterable[Entry], words: str, in_words: Callable[[Any, str], str], language: str) -> list[Row]:
    """Every entry, the newest first. `words` begins the keys of its texts (`<words>_kind`, `<words>_field`), `in_words`
    puts a value into words.
    """
    every = tuple(found)
    standing = {entry.entry_id for entry in entries.standing(every)}
    return [
        {
            "entry": entry.entry_id,
            "recorded": times.written(entry.at),
            f"{words}_kind": say(f"{words}_kind.{entry.kind}", language),
            "told": "; ".join(
                f"{say(f'{words}_field.{name}', language)}: {in_words(value, language)}"
                for name, value in entry.facts
                if value not in (None, "")
            ),
            "stands": ""
            if entry.kind == entries.STRUCK
            else say("recorded.stands" if entry.entry_id in standing else "recorded.replaced", language),
            "corrects": entry.corrects,
            "role": say(f"role.{entry.role}" if entry.role else "common.command_line", language),
            "recorded_by": entry.by or "",
        }
        for entry in reversed(every)
    ]
