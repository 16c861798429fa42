"""Every figure is walked to its list and to the list's CSV: what a tile says is what stands there, row by row."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import re
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import openpyxl
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance import evidence, ledger
from compliance.builds.tables import build
from compliance.findings import gather
from compliance.holds import listing
from compliance.holds.tables import hold, hold_loss
from compliance.incidents import state as incidents
from compliance.ledger import Event
from compliance.purge import tables as purge_tables
from compliance.rectification.tables import rectification, rectification_recipient
from compliance.register.engine import engine, writing
from compliance.report import content, files
from compliance.requests import backlog
from compliance.requests import tables as requests_tables
from compliance.review import decisions, measures
from compliance.review import rows as review_rows
from compliance.review.kpis import kpis
from compliance.suppression import tables as suppression_tables
from compliance.words import settings as settings_of
from compliance.words.remembered import Remembered
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import Category, Reason, Role, Status
from tests import demo_store
from tests.pages.test_pages import opened
from tests.purges import purge
from tests.world import TODAY

Rows = Sequence[Mapping[str, str]]
# Where each page is, and which of its tables a figure leads to.
LISTS = {
    "subjects": ("review/subjects", "entries_subjects"),
    "expiries": ("review/expiries", "entries_expiries"),
    "erasure": ("requests/erasure", "requests"),
    "holds": ("holds/holds", "holds"),
    "purge": ("purge/purge", "batches"),
    "findings": ("findings/findings", "findings_list"),
    "person": ("person/person", "corrections"),
}


def column(name: str) -> str:
    """A column as the English extracts call it."""
    return say(f"column.{name}", "en")


@dataclass
class Dashboard:
    """The demo company's, with every file that its pages offer."""

    offered: dict[str, Mapping[str, Any]]

    def page(self, page: str, query: str = "", role: Role = Role.DPO) -> AppTest:
        """A page with the filters of a link, and nothing offered but by it."""
        self.offered.clear()
        return opened(role, "en", page, dict(parse_qsl(query)))

    def extract(self, key: str) -> Rows:
        """The CSV of a table of the page that was opened last, as it would leave; none does without rows."""
        offer = self.offered.get(f"csv_{key}_excel")
        if offer is None:
            return []
        at = offer["at"](offer["session"])
        at.require(offer["permission"])
        text = b"".join(offer["write"](at)).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text), delimiter=";"))

    def listed(self, page: str, query: str, role: Role, beside: str | None = None) -> tuple[Rows, AppTest]:
        """The rows that a link leads to, or those of the table `beside` them."""
        path, key = LISTS[page]
        if "over=" in query:
            key = "requests_over"
        if "returns=" in query:
            key = "sightings"
        app = self.page(path, query, role)
        return self.extract(beside or key), app


def _day(back: int) -> dt.datetime:
    return dt.datetime.combine(TODAY - dt.timedelta(days=back), dt.time(5), dt.UTC)


