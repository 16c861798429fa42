"""The ledger has each extract: that it begins before anything leaves, and how it ended."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import access
from compliance.ledger import tables as ledger_tables
from compliance.reading.copy import Retired
from compliance.register.engine import engine
from compliance.show.columns import Column
from compliance.show.extract import Sheet, Stamp, Whole, extract, parts_of, to_file
from compliance.show.leaving import Written
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Permission, Role
from tests.world import acting

STAMP = Stamp(7, dt.date(2026, 11, 24), "")
COLUMNS = [Column("name", "Namn"), Column("days", "Dagar", "number")]
LATER = dt.datetime(2026, 11, 24, 6, 5, tzinfo=dt.UTC)
NOW = LATER - dt.timedelta(minutes=5)
BEGUN = ("extract:begun", None, NOW)


@pytest.fixture
def register(settings: Settings) -> Iterator[sa.Engine]:
    opened = engine(settings)
    yield opened
    opened.dispose()


def leaving(
    settings: Settings, register: sa.Engine, chunks: Iterable[list[dict[str, Any]]], role: Role = Role.DPO
) -> Written:
    """An extract with names, as a role asks for it."""
    actor = next(one for one in access.demo_actors(settings) if one.role is role)
    sheet = Sheet("subjects", COLUMNS, "sv", "plain", STAMP)
    at = acting(settings, register, actor, NOW)
    return extract(at, sheet, parts_of(sheet, chunks), Permission.EXTRACT_PERSONS, lambda: LATER)


def recorded(register: sa.Engine) -> list[tuple[str, Any, dt.datetime]]:
    """What the ledger has of extracts: the event, the rows that left, and when."""
    with register.connect() as connection:
        lines = connection.execute(sa.select(ledger_tables.ledger).order_by(ledger_tables.ledger.c.seq)).mappings()
        return [(line["event"], json.loads(line["details"]).get("rows"), line["at"]) for line in lines]


def chunks_of(*sizes: int) -> Iterator[list[dict[str, Any]]]:
    """Rows in so many chunks."""
    for size in sizes:
        yield [{"name": f"P{number}", "days": number} for number in range(size)]


def purged_after(size: int) -> Iterator[list[dict[str, Any]]]:
    """A chunk, and then a purge."""
    yield from chunks_of(size)
    raise Retired


def test_an_extract_that_nobody_reads_is_recorded_as_broken_off(settings: Settings, register: sa.Engine) -> None:
    leaving(settings, register, chunks_of(2)).close()
    assert recorded(register) == [BEGUN, ("extract:broken", 0, LATER)]


def test_an_extract_is_recorded_as_begun_before_it_leaves_and_as_done(settings: Settings, register: sa.Engine) -> None:
    written = leaving(settings, register, chunks_of(2, 3))
    assert recorded(register) == [BEGUN]
    assert b"".join(written).count(b"\n") == 6
    assert recorded(register) == [BEGUN, ("extract:made", 5, LATER)]


def test_an_extract_that_is_broken_off_says_how_many_rows_have_left(settings: Settings, register: sa.Engine) -> None:
    written = leaving(settings, register, chunks_of(2, 3, 4))
    # The headers, two rows, and three of which nobody knows whether they have arrived.
    assert [next(written).count(b"\n") for _ in range(3)] == [1, 2, 3]
    written.close()
    assert recorded(register) == [BEGUN, ("extract:broken", 2, LATER)]


def test_an_extract_that_a_purge_overtakes_is_broken_off(settings: Settings, register: sa.Engine) -> None:
    with pytest.raises(Retired):
        list(leaving(settings, register, purged_after(2)))
    assert recorded(register) == [BEGUN, ("extract:broken", 2, LATER)]


def test_who_may_not_gets_nothing_and_begins_nothing(settings: Settings, register: sa.Engine) -> None:
    with pytest.raises(Refused, match="not_allowed"):
        leaving(settings, register, chunks_of(1), Role.CISO)
    assert recorded(register) == []


def lines(register: sa.Engine) -> list[tuple[Any, ...]]:
    """All that the ledger has of extracts: the event, by whom, of which build, and what it tells."""
    with register.connect() as connection:
        told = connection.execute(sa.select(ledger_tables.ledger).order_by(ledger_tables.ledger.c.seq)).mappings()
        return [(one["event"], one["actor"], one["build_id"], json.loads(one["details"])) for one in told]


def test_the_ledger_says_what_left_in_which_form_by_whom_and_whether_it_names_persons(
    settings: Settings, register: sa.Engine
) -> None:
    petra = next(one for one in access.demo_actors(settings) if one.role is Role.DPO)
    at = acting(settings, register, petra, NOW)
    sheet = Sheet("kpis", COLUMNS, "sv", "excel", STAMP)
    list(extract(at, sheet, parts_of(sheet, chunks_of(1)), Permission.EXTRACT_FIGURES, lambda: LATER))
    letter = Whole("letter", "pdf", Stamp(None, STAMP.as_of, ""), digest="d1", request=3)
    list(extract(at, letter, [(b"x", 1)], Permission.EXTRACT_PERSONS, lambda: LATER))
    by = petra.pseudonym
    figures = {"what": "kpis", "persons": False, "flavour": "excel"}
    named = {"what": "letter", "persons": True, "flavour": "pdf", "digest": "d1", "request": 3}
    assert lines(register) == [
        ("extract:begun", by, 7, figures),
        ("extract:made", by, 7, {**figures, "rows": 1}),
        ("extract:begun", by, None, named),
        ("extract:made", by, None, {**named, "rows": 1}),
    ]


def test_only_what_names_persons_counts_against_the_days_limit(settings: Settings, register: sa.Engine) -> None:
    petra = next(one for one in access.demo_actors(settings) if one.role is Role.DPO)
    at = acting(settings, register, petra, NOW)
    at = acting(settings, register, petra, NOW, parameters=at.parameters.model_copy(update={"extracts_per_day": 1}))
    sheet = Sheet("kpis", COLUMNS, "sv", "plain", STAMP)
    for permission in (Permission.EXTRACT_FIGURES, Permission.EXTRACT_PERSONS, Permission.EXTRACT_FIGURES):
        list(extract(at, sheet, parts_of(sheet, chunks_of(1)), permission, lambda: LATER))
    with pytest.raises(Refused, match="limit_extracts"):
        extract(at, sheet, parts_of(sheet, chunks_of(1)), Permission.EXTRACT_PERSONS, lambda: LATER)


def test_the_command_line_writes_a_new_file_for_its_user_alone_and_says_so(
    settings: Settings, register: sa.Engine, tmp_path: Path
) -> None:
    told = {"what": "no_mail", "flavour": "plain"}
    nobody, path = acting(settings, register, None, NOW), tmp_path / "out.csv"
    assert to_file(nobody, 7, told, path, [(b"a\n", 0), (b"b\nc\n", 2)]) == 2
    assert path.read_bytes() == b"a\nb\nc\n" and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert lines(register) == [
        ("extract:begun", None, 7, told),
        ("extract:made", None, 7, {**told, "rows": 2}),
    ]
    # A file that is there stays; what was begun is told all the same.
    with pytest.raises(Refused):
        to_file(nobody, 7, told, path, [(b"other", 1)])
    assert path.read_bytes() == b"a\nb\nc\n"
    assert [event for event, *_ in lines(register)] == ["extract:begun", "extract:made", "extract:begun"]
    petra = next(one for one in access.demo_actors(settings) if one.role is Role.DPO)
    with pytest.raises(Refused, match="command_line_only"):
        to_file(acting(settings, register, petra, NOW), 7, told, tmp_path / "more.csv", [])
