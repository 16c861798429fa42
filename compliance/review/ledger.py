"""The ledger as its page shows it, in words."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance import ledger
from compliance.ledger import state
from compliance.ledger.tables import ledger as lines
from compliance.register.engine import reading
from compliance.show.columns import Row
from compliance.words import times
from compliance.words.deadlines import STOCKHOLM
from compliance.words.references import reference
from compliance.words.settings import Settings
from compliance.words.texts import counted, has, say, show

# Where the words of a detail's values stand, if not under its own name; what several kinds of line call alike has
# several places.
_DETAIL_WORDS = {
    "kind": ("request_kind", "batch_kind", "mark_kind", "incident_kind"),
    "phase": ("cookie_phase",),
    "format": ("cookie_format",),
    "state": ("request_state",),
    "reason": ("doubt", "batch_reason", "session_over", "sign_in_refused", "extension_reason", "task_reason"),
    "cause": ("task_reason",),
    "because": ("mark_ending",),
    "reader_role": ("role",),
    "letter": ("letter_kind",),
    "language": ("letter_language",),
    "step": ("request_act",),
    "channel": ("request_channel",),
    "requester": ("request_requester",),
    "doubt": ("request_doubt",),
    "decided_as": ("request_decision",),
    "why": ("request_why",),
    "telling": ("request_telling",),
    "clock": ("request_clock",),
    "resumes": ("request_resumes",),
    "verdict": ("request_verdict",),
    "outcome": ("request_outcome",),
    "scope": ("hold_scope",),
    "ground": ("hold_ground", "mark_ground"),
    "what": ("what", "limited"),
}


# What a text puts in, where nobody knows it any more.
_UNTOLD = re.compile(r"\{[^{}]*\}")

# As many are read in 5 ms. Of a longer chain the page reads what is new, and all of it again after an hour.
_SHORT = 1000
_OLDEST = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Checked:
    """What was found, and when all lines up to `whole_lines` were last read."""

    verdict: ledger.Verdict
    whole_lines: int
    whole_at: dt.datetime


@dataclass(frozen=True)
class _Known:
    """What was as it was written, up to a line; of a short chain the lines themselves, once they were read twice."""

    found: Checked
    mark: ledger.Mark
    lines: Sequence[ledger.Line]


_known: dict[str, _Known] = {}


def check(register: sa.Engine, now: dt.datetime, *, whole: bool = False) -> Checked:
    """Whether the ledger is as it was written: all of it, or what follows the lines that this process has verified
    within the hour. Of a short chain all of it is read.
    """
    url = str(register.url)
    known = None if whole else _known.get(url)
    read: Sequence[ledger.Line] = ()
    with reading(register) as connection:
        if known is not None and known.mark.line <= _SHORT:
            verdict, read = ledger.verify_again(connection, known.lines)
            found = Checked(verdict, verdict.lines, now)
        # A fault, also in the line to go on from, is looked for from the beginning: the first one is to be named.
        elif (
            known is not None
            and abs(now - known.found.whole_at) < _OLDEST
            and ledger.mark(connection, known.mark.line) == known.mark
        ):
            verdict = ledger.verify(connection, known.mark)
            found = Checked(verdict, known.found.whole_lines, known.found.whole_at)
        else:
            verdict = ledger.verify(connection)
            found = Checked(verdict, verdict.lines, now)
        last = ledger.mark(connection, verdict.lines)
    if verdict.broken_at is not None:
        _known.pop(url, None)
    elif last is not None:
        _known[url] = _Known(found, last, read)
    return found


# Rows are compared again after a quarter of an hour; the server does it by itself before that, so that nobody waits.
_ROWS_OLDEST = dt.timedelta(minutes=15)
ROWS_AGAIN = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Rows:
    """Where the register's rows are not as the ledger's lines say, and when they were compared."""

    differences: tuple[state.Difference, ...]
    at: dt.datetime


_rows: dict[str, tuple[Rows, state.Latest, int]] = {}


def check_rows(
    settings: Settings, register: sa.Engine, now: dt.datetime, *, oldest: dt.timedelta = _ROWS_OLDEST
) -> Rows:
    """Whether the register's rows are as the ledger's lines say, as compared within `oldest`, or now.

    Lines that were read before are not read again; rows are, all of them.
    Raises what compliance.words.keys.pseudonyms does.
    """
    known, told, after = _rows.get(settings.register_url, (None, {}, 0))
    if known is not None and abs(now - known.at) < oldest:
        return known
    with reading(register) as connection:
        if after and ledger.mark(connection, after) is None:
            # A register that was brought back has other lines.
            told, after = {}, 0
        told, after = state.latest(connection, told, after)
        found = tuple(state.differences(connection, settings, told)) if told else ()
        if found:
            # Nobody is accused by what was remembered.
            told, after = state.latest(connection)
            found = tuple(state.differences(connection, settings, told))
    _rows[settings.register_url] = (Rows(found, now), told, after)
    return _rows[settings.register_url][0]


# What only a machine compares.
_FOR_MACHINES = ("digest", "evidence", "receipt", "replaced_digest", "run", "uid")


def ledger_lines(register: sa.Engine, event: str | None) -> int:
    """How many lines the ledger has, of one event or of all."""
    query = sa.select(sa.func.count()).select_from(lines)
    with register.connect() as connection:
        return int(connection.execute(query if event is None else query.where(lines.c.event == event)).scalar_one())


def ledger_rows(
    register: sa.Engine, event: str | None, language: str, rows: int, skip: int, before: int | None = None
) -> list[Row]:
    """Lines of the ledger, the newest first, in words; those `before` a line where one is told."""
    query = sa.select(lines).order_by(lines.c.seq.desc()).limit(rows).offset(skip)
    if event is not None:
        query = query.where(lines.c.event == event)
    if before is not None:
        query = query.where(lines.c.seq < before)
    with register.connect() as connection:
        return [
            {
                "seq": line["seq"],
                "at": f"{line['at'].astimezone(STOCKHOLM):%Y-%m-%d %H:%M:%S}",
                "event": say(f"event.{line['event']}", language),
                "actor": reference(line["actor"]) if line["actor"] else say("common.command_line", language),
                "role": say(f"role.{line['role']}", language) if line["role"] else "",
                "build_id": line["build_id"],
                "details": details_in_words(json.loads(line["details"]), language),
                "digest": line["digest"],
            }
            for line in connection.execute(query).mappings()
        ]


# So many lines of an extract are in memory at once.
_PART = 2000


def every_row(register: sa.Engine, event: str | None, language: str, lines_shown: int) -> Iterator[list[Row]]:
    """As many lines as were shown, the newest first, part by part; what has come since is left out."""
    skip, before = max(0, ledger_lines(register, event) - lines_shown), None
    while lines_shown and (rows := ledger_rows(register, event, language, min(_PART, lines_shown), skip, before)):
        yield rows
        # By number from here on: lines are added while somebody reads.
        skip, before, lines_shown = 0, int(rows[-1]["seq"]), lines_shown - len(rows)


def details_in_words(details: Mapping[str, Any], language: str) -> str:
    """What a line of the ledger says besides the event. A word that has no text stays as it was written."""
    told: list[str] = []
    for name, value in sorted(details.items(), key=lambda detail: detail[0] in _FOR_MACHINES):
        key = f"detail.{name}"
        told.append(f"{say(key, language) if has(key) else name}: {_detail(name, value, language)}")
    return " · ".join(told)


def _detail(name: str, value: Any, language: str) -> str:
    if name == "request":
        return str(value)
    if name == "whose":
        return reference(value)
    if name == "decided":
        counts = dict(one.split("=") for one in value.split(";") if one)
        return counted("event", {event: int(count) for event, count in counts.items()}, language) or "–"
    if not isinstance(value, str):
        return show(value, language)
    if name.endswith("_at"):
        with contextlib.suppress(ValueError):
            return times.written(dt.datetime.fromisoformat(value))
    keys = [*(f"{section}.{value}" for section in _DETAIL_WORDS.get(name, (name,))), f"detail_value.{value}"]
    if name == "what":
        # A list is known by its page, a table by the name of its file.
        keys += [f"{value}.title", f"extract_name.{value}"]
    found = next((say(key, language) for key in keys if has(key)), value)
    if found == value and name == "reason" and has(f"refusal.{value}"):
        # The ledger has the code of a refusal, and not what it was about.
        return _UNTOLD.sub("…", say(f"refusal.{value}", language)).replace("{{", "{").replace("}}", "}")
    return found
