"""Writes the demo company's exports, and a manifest of what they were made to hold.

The same seed and day give the same bytes. `this_week` leaves out nothing; the exports of a week earlier lack what
is marked as new and hold some prospects that are gone since.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import openpyxl
from faker import Faker

from compliance.demo import access_made, mailings_made, requests_made
from compliance.demo.scenarios import (
    OVERDUE_QUARTER,
    SCENARIOS,
    Expected,
    Maker,
    Row,
    Scenario,
    dotted,
    prospect,
)

# The shares of the scenarios are of so many persons.
PER = sum(scenario.share * scenario.persons for scenario in SCENARIOS)
# A sheet holds about a million rows; beyond that the HR system would deliver text files.
_MAX_WORKBOOK_PERSONS = 500_000
_NAMES = 400

HEADERS: dict[str, tuple[str, ...]] = {
    "crm_organisations": ("Kund-ID", "Kundnamn", "Organisationsnummer", "Kundstatus", "Övertagen av", "Bransch"),
    "crm_contracts": ("Avtals-ID", "Kund-ID", "Avtalsstart", "Avtalsslut", "Produkt"),
    "crm_contacts": (
        "Kontakt-ID", "Förnamn", "Efternamn", "E-post", "Telefon", "Befattning", "Kund-ID", "Kundnamn", "Typ",
        "Utsedd", "Roll t.o.m.", "Slutat hos kund", "Senaste möte", "Skapad", "Avregistrerad", "Raderad",
        "Personnummer", "Matpreferens", "LinkedIn", "Anteckning",
    ),
    "crm_prospects": (
        "Prospekt-ID", "Namn", "E-post", "Telefon", "Titel", "Företag", "Källa", "Registrerad", "Senaste möte",
        "Senaste inkommande", "Avregistrerad", "Raderad", "Födelsedag", "Privat telefon",
    ),
    "hr_employees": (
        "Anställningsnummer", "Förnamn", "Efternamn", "E-post", "Mobil", "Befattning", "Anställd från",
        "Sista anställningsdag", "Status", "Personnummer", "Adress", "Bankkonto", "Facklig tillhörighet",
    ),
    "hr_contractors": ("Uppdrags-ID", "Namn", "E-post", "Telefon", "Roll", "Från", "Till", "Status", "Bankkonto"),
    "hr_vouchers": ("Verifikationsnummer", "Gäller anställningsnummer", "Räkenskapsår", "Belopp"),
    "supplier_register": (
        "Person-ID", "Namn", "E-post", "Telefon", "Roll", "Typ", "Organisations-ID", "Organisation",
        "Relation från", "Relation till", "Ersatt", "Status",
    ),
    "web_leads": ("visitor_id", "cookie", "first_set", "company", "ip"),
    "environments": access_made.ENVIRONMENTS,
    "access_grants": access_made.GRANTS,
    "mailings": mailings_made.MAILINGS,
    "opt_outs": mailings_made.OPT_OUTS,
    "erasure_form": requests_made.HEADERS,
}  # fmt: skip
SHEETS = {"hr_employees": "Anställda", "hr_contractors": "Uppdragstagare", "hr_vouchers": "Verifikationer"}


@dataclass(frozen=True)
class _File:
    stem: str
    encoding: str
    delimiter: str


FILES: dict[str, _File] = {
    "crm_organisations": _File("crm_kunder", "utf-8-sig", ";"),
    "crm_contracts": _File("crm_avtal", "utf-8-sig", ";"),
    "crm_contacts": _File("crm_kontakter", "utf-8-sig", ";"),
    "crm_prospects": _File("crm_prospekt", "utf-8-sig", ";"),
    "hr_employees": _File("hr_anstallda", "utf-8", ","),
    "hr_contractors": _File("hr_uppdragstagare", "utf-8", ","),
    "hr_vouchers": _File("hr_verifikationer", "utf-8", ","),
    "supplier_register": _File("leverantorsregister", "cp1252", ";"),
    "web_leads": _File("webbesok", "utf-8", ","),
    "environments": _File("kundmiljoer", "utf-8", ";"),
    "access_grants": _File("supportatkomst", "utf-8", ";"),
    "mailings": _File("utskick", "utf-8", ";"),
    "opt_outs": _File("avregistreringar", "utf-8", ";"),
    "erasure_form": _File("raderingsformular", "utf-8", ","),
}


@dataclass
class Manifest:
    """What the exports were made to hold, counted from intent."""

    as_of: dt.date
    persons: int = 0
    scenarios: Counter[str] = field(default_factory=Counter)
    bases: Counter[Expected] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    # (organisation's id in the copy, placed on, released on): the holds that the scenarios rely on.
    holds: list[tuple[str, dt.date, dt.date | None]] = field(default_factory=list)

    def count(self, **wanted: str) -> int:
        """How many bases have the given category, status or reason."""
        return sum(
            times
            for expected, times in self.bases.items()
            if all(getattr(expected, name) == value for name, value in wanted.items())
        )

    def as_json(self) -> str:
        """The manifest as text, for those who read the exports elsewhere."""
        told: dict[str, Any] = {
            "as_of": self.as_of.isoformat(),
            "persons": self.persons,
            "scenarios": dict(self.scenarios),
            "bases": [
                {"category": one.category, "status": one.status, "reason": one.reason, "bases": times}
                for one, times in sorted(self.bases.items(), key=lambda item: str(item[0]))
            ],
            "quarantined": dict(self.quarantined),
            "rows": dict(self.rows),
            "requests": dict(self.requests),
        }
        return json.dumps(told, indent=2, ensure_ascii=False)


class _Sink(Protocol):
    def write(self, values: list[str]) -> None: ...


def write_exports(folder: Path, persons: int, as_of: dt.date, *, seed: int = 1, this_week: bool = True) -> Manifest:
    """Writes all exports of about `persons` persons into `folder`, dated `as_of` (a week earlier without `this_week`).

    Returns the manifest, which is also written beside them as manifest.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(as_of)
    dated = as_of if this_week else as_of - dt.timedelta(days=7)
    maker = _maker(as_of, seed)
    asked = requests_made.Asked()
    offered = access_made.Offered()
    sent = mailings_made.Sent()
    with ExitStack() as stack:
        sinks = _sinks(stack, folder, dated, persons)
        for scenario, number in _one_by_one(persons):
            rows = scenario.make(maker)
            asked.offer(scenario.name, number, rows)
            _note_holds(manifest, scenario, rows)
            is_fresh = bool(scenario.fresh and number % scenario.fresh == 0)
            if is_fresh and not this_week:
                continue
            if not is_fresh:
                offered.offer(rows, as_of)
                sent.offer(scenario.name, rows)
            _tell(manifest, scenario)
            _write(manifest, sinks, scenario, rows)
        if not this_week:
            for _ in range(max(1, 40 * persons // PER)):
                gone = Scenario("gone_since", 40, (Expected("PROSPECT", "OVERDUE", "registered"),), lambda _: [])
                _tell(manifest, gone)
                _write(
                    manifest,
                    sinks,
                    gone,
                    [prospect(maker, Registrerad=dotted(maker.ceiling_in(*OVERDUE_QUARTER)))],
                )
        for dataset, row in access_made.rows(as_of, offered, this_week=this_week):
            manifest.rows[dataset] += 1
            sinks[dataset].write([row.get(name, "") for name in HEADERS[dataset]])
        for dataset, row in mailings_made.rows(as_of, sent, this_week=this_week):
            manifest.rows[dataset] += 1
            sinks[dataset].write([row.get(name, "") for name in HEADERS[dataset]])
        for state, row in requests_made.rows(as_of, asked, persons, this_week=this_week):
            manifest.requests[state] += 1
            manifest.rows["erasure_form"] += 1
            sinks["erasure_form"].write([row.get(name, "") for name in HEADERS["erasure_form"]])
            if state == "no_reference":
                manifest.quarantined["no_reference"] += 1
    (folder / "manifest.json").write_text(manifest.as_json(), encoding="utf-8")
    return manifest


def _maker(as_of: dt.date, seed: int) -> Maker:
    faker = Faker("sv_SE")
    faker.seed_instance(seed)
    given, family = (
        list(dict.fromkeys(make() for _ in range(_NAMES * 3)))[:_NAMES] for make in (faker.first_name, faker.last_name)
    )
    # Names that are not random themselves but drawn once, and dice that only choose days.
    return Maker(as_of, random.Random(seed), given, family)


def _one_by_one(persons: int) -> Iterator[tuple[Scenario, int]]:
    for scenario in SCENARIOS:
        for number in range(max(1, round(scenario.share * persons / PER))):
            yield scenario, number


def _tell(manifest: Manifest, scenario: Scenario) -> None:
    manifest.scenarios[scenario.name] += 1
    manifest.persons += scenario.persons
    manifest.bases.update(scenario.bases)
    manifest.quarantined.update(scenario.quarantined)


def _note_holds(manifest: Manifest, scenario: Scenario, rows: list[tuple[str, Row]]) -> None:
    spans = {
        "on_hold": (-500, None),
        "hold_released": (-500, -3),
        "hold_long_over": (-900, -600),
    }
    if scenario.name in spans:
        placed, released = spans[scenario.name]
        org = next(row["Kund-ID"] for dataset, row in rows if dataset == "crm_organisations")
        manifest.holds.append(
            (
                f"crm:{org}",
                manifest.as_of + dt.timedelta(days=placed),
                None if released is None else manifest.as_of + dt.timedelta(days=released),
            )
        )


def _write(manifest: Manifest, sinks: dict[str, _Sink], scenario: Scenario, rows: list[tuple[str, Row]]) -> None:
    for dataset, row in rows:
        values = [row.get(name, "") for name in HEADERS[dataset]]
        if scenario.broken and dataset == "crm_contacts":
            values = values[:5]
        sinks[dataset].write(values)
        manifest.rows[dataset] += 1


class _CsvSink:
    def __init__(self, stack: ExitStack, path: Path, file: _File, headers: tuple[str, ...]) -> None:
        opened = stack.enter_context(path.open("w", encoding=file.encoding, newline="", errors="strict"))
        self._writer = csv.writer(opened, delimiter=file.delimiter, lineterminator="\r\n")
        self.write(list(headers))

    def write(self, values: list[str]) -> None:
        self._writer.writerow(values)


class _SheetSink:
    def __init__(self, book: openpyxl.Workbook, title: str, headers: tuple[str, ...]) -> None:
        self._sheet = book.create_sheet(title)
        self._dates = {place for place, name in enumerate(headers) if name in ("Anställd från", "Från", "Till")}
        self._sheet.append(list(headers))

    def write(self, values: list[str]) -> None:
        # HR systems hand out real dates in some columns and text in others.
        cells: list[Any] = [value or None for value in values]
        for place in self._dates:
            if values[place]:
                cells[place] = dt.date.fromisoformat(values[place])
        self._sheet.append(cells)


def _sinks(stack: ExitStack, folder: Path, dated: dt.date, persons: int) -> dict[str, _Sink]:
    sinks: dict[str, _Sink] = {}
    workbook = persons <= _MAX_WORKBOOK_PERSONS
    for dataset, file in FILES.items():
        if workbook and dataset in SHEETS:
            continue
        path = folder / f"{file.stem}_{dated.isoformat()}.csv"
        sinks[dataset] = _CsvSink(stack, path, file, HEADERS[dataset])
    if workbook:
        book = openpyxl.Workbook(write_only=True)
        # The same day gives the same bytes.
        book.properties.created = book.properties.modified = dt.datetime.combine(dated, dt.time())
        for dataset, title in SHEETS.items():
            sinks[dataset] = _SheetSink(book, title, HEADERS[dataset])
        stack.callback(lambda: book.save(folder / f"hr_{dated.isoformat()}.xlsx"))
    return sinks
