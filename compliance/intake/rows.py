"""What the page of intake shows, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.intake import explain
from compliance.intake.orders import FileResult, NoDataLines, Result, Taken
from compliance.intake.service import SheetPreview, Understood
from compliance.runs import RunRow
from compliance.show.columns import Row
from compliance.show.why import field_in_words
from compliance.sources.catalogue import LEFT_OUT_FIELDS
from compliance.sources.recognise import Level
from compliance.words import times
from compliance.words.deadlines import local_date
from compliance.words.texts import has, refusal, say, show
from compliance.words.vocabulary import (
    STORED_FIELDS,
    RecordType,
)


def quarantined(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A row that stayed out of the copy, with its reason in words."""
    return {"row": row["row_no"], "reason": say(f"quarantine.{row['reason']}", language), "line": row["line"]}


# What only the erasure form's rows have.
_FORM_FIELDS = (
    "reference",
    "request_kind",
    "requester",
    "received_at",
    "identity_asked_on",
    "identity_answered_on",
    "extended_on",
    "extension_reason",
    "forwarded_on",
    "closed_on",
    "outcome",
)


def mapping_choices(record: RecordType, language: str) -> dict[str, str]:
    """What a column may be: the fields that are read, then what is left out and why; code -> words."""
    read = {name: field_in_words(name, language) for name in STORED_FIELDS}
    if record is not RecordType.ERASURE_REQUEST:
        read = {name: words for name, words in read.items() if name not in _FORM_FIELDS}
    out = {
        f"left_out:{kind}": say("intake.mapping.leave_out", language, kind=field_in_words(kind, language))
        for kind in LEFT_OUT_FIELDS
    }
    return {**dict(sorted(read.items(), key=lambda item: item[1])), **out}


# What is shown of a column that was understood, in this order. Texts: `intake.columns.<name>`.
# In a narrow window the last one is out of sight first.
UNDERSTOOD = ("sure", "column", "read_as", "values", "why")


def level_in_words(level: Level, language: str) -> str:
    """How sure something is, with its sign."""
    return f"{explain.MARKS[level]} {say(f'intake.level.{level}', language)}"


def understood(one: Understood, language: str) -> list[str]:
    """What a column was taken for and how sure that is, three of its values, and why. Holds persons."""
    return [
        level_in_words(one.column.level, language),
        one.column.header,
        explain.meaning(one, language),
        " · ".join(one.values),
        say(f"intake.because.{one.column.because}", language),
    ]


def trial_figures(sheet: SheetPreview) -> list[tuple[str, int]]:
    """What would become of a table's rows, all of them accounted for, and how many columns are not read."""
    assert sheet.trial is not None
    return [
        ("rows_in", sheet.trial.rows_in),
        ("loaded", sheet.trial.loaded),
        ("quarantined", sum(sheet.trial.quarantined.values())),
        ("no_data", sum(one.rows for one in sheet.trial.no_data)),
        ("left_out", len(sheet.left_out)),
    ]


def stays_in_words(quarantined: Mapping[str, int], language: str) -> list[str]:
    """Why rows stay out, how many, and what to do about each."""
    return [
        f"{say(f'quarantine.{reason}', language)}: {show(rows, language)}. {to_do(reason, language)}"
        for reason, rows in sorted(quarantined.items())
    ]


def to_do(reason: str, language: str) -> str:
    """What to do about rows that stay out for a reason; nothing where nothing need be done."""
    key = f"intake.to_do.{reason}"
    return say(key, language) if has(key) else say("intake.to_do.other", language)


def result_in_words(result: Result, build: int | None, language: str) -> tuple[str, bool]:
    """A run's result in one sentence, and whether somebody must act on it."""
    refused = sum(file.outcome == "refused" for file in result.files)
    if result.refused:
        return refusal(result.refused.code, language, result.refused.values), True
    if result.changes and refused:
        return say("intake.result.partly", language, refused=refused, files=len(result.files)), True
    if result.changes:
        return say("intake.result.done", language, persons=result.changes.persons, build=str(build)), False
    return say("intake.result.refused" if refused else "intake.result.nothing_new", language), bool(refused)


def moved_in_words(table: Taken, language: str) -> list[str]:
    """That an export tells later dates than before, or none, where clocks begin: of persons and of contracts."""
    told: list[str] = []
    if table.moved:
        figures = {"moved": table.moved, "overdue": table.moved_overdue}
        told.append(say("intake.result.moved", language, dataset=table.dataset, **figures))
    if table.contracts_moved:
        figures = {"moved": table.contracts_moved, "overdue": table.moved_overdue}
        told.append(say("intake.result.contracts_moved", language, dataset=table.dataset, **figures))
    return told


