"""What was understood of a file, in words and as JSON, before anything is loaded.

It holds persons: three values of each column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.build.dates import Examples
from compliance.build.dialects import Dialect
from compliance.intake.orders import Taken
from compliance.intake.service import Preview, SheetPreview, Trial, Understood, shortened
from compliance.show.why import field_in_words
from compliance.sources.recognise import LEFT_OUT, Level, Proposal
from compliance.words import times
from compliance.words.texts import refusal, say, show

# A sign of its own, so that colour is never the only one.
MARKS: Mapping[Level, str] = {Level.SURE: "●", Level.LIKELY: "◐", Level.UNKNOWN: "○"}
# So many columns say well enough which system a file is from.
_FEW = 4
# As people know them who have never heard of a byte order mark.
_ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "cp850": "DOS (850)", "mac_roman": "Mac Roman"}
_DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", "^": "caret", "~": "tilde"}


def as_json(found: Preview) -> dict[str, Any]:
    """Everything that is told of a file, by the words of the code."""
    return {
        "name": found.name,
        "kind": found.kind,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "dialect": found.dialect,
        "sha256": found.digest,
        "exported_at": found.exported_at.isoformat(timespec="minutes"),
        "exported_at_from": found.exported_at_from,
        "tables": [_sheet_as_json(sheet) for sheet in found.sheets],
        "not_read": [{"place": one.place, "name": one.name, "because": one.reason} for one in found.aside],
    }


def _sheet_as_json(sheet: SheetPreview) -> dict[str, Any]:
    record = sheet.dataset.record if sheet.dataset else sheet.proposal.record if sheet.proposal else None
    category = sheet.dataset.category if sheet.dataset else sheet.proposal.category if sheet.proposal else None
    return {
        "sheet": sheet.name,
        "mapping": sheet.dataset.id if sheet.dataset else None,
        "record": record,
        "system": None
        if sheet.proposal is None
        else {"likely": sheet.proposal.system.source, "because": list(sheet.proposal.system.because)},
        "category": {"known": category, "needed": sheet.category_needed},
        "name_unread": sheet.unread,
        "columns": [
            {
                "header": one.column.header,
                "field": one.column.field,
                "sure": one.column.level,
                "confidence": one.column.confidence,
                "because": one.column.because,
                "values": list(one.values),
                "dates": {
                    "format": one.format,
                    "read": _read_as_json(one.read),
                }
                if one.format
                else None,
            }
            for one in sheet.columns
        ],
        "questions": [
            {
                "field": one.field,
                "examples": list(one.examples),
                "orders": {order: _read_as_json(read) for order, read in sheet.readings[one.field].items()},
            }
            for one in sheet.questions
        ],
        "rows": {
            "in": sheet.trial.rows_in,
            "would_load": sheet.trial.loaded,
            "would_be_quarantined": dict(sheet.trial.quarantined),
            "unread_cells": dict(sheet.trial.unread_cells),
            "garbled_cells": [
                {
                    "field": name,
                    "rows": one.rows,
                    "example": shortened(one.was),
                    "meant": one.meant and shortened(one.meant),
                }
                for name, told in sheet.trial.garbled.items()
                for one in told
            ],
            "put_right": dict(sheet.trial.put_right),
            "no_data": [
                {"because": one.reason, "rows": one.rows, "lines": list(one.lines)} for one in sheet.trial.no_data
            ],
        }
        if sheet.trial
        else None,
        "skipped": [{"line": one.line, "because": one.reason, "text": one.text} for one in sheet.skipped],
        "left_out": dict(sheet.left_out),
    }


def _read_as_json(read: Examples) -> list[list[str | None]]:
    return [[text, day.isoformat() if day else None] for text, day in read]


def in_words(found: Preview, language: str) -> list[str]:
    """The same for a reader, line by line."""
    lines = [f"{found.name}: {file_in_words(found, language)}"]
    for sheet in found.sheets:
        lines.extend(f"  {line}" for line in _sheet_in_words(sheet, language))
    lines.extend(f"  {say(f'aside.{one.reason}', language, place=one.place)}" for one in found.aside)
    return lines


def file_in_words(found: Preview, language: str) -> str:
    """What kind of file it is, how it is written, and when it was made."""
    written = ""
    if found.encoding and found.delimiter:
        word = _DELIMITERS.get(found.delimiter)
        delimiter = say(f"intake.explain.delimiter.{word}", language) if word else found.delimiter
        encoding = _ENCODINGS.get(found.encoding, found.encoding.upper())
        written = say("intake.explain.written", language, encoding=encoding, delimiter=delimiter)
        if found.dialect not in (None, Dialect.PLAIN):
            written += say(f"intake.explain.dialect.{found.dialect}", language)
    made = times.written(found.exported_at)
    how = say(f"intake.exported_at_from.{found.exported_at_from}", language)
    return f"{found.kind.upper()}{written}. " + say("intake.explain.made", language, when=made, how=how)


def _sheet_in_words(sheet: SheetPreview, language: str) -> list[str]:
    lines = [say("intake.preview.sheet", language, sheet=sheet.name)] if sheet.name else []
    lines.append(sheet_in_words(sheet, language))
    if sheet.unread:
        lines.append(refusal("name_unread", language, {"column": sheet.unread, "dataset": sheet.nearly}))
    lines.extend(skipped_in_words(line, reason, text, language) for line, reason, text in skipped(sheet, language))
    if sheet.proposal is not None:
        lines.append(system_in_words(sheet.proposal, language))
    lines.append(category_in_words(sheet, language))
    width = max((len(one.column.header) for one in sheet.columns), default=0)
    for one in sheet.columns:
        told = f"{MARKS[one.column.level]} {one.column.header:<{width}}  {meaning(one, language)}"
        lines.append(f"{told} ({why(one, language)})" + (f": {', '.join(one.values)}" if one.values else ""))
        if one.read:
            lines.append("    " + dates_in_words(one.read))
    for question in sheet.questions:
        field = field_in_words(question.field, language)
        lines.append(say("intake.explain.ask_dates", language, field=field, examples=", ".join(question.examples)))
        lines.extend(
            f"    --dates {question.field}={order}: {date_order(order, language)} ({dates_in_words(read)})"
            for order, read in sheet.readings[question.field].items()
        )
    lines.extend(trial_in_words(sheet, language))
    return lines


def sheet_in_words(sheet: SheetPreview, language: str) -> str:
    """What the rows are, and whether that is known or proposed."""
    if sheet.dataset is not None:
        record = say(f"intake.record.{sheet.dataset.record}", language)
        return say("intake.explain.known", language, dataset=sheet.dataset.id, record=record)
    assert sheet.proposal is not None
    return say("intake.explain.proposed", language, record=say(f"intake.record.{sheet.proposal.record}", language))


def skipped(sheet: SheetPreview, language: str) -> list[tuple[str, str, str]]:
    """The lines of a table that are not loaded as rows, in their order: which, why, and what they say, which is known
    of those above and below the rows. Of several alike among the rows the first are named.
    """
    told = {one.line for one in sheet.skipped}
    found = [
        (one.line, show(one.line, language), _reason(one.reason or "", language), one.text) for one in sheet.skipped
    ]
    for lines in sheet.trial.no_data if sheet.trial else ():
        others = [line for line in lines.lines if line not in told]
        if others or lines.rows > len(lines.lines):
            more = " …" if lines.rows > len(lines.lines) else ""
            named = ", ".join(show(line, language) for line in others) + more
            found.append((others[0] if others else 0, named.strip(), _reason(lines.reason, language), ""))
    return [told[1:] for told in sorted(found)]


def _reason(reason: str, language: str) -> str:
    # What may be somebody is no line without data.
    return say(f"no_data.{reason}" if reason else "quarantine.doubtful_row", language)


def skipped_in_words(line: str, reason: str, text: str, language: str) -> str:
    """Lines that are not loaded as rows, why, and what they say."""
    return say("intake.explain.skipped", language, line=line, reason=reason, text=text).strip()


def system_in_words(proposal: Proposal, language: str) -> str:
    """Which system an unknown file is probably from, and by which columns: a few of them."""
    system = say(f"intake.system.{proposal.system.source}", language)
    told = ", ".join(proposal.system.because[:_FEW])
    key = "intake.explain.system_told" if told else "intake.explain.system"
    return say(key, language, system=system, columns=told)


def category_in_words(sheet: SheetPreview, language: str) -> str:
    """In what capacity persons are stored, or that it has to be said."""
    if sheet.category_needed:
        return say("intake.explain.category_needed", language)
    category = sheet.dataset.category if sheet.dataset else sheet.proposal.category if sheet.proposal else None
    if category is not None:
        return say("intake.explain.category", language, category=say(f"category.{category}", language))
    return say("intake.explain.category_told", language)


def meaning(one: Understood, language: str) -> str:
    """What a column is read as, or that it is not read."""
    field = one.column.field
    if field.startswith(LEFT_OUT):
        return say("intake.mapping.leave_out", language, kind=kind(one, language))
    return field_in_words(field, language)


def kind(one: Understood, language: str) -> str:
    """What kind of data a column holds that is not read."""
    return field_in_words(one.column.field.removeprefix(LEFT_OUT), language)


def why(one: Understood, language: str) -> str:
    """How sure that is, and why."""
    level = say(f"intake.level.{one.column.level}", language)
    return f"{level}, {say(f'intake.because.{one.column.because}', language)}"


def dates_in_words(read: Examples) -> str:
    """Values of a column of dates with the dates that they are."""
    return "; ".join(f"{text} → {day.isoformat() if day else '?'}" for text, day in read)


def date_order(answer: str, language: str) -> str:
    """What a person may say of a column's dates, in words."""
    return ", ".join(say(f"intake.question.{word}", language) for word in answer.split("+"))