def happened(settings: Settings) -> None:
    """What the demo company has not: purges of all kinds, a hold that lost its person, requests that ended in all ways,
    and rows that came back.
    """
    register, batch, request = engine(settings), purge_tables.batch, requests_tables.request
    told = (
        (1, "executed", "request", 3, 5, 2, 1), (2, "verified", "request", 8, 40, 0, 0),
        (3, "resurfaced", "request", 12, 7, 1, 0), (4, "verified", "rule", 29, 60, 3, 4),
        (5, "verified", "rule", 30, 900, 9, 9), (6, "executed", "request", 1, 0, 6, 0),
    )  # fmt: skip
    uids = [purge(settings, register).uid for _ in told]
    with writing(register) as connection:
        # The build has none of those who were purged.
        connection.execute(sa.update(build).values(purges=len(uids)))
        open_ = connection.scalars(
            sa.select(request.c.request_id)
            .where(request.c.role == "controller", request.c.closed_on.is_(None))
            .order_by(request.c.request_id)
        ).all()
        for uid, (number, state, kind, back, deleted, held, failed) in zip(uids, told, strict=True):
            own = sa.update(batch).where(batch.c.uid == uid)
            batch_id = connection.scalars(
                own.values(
                    state=state, kind=kind, executed_at=_day(back), deleted=deleted, held=held, changed=1,
                    failed=failed, planned=deleted + held + failed + 1,
                ).returning(batch.c.batch_id)
            ).one()  # fmt: skip
            if deleted:
                connection.execute(
                    sa.insert(purge_tables.batch_lag),
                    [
                        {"batch_id": batch_id, "category": "PROSPECT", "days": days, "entries": entries}
                        for days, entries in ((number * 10, deleted - 4), (-number, 3), (None, 1))
                    ],
                )
            if kind == "request":
                answered = open_[number * 2 : number * 2 + (1 if state == "verified" else 2)]
                connection.execute(
                    sa.insert(purge_tables.batch_request),
                    [{"batch_id": batch_id, "request_id": request_id} for request_id in answered],
                )
        seen = [
            {
                "suppression_id": connection.execute(
                    sa.insert(suppression_tables.suppression).values(
                        batch_id=1, key_id="e" * 16, record_digest=f"{number:032}", source="crm",
                        dataset="crm_prospekt", erased_on=TODAY, expires_on=TODAY + dt.timedelta(days=900),
                    )
                ).inserted_primary_key[0],
                "record_digest": f"{number:032}", "kind": kind, "source": "crm", "dataset": "crm_prospekt",
                "first_build": 1, "last_build": 1, "first_seen_at": _day(first), "last_seen_at": _day(last),
            }
            for number, (kind, first, last) in enumerate(
                (("kept_out", 20, 0), ("kept_out", 20, 0), ("kept_out", 9, 7), ("possible", 8, 6), ("possible", 8, 8),
                 ("possible", 7, 0), ("let_in", 20, 0))
            )
        ]  # fmt: skip
        connection.execute(sa.insert(suppression_tables.reappearance), seen)
        for place, (outcome, took, pause) in enumerate(
            (("done", 3, 0), ("refused", 11, 4), ("partial", 17, 0), ("withdrawn", 29, 0), ("done", 26, 5))
        ):
            came, closed = took + 2 + place, 2 + place
            connection.execute(
                sa.insert(request).values(
                    source="form", reference=f"walk-{place}", kind="erasure", role="controller",
                    received_at=_day(came), received_on=_day(came).date(), closed_on=_day(closed).date(),
                    outcome=outcome, first_seen_at=_day(came), updated_at=_day(closed),
                    identity_asked_on=_day(came - 1).date() if pause else None,
                    identity_answered_on=_day(came - 1 - pause).date() if pause else None,
                    extension_notice_on=_day(closed).date() if outcome == "refused" else None,
                    extension_reason="complex" if outcome == "refused" else None,
                )
            )  # fmt: skip
        # Awaited, refused by the source, late and in time, to be told to somebody only, and what is in no figure.
        corrections = (
            ("awaited", 4, None), ("still_old", 50, 3), ("verified", 9, 2), ("verified", 20, 5), ("verified", 59, 1),
            ("verified", 45, 20), ("verified", 90, 80), ("withdrawn", 40, 6), ("purged", 41, 6),
        )  # fmt: skip
        for number, (state, asked, decided) in enumerate(corrections, 1):
            connection.execute(
                sa.insert(rectification).values(
                    rectification_id=number, source="crm", dataset="crm_prospects", category="PROSPECT", field="phone",
                    state=state, asked_by="petra", asked_at=_day(asked),
                    decided_at=None if decided is None else _day(decided),
                )
            )  # fmt: skip
        told = [{"rectification_id": number, "recipient": "mail"} for number in (3, 6)]
        connection.execute(sa.insert(rectification_recipient), told)
        hold_id = connection.scalars(sa.select(hold.c.hold_id).where(hold.c.released_on.is_(None))).first()
        connection.execute(sa.update(hold).where(hold.c.hold_id == hold_id).values(owner=" "))
        connection.execute(sa.insert(hold_loss).values(hold_id=hold_id, build_id=1, is_given_on=False, lost_at=_day(2)))