def result_figures(result: Result) -> list[tuple[str, int | None]]:
    """The figures of a run: rows in, loaded and quarantined, and how the persons changed."""
    taken = [table for file in result.files for table in file.taken]
    assert result.changes is not None
    return [
        ("rows_in", sum(table.rows_in for table in taken)),
        ("loaded", sum(table.loaded for table in taken)),
        ("quarantined", sum(sum(table.quarantined.values()) for table in taken)),
        ("no_data", sum(one.rows for table in taken for one in table.no_data)),
        ("new_persons", result.changes.new_persons),
        ("gone_persons", result.changes.gone_persons),
        ("new_requests", result.changes.new_requests),
    ]


def result_files(result: Result, language: str) -> list[tuple[str, list[str]]]:
    """What became of each file: its outcome, and a line per table or the refusal."""
    found: list[tuple[str, list[str]]] = []
    for file in result.files:
        lines = [
            f"{table.dataset}: "
            + say(
                "intake.result.sum",
                language,
                rows_in=table.rows_in,
                loaded=table.loaded,
                quarantined=sum(table.quarantined.values()),
                no_data=sum(one.rows for one in table.no_data),
                when=local_date(table.exported_at),
                how=say(f"intake.exported_at_from.{table.exported_at_from}", language),
            )
            for table in file.taken
        ]
        lines.extend(
            say("intake.result.unread_keys", language, dataset=table.dataset, rows=table.unread_keys)
            for table in file.taken
            if table.unread_keys
        )
        lines.extend(
            f"{table.dataset}: {line}"
            for table in file.taken
            for line in (
                *explain.unread_in_words(table.unread_cells, language),
                *explain.garbled_counts_in_words(table, language),
            )
        )
        lines.extend(purged_in_words(file, language))
        lines.extend(asides(file, language))
        lines.extend(line for table in file.taken for line in moved_in_words(table, language))
        if file.refused:
            lines.append(refusal(file.refused.code, language, file.refused.values))
        found.append((say(f"intake.outcome.{file.outcome}", language), lines))
    return found


def purged_in_words(file: FileResult, language: str) -> list[str]:
    """That a file holds, or may hold, those who were purged, and what to do about it."""
    told: list[str] = []
    if file.purged:
        told.append(say("intake.result.purged", language, rows=file.purged))
    if file.before_purge is not None:
        told.append(say("intake.result.before_purge", language, batch=file.before_purge))
    return told


def asides(file: FileResult, language: str) -> list[str]:
    """The sheets and members of a file that were not read, and why."""
    return [say(f"aside.{one.reason}", language, place=one.place) for one in file.aside]


def lines_in_words(lines: NoDataLines, language: str) -> str:
    """Where lines that are no data stand: the first of them, and that there are more."""
    more = "" if lines.rows <= len(lines.lines) else " …"
    return ", ".join(show(line, language) for line in lines.lines) + more


def no_data_rows(result: Result, language: str) -> list[Row]:
    """The lines of the files that are no data, per export and reason."""
    return [
        {
            "export": table.dataset,
            "reason": say(f"no_data.{one.reason}", language),
            "rows": one.rows,
            "lines": lines_in_words(one, language),
        }
        for file in result.files
        for table in file.taken
        for one in table.no_data
    ]


def quarantined_rows(result: Result, language: str) -> list[Row]:
    """How many rows stayed out of the copy, per export and reason."""
    return [
        {
            "export": table.dataset,
            "reason": say(f"quarantine.{reason}", language),
            "rows": rows,
            "to_do": to_do(reason, language),
        }
        for file in result.files
        for table in file.taken
        for reason, rows in sorted(table.quarantined.items())
    ]


def left_out_rows(result: Result, language: str) -> list[Row]:
    """The columns that were not read, with how often each was filled."""
    return [
        {
            "export": table.dataset,
            "column_name": column.column,
            "field_name": field_in_words(column.field, language),
            "filled": column.filled,
        }
        for file in result.files
        for table in file.taken
        for column in table.left_out
    ]


def run_rows(runs: Sequence[RunRow], language: str) -> list[Row]:
    """The last runs, the newest first, with what came of their rows."""
    found: list[Row] = []
    for run in runs:
        taken = [table for file in Result.model_validate_json(run.result).files for table in file.taken]
        found.append(
            {
                "run_id": run.run_id,
                "started": times.written(run.started_at),
                "run_state": say(f"intake.state.{run.state}", language),
                "exports": ", ".join(sorted({table.dataset for table in taken})) or None,
                "loaded": sum(table.loaded for table in taken) if taken else None,
                "quarantined": sum(sum(table.quarantined.values()) for table in taken) if taken else None,
            }
        )
    return found