def unread_in_words(unread: Mapping[str, int], language: str) -> list[str]:
    """In how many filled cells no address or number could be read, a line per field, and what to do."""
    return [
        say("intake.unread_cells", language, field=field_in_words(one, language), rows=rows)
        for one, rows in sorted(unread.items())
    ]


def garbled_in_words(trial: Trial, language: str) -> list[str]:
    """How many cells of each field came garbled, with one of them and what it would be, and how many are put right."""
    return [
        *(
            say(
                f"intake.garbled.{'lost' if one.meant is None else 'twice'}", language,
                field=field_in_words(name, language), rows=one.rows,
                was=shortened(one.was), meant=shortened(one.meant or ""),
            )
            for name, told in trial.garbled.items()
            for one in told
        ),
        *righted_in_words(trial.put_right, language),
    ]  # fmt: skip


def garbled_counts_in_words(table: Taken, language: str) -> list[str]:
    """The same of what was taken in, without anything of a person."""
    return [
        *(
            say(f"intake.garbled.{what}_taken", language, field=field_in_words(name, language), rows=rows)
            for what, told in (("twice", table.twice), ("lost", table.lost))
            for name, rows in sorted(told.items())
        ),
        *righted_in_words(table.put_right, language),
    ]


def righted_in_words(put_right: Mapping[str, int], language: str) -> list[str]:
    """How many cells of each field are read as they were meant."""
    return [
        say("intake.garbled.put_right", language, field=field_in_words(name, language), rows=rows)
        for name, rows in sorted(put_right.items())
    ]


def trial_in_words(sheet: SheetPreview, language: str) -> list[str]:
    """What would become of the rows, and why some stay out."""
    if sheet.trial is None:
        return [say("intake.explain.no_trial", language)]
    stays = sum(sheet.trial.quarantined.values())
    told = say(
        "intake.explain.trial", language, rows_in=sheet.trial.rows_in, loaded=sheet.trial.loaded, quarantined=stays,
        no_data=sum(one.rows for one in sheet.trial.no_data),
        columns=len(sheet.left_out),
    )  # fmt: skip
    reasons = [
        f"{say(f'quarantine.{reason}', language)}: {show(rows, language)}"
        for reason, rows in sorted(sheet.trial.quarantined.items())
    ]
    unread = unread_in_words(sheet.trial.unread_cells, language)
    return [told, *reasons, *unread, *garbled_in_words(sheet.trial, language)]