@contextlib.contextmanager
def standing(folder: Path) -> Iterator[Dashboard]:
    """The demo company's pages, in a store of their own."""
    offered: dict[str, Mapping[str, Any]] = {}

    def download(session: Any, label: Any, *, key: str, **told: Any) -> None:
        offered[key] = {"session": session, "label": label, **told}

    path = demo_store.copied(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPLIANCE_STORE", str(path))
        patch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
        patch.setattr(sys.modules["compliance.ui.table"], "download", download)
        yield Dashboard(offered)


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with standing(tmp_path_factory.mktemp("walk")) as found:
        yield found


@pytest.fixture
def eventful(tmp_path: Path) -> Iterator[Dashboard]:
    """The same after all that `happened`, which no snapshot has yet."""
    with standing(tmp_path) as found:
        happened(settings_of.load())
        yield found


def tiles(app: AppTest) -> dict[str, tuple[str, str, str]]:
    """Each tile of a page by its label: its value, and the page and the filters that it leads to."""

    def inside(block: Any) -> Iterator[Any]:
        for child in getattr(block, "children", {}).values():
            yield child
            yield from inside(child)

    found = {}
    for block in inside(app.main):
        children = list(getattr(block, "children", {}).values())
        metric = next((one for one in children if one.type == "metric"), None)
        if metric is not None:
            link = next((one.proto for one in children if one.type == "page_link"), None)
            found[metric.label] = (metric.value, link.page if link else "", link.query_string if link else "")
    return found


def having(status: str) -> Callable[[Mapping[str, str]], bool]:
    """Whether a row of an extract has a status, whose sign is not read."""
    return lambda row: row[column("status")].endswith(say(f"status.{status}", "en"))


def persons(rows: Rows) -> int:
    """Distinct persons."""
    return len({row[column("reference")] for row in rows})


def stated_persons(app: AppTest) -> float:
    """How many persons a list says that its entries are about."""
    return next(
        int(found[1].replace(",", ""))
        for caption in app.caption
        if (found := re.fullmatch(r"[\d,]+ entries about ([\d,]+) persons", caption.value))
    )


def days_overdue(rows: Rows) -> float:
    """For how long the oldest of them is overdue."""
    return max(int(row[column("days_overdue")]) for row in rows)


def in_time(rows: Rows) -> float:
    """What part of them was answered in time."""
    return sum(row[column("in_time")] == say("common.yes", "en") for row in rows) / len(rows)


def numbers(rows: Rows, name: str) -> list[int]:
    """A column of numbers, without the rows that have none."""
    return [int(row[column(name)]) for row in rows if row[column(name)]]


def most(name: str) -> Callable[[Rows], float]:
    """The largest number of a column; 0 where there is none."""
    return lambda rows: max(numbers(rows, name), default=0)


def total(name: str) -> Callable[[Rows], float]:
    """The sum of a column."""
    return lambda rows: sum(numbers(rows, name))


def part_with(name: str, *words: str) -> Callable[[Rows], float]:
    """What part of the rows has one of those words in a column."""
    return lambda rows: sum(row[column(name)] in words for row in rows) / len(rows)


def purged_in_vain(rows: Rows) -> float:
    """What part of what was to be purged failed."""
    failed = total("not_purged")(rows)
    return failed / (failed + total("deleted")(rows))


def lag(rows: Rows) -> list[int]:
    """For each entry, how long after its last lawful day it went."""
    return [
        int(row[column("lag_days")])
        for row in rows
        for _ in range(int(row[column("bases")]))
        if row[column("lag_days")]
    ]


def days_since(day: str) -> int:
    """How many days ago a day of an extract is."""
    return (TODAY - dt.date.fromisoformat(day)).days


def quiet(rows: Rows) -> float:
    """How long ago the last of them was carried out."""
    return min(days_since(row[column("executed_on")]) for row in rows)


def settled(rows: Rows, *, net: bool = False) -> list[int]:
    """How long each took, but for those that were withdrawn; `net` of the days on which the clock stood."""
    kept = [row for row in rows if row[column("outcome")] != say("request_outcome.withdrawn", "en")]
    return [int(row[column("took_days")]) - net * int(row[column("paused_days")]) for row in kept]


def complete(rows: Rows) -> float:
    """What part of the requests was answered by purges that every source has confirmed."""
    return total("requests_answered")([row for row in rows if verified(row)]) / total("requests_answered")(rows)


def verified(row: Mapping[str, str]) -> bool:
    """Whether every source has shown that those whom a purge was about are gone."""
    return row[column("batch_state")].endswith(say("batch_state.verified", "en"))


def incomplete(rows: Rows) -> float:
    """How long ago the first of them was carried out that a source has not confirmed."""
    return max((days_since(row[column("executed_on")]) for row in rows if not verified(row)), default=0)


def backups_clear(rows: Rows) -> float:
    """In how many days no backup has any of it."""
    return max(-days_since(row[column("backups_until")]) for row in rows)


# How each figure is counted in the rows of the list that it leads to.
COUNTED: Mapping[str, Callable[[Rows], float]] = {
    **dict.fromkeys(
        ("entries", "overdue", "due_30", "due_90", "unclassified", "undetermined", "former_role", "open_requests",
         "requests_in", "requests_closed", "overdue_requests", "requests_due", "unverified", "resurfaced",
         "holds_active", "holds_late", "holds_without_owner", "findings_open", "findings_late", "findings_accepted",
         "undetermined_past", "held_past", "holds_lost", "extended_invalid", "corrections_open"),
        len,
    ),
    **dict.fromkeys(("purged", "backup_tail"), total("deleted")),
    **dict.fromkeys(("reappeared", "reappeared_open"), total("rows")),
    "oldest_overdue": days_overdue,
    "on_time": in_time,
    "purge_failed": purged_in_vain,
    "purge_skipped": total("stayed"),
    "purge_lag": lambda rows: statistics.median(lag(rows)),
    "purge_lag_most": lambda rows: max(lag(rows)),
    "purge_quiet": quiet,
    "erasure_complete": complete,
    "erasure_oldest": incomplete,
    "backup_tail_days": backups_clear,
    "days_to_correct": lambda rows: statistics.median(numbers(rows, "correction_took")),
    "corrections_on_time": in_time,
    "oldest_request": most("age_days"),
    "days_to_close": lambda rows: statistics.median(settled(rows)),
    "days_to_close_p95": lambda rows: sorted(settled(rows))[-(-len(settled(rows)) * 95 // 100) - 1],
    "days_to_close_net": lambda rows: statistics.median(settled(rows, net=True)),
    "extended": part_with("is_extended", say("common.yes", "en")),
    "refused": part_with("outcome", *(say(f"request_outcome.{one}", "en") for one in ("refused", "partial"))),
}  # fmt: skip
# Beside the list that it leads to stands another, which has how many days each entry went after its last one.
BESIDE = dict.fromkeys(("purge_lag", "purge_lag_most"), "purge_lags")
# Of these there are none here; tests/findings counts them.
EMPTY = {"findings_late", "findings_accepted"}
PERSONS = {"persons", "in_order", "overdue_persons"}
# What part of which figure each is.
SHARES = {"in_order_share": ("in_order", "persons"), "undetermined_share": ("undetermined", "entries")}


def test_every_figure_is_what_its_list_and_its_csv_have(eventful: Dashboard) -> None:
    eventful.page("review/risk")
    told = {row[column("kpi_name")]: row[column("kpi_value")] for row in eventful.extract("kpis")}
    led = {code: kpi for code, kpi in kpis().items() if kpi.way is not None and Path(kpi.way.page).stem in LISTS}
    assert led.keys() == COUNTED.keys() | PERSONS | SHARES.keys()
    seen: dict[tuple[str, str, str | None], tuple[Rows, AppTest]] = {}
    counted: dict[str, float] = {}
    for code in (*COUNTED, *PERSONS):
        kpi = led[code]
        assert kpi.way is not None
        way = Path(kpi.way.page).stem, urlencode(kpi.way.filters), BESIDE.get(code)
        if way not in seen:
            seen[way] = eventful.listed(*way[:2], Role.DPO, way[2])
        rows, app = seen[way]
        counted[code] = COUNTED[code](rows) if code in COUNTED else stated_persons(app)
        assert code in COUNTED or counted[code] == persons(rows)
    for code, (part, whole) in SHARES.items():
        counted[code] = counted[part] / counted[whole]
    assert {code: led[code].show_value(value, "en") for code, value in counted.items()} == {
        code: told[led[code].name("en")] for code in counted
    }
    # None of them is what it is because there is nothing to count.
    assert not {code for code, value in counted.items() if not value} - EMPTY


@pytest.mark.parametrize(("page", "role"), [("review/weekly", Role.DPO), ("review/risk", Role.CISO)])
def test_a_tile_says_its_figure_and_leads_to_its_list(dashboard: Dashboard, page: str, role: Role) -> None:
    found = tiles(dashboard.page(page, role=role))
    dashboard.page("review/risk", role=role)
    told = {row[column("kpi_name")]: row[column("kpi_value")] for row in dashboard.extract("kpis")}
    for name, (value, led_to, query) in found.items():
        kpi = next(one for one in kpis().values() if one.name("en") == name)
        assert value in (told[name], say("risk.days", "en", days=2, shown=told[name])), name
        if kpi.way is not None:
            assert led_to in (Path(kpi.way.page).stem, ""), name
            assert dict(parse_qsl(query)).items() >= kpi.way.filters.items(), name
    assert len(found) == {"review/weekly": 8, "review/risk": 12}[page]


def test_every_cell_of_the_overviews_is_counted_again_from_the_entries(dashboard: Dashboard) -> None:
    everybody, _ = dashboard.listed("subjects", "", Role.DPO)
    by_category = dashboard.extract("stored_by_category")
    by_source = dashboard.extract("stored_by_source")
    categories = {say(f"category.{one}", "en"): one for one in Category}
    for row in by_category:
        own = [one for one in everybody if one[column("category")] == row[column("category_name")]]
        assert int(row[column("bases")]) == len(own)
        for status in Status:
            if status is not Status.PURGED:
                assert int(row[column(status.lower())]) == sum(map(having(status), own)), (row, status)
    assert {row[column("category_name")] for row in by_category} <= categories.keys()
    sources = Counter(row[column("source")] for row in everybody)
    assert {row[column("source_name")]: int(row[column("bases")]) for row in by_source} == sources
    late, _ = dashboard.listed("expiries", "status=OVERDUE", Role.CISO)
    bounds = {"1-30": (1, 30), "31-90": (31, 90), "91-365": (91, 365), "366-": (366, 10**6)}
    dashboard.page("review/risk", role=Role.CISO)
    for row in dashboard.extract("overdue_heat"):
        for age, (least, most) in bounds.items():
            assert int(row[say(f"age.{age}", "en")]) == sum(
                one[column("category")] == row[column("category_name")]
                and least <= int(one[column("days_overdue")]) <= most
                for one in late
            )
    causes = {row[column("cause")]: int(row[column("bases")]) for row in dashboard.extract("undetermined_causes")}
    assert sum(causes.values()) == sum(map(having("UNDETERMINED"), everybody))
    for reason in (Reason.MISSING_DATE, Reason.SENTINEL_DATE):
        rows, _ = dashboard.listed("expiries", f"status=UNDETERMINED&reason={reason}", Role.CISO)
        assert causes[say(f"doubt.{reason}", "en")] == len(rows)


def test_what_comes_is_counted_again_from_the_entries(dashboard: Dashboard) -> None:
    rows, _ = dashboard.listed("expiries", "", Role.DPO)
    weeks = dashboard.extract("expiries_weeks")
    months = dashboard.extract("expiries_months")
    late = dashboard.extract("overdue_ages")
    assert sum(int(row[column("total")]) for row in late) == sum(map(having("OVERDUE"), rows))
    ahead = [row for row in rows if row[column("deadline_on")] >= TODAY.isoformat()
             and (having("DUE")(row) or having("EXPIRING")(row))]  # fmt: skip
    by_month = Counter(row[column("deadline_on")][:7] for row in ahead)
    # Beyond the notice nothing presses yet, and the list says so.
    for row in months[:3]:
        assert int(row[column("total")]) == by_month[row[column("place")]]
    assert sum(int(row[column("total")]) for row in weeks[:4]) <= len(ahead)


def test_every_state_of_the_requests_is_counted_again_from_their_list(dashboard: Dashboard) -> None:
    everything, _ = dashboard.listed("erasure", "", Role.DPO)
    states = Counter(row[column("request_state")] for row in everything)
    for state in ("OVERDUE", "DUE_SOON", "OPEN", "PAUSED", "REDIRECTED"):
        rows, _ = dashboard.listed("erasure", f"state={state}", Role.DPO)
        assert len(rows) == states[say(f"request_state.{state}", "en")] > 0


def test_the_report_says_what_the_pages_say(dashboard: Dashboard) -> None:
    dashboard.page("review/weekly", "step=changed")
    bridge = dashboard.extract("bridge")
    dashboard.page("review/risk", role=Role.CISO)
    session = dashboard.offered["csv_kpis_excel"]["session"]
    report = content.of(session.engine, None, session.parameters, "en", {"crm": "CRM", "hr": "HR system"})
    ((book, _),) = files.parts(report, "xlsx")
    sheets = {
        sheet.title: [dict(zip(next(sheet.values), row, strict=True)) for row in list(sheet.values)[1:]]
        for sheet in openpyxl.load_workbook(io.BytesIO(book))
    }

    def same(sheet: str, own: Rows, *names: str) -> None:
        told = sheets[say(f"report_table.{sheet}", "en")]
        assert [[str(row[name]) for name in names] for row in told] == [[row[name] for name in names] for row in own]

    same("figures", dashboard.extract("kpis"), column("kpi_name"), column("kpi_value"), column("kpi_level"))
    same("bridge", bridge, column("cause"), column("bases"))
    ages = [say(f"age.{age}", "en") for age in review_rows.AGES]
    late = [row for row in dashboard.extract("overdue_heat") if any(row[age] != "0" for age in ages)]
    told = {
        row[column("category_name")]: [str(row[age]) for age in ages] for row in sheets[say("report_table.heat", "en")]
    }
    assert told == {row[column("category_name")]: [row[age] for age in ages] for row in late}
    filled: Counter[tuple[str, ...]] = Counter()
    names = [column(name) for name in ("severity", "category_name", "field_name")]
    for row in dashboard.extract("findings"):
        filled[tuple(row[name] for name in names)] += int(row[column("filled")])
    kept = sheets[say("report_table.findings", "en")]
    assert {tuple(str(row[name]) for name in names): row[column("filled")] for row in kept} == filled


def test_what_waits_of_findings_leads_to_those_that_wait(dashboard: Dashboard) -> None:
    dashboard.page("review/weekly", "step=waits")
    session = dashboard.offered["csv_decisions_excel"]["session"]
    at, reading = session.at(), session.reading
    told = {one.kind: one for one in decisions.decisions(at, reading, measures.measure(at, reading, ()), ())}
    ways = [told[kind] for kind in (decisions.Kind.FINDINGS, decisions.Kind.FINDINGS_ANSWER) if kind in told]
    assert ways
    for one in ways:
        rows, _ = dashboard.listed("findings", urlencode(one.filters), Role.DPO)
        assert len(rows) == one.count and one.filters.keys() == {"findings"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Counter[str]]:
    """How often what is asked of modules has been asked since, by its name."""
    found: Counter[str] = Counter()

    def counting(module: Any, name: str) -> None:
        whole = getattr(module, name)

        def counted(*call: Any, **named: Any) -> Any:
            found[name] += 1
            return whole(*call, **named)

        monkeypatch.setattr(module, name, counted)

    def watched(*of: tuple[Any, str]) -> Counter[str]:
        for module, name in of:
            counting(module, name)
        return found

    return watched


def test_the_rooms_are_asked_once_for_a_page(
    dashboard: Dashboard, asked: Callable[..., Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = asked((gather, "rooms"))
    monkeypatch.setattr(gather, "_standing", Remembered(8))
    monkeypatch.setattr(measures, "_known", Remembered(8))
    app = dashboard.page("review/weekly")
    assert found["rooms"] == 1
    app.switch_page("pages/findings/findings.py").run()
    app.selectbox(key="filter_findings").set_value("late").run()
    assert found["rooms"] == 1


def test_nothing_is_found_anew_because_somebody_signs_in(
    dashboard: Dashboard, asked: Callable[..., Counter[str]]
) -> None:
    found = asked((gather, "judged"), (measures, "measure"), (incidents, "load"), (backlog, "backlog"))

    def page_after(*events: Event) -> Counter[str]:
        found.clear()
        for event in events:
            with writing(engine(settings_of.load())) as connection:
                ledger.append(connection, event, author=None, now=_day(0))
        dashboard.page("review/weekly")
        return found

    page_after(Event.SIGNED_IN)
    assert not page_after(Event.SIGNED_IN, Event.SIGNED_OUT, Event.EXTRACT_MADE)
    assert page_after(Event.HOLD_REVIEWED).keys() == {"judged", "measure", "load", "backlog"}


def test_evidence_is_looked_at_once_for_a_page_and_holds_once_for_a_change(
    dashboard: Dashboard, asked: Callable[..., Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = asked((evidence, "absent"), (listing, "listing"))
    monkeypatch.setattr(decisions, "_recorded", Remembered(8))
    app = dashboard.page("review/weekly")
    found.clear()
    app.run()
    assert found == {"absent": 1}
    with writing(engine(settings_of.load())) as connection:
        ledger.append(connection, Event.HOLD_REVIEWED, author=None, now=_day(0))
    found.clear()
    app.run()
    # By the list of what waits and by the figures.
    assert found == {"absent": 1, "listing": 2}
