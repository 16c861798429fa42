"""Every figure is walked to its list and to the list's CSV: what a tile says is what stands there, row by row."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from compliance import evidence
from compliance.findings import gather
from compliance.holds import listing
from compliance.report import content, files
from compliance.review import decisions, measures
from compliance.review import rows as review_rows
from compliance.review.kpis import kpis
from compliance.words.remembered import Remembered
from compliance.words.texts import say
from compliance.words.vocabulary import Category, Reason, Role, Status
from tests import demo_store
from tests.pages.test_pages import opened
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
        """The CSV of a table of the page that was opened last, as it would leave."""
        offer = self.offered[f"csv_{key}_excel"]
        at = offer["at"](offer["session"])
        at.require(offer["permission"])
        text = b"".join(offer["write"](at)).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text), delimiter=";"))

    def listed(self, page: str, query: str, role: Role) -> tuple[Rows, AppTest]:
        """The rows that a link leads to."""
        path, key = LISTS[page]
        if "over=" in query:
            key = "requests_over"
        app = self.page(path, query, role)
        return self.extract(key), app


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    offered: dict[str, Mapping[str, Any]] = {}

    def download(session: Any, label: Any, *, key: str, **told: Any) -> None:
        offered[key] = {"session": session, "label": label, **told}

    path = demo_store.copied(tmp_path_factory.mktemp("walk"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPLIANCE_STORE", str(path))
        patch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
        patch.setattr(sys.modules["compliance.ui.table"], "download", download)
        yield Dashboard(offered)


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


def deleted(rows: Rows) -> float:
    """How many entries they deleted."""
    return sum(int(row[column("deleted")] or 0) for row in rows)


# How each figure is counted in the rows of the list that it leads to.
COUNTED: Mapping[str, Callable[[Rows], float]] = {
    **dict.fromkeys(
        ("entries", "overdue", "due_30", "due_90", "unclassified", "undetermined", "former_role", "open_requests",
         "requests_in", "requests_closed", "overdue_requests", "requests_due", "unverified", "resurfaced",
         "holds_active", "holds_late", "holds_without_owner", "findings_open", "findings_late", "findings_accepted"),
        len,
    ),
    **dict.fromkeys(("purged", "backup_tail"), deleted),
    "oldest_overdue": days_overdue,
    "on_time": in_time,
}  # fmt: skip
PERSONS = {"persons", "in_order", "overdue_persons"}
# What part of which figure each is.
SHARES = {"in_order_share": ("in_order", "persons"), "undetermined_share": ("undetermined", "entries")}
# These lead to a list that has what they are made of, and other things besides.
WITHIN = {
    "undetermined_past", "purge_failed", "purge_skipped", "purge_lag", "purge_lag_most", "purge_quiet",
    "oldest_request", "days_to_close", "days_to_close_p95", "days_to_close_net", "extended", "extended_invalid",
    "refused", "erasure_complete", "erasure_oldest", "backup_tail_days", "reappeared", "reappeared_open", "holds_lost",
    "held_past",
}  # fmt: skip


def test_every_figure_is_what_its_list_and_its_csv_have(dashboard: Dashboard) -> None:
    dashboard.page("review/risk")
    told = {row[column("kpi_name")]: row[column("kpi_value")] for row in dashboard.extract("kpis")}
    led = {code: kpi for code, kpi in kpis().items() if kpi.way is not None and Path(kpi.way.page).stem in LISTS}
    assert led.keys() == COUNTED.keys() | PERSONS | SHARES.keys() | WITHIN
    seen: dict[tuple[str, str], tuple[Rows, AppTest]] = {}
    counted: dict[str, float] = {}
    for code in (*COUNTED, *PERSONS):
        kpi = led[code]
        assert kpi.way is not None
        way = Path(kpi.way.page).stem, urlencode(kpi.way.filters)
        if way not in seen:
            seen[way] = dashboard.listed(*way, Role.DPO)
        rows, app = seen[way]
        counted[code] = COUNTED[code](rows) if code in COUNTED else stated_persons(app)
        assert code in COUNTED or counted[code] == persons(rows)
    for code, (part, whole) in SHARES.items():
        counted[code] = counted[part] / counted[whole]
    assert {code: led[code].show_value(value, "en") for code, value in counted.items()} == {
        code: told[led[code].name("en")] for code in counted
    }


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


def test_the_rooms_are_asked_once_for_a_page(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    whole = gather.rooms

    def counted(*call: Any) -> Any:
        asked.append(call)
        return whole(*call)

    monkeypatch.setattr(gather, "rooms", counted)
    monkeypatch.setattr(gather, "_standing", Remembered(8))
    monkeypatch.setattr(measures, "_known", Remembered(8))
    app = dashboard.page("review/weekly")
    assert len(asked) == 1
    app.switch_page("pages/findings/findings.py").run()
    app.selectbox(key="filter_findings").set_value("late").run()
    assert len(asked) == 1


def test_evidence_and_holds_are_looked_at_once_for_a_page(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()

    def counting(module: Any, name: str) -> None:
        whole = getattr(module, name)

        def counted(*call: Any, **named: Any) -> Any:
            asked[name] += 1
            return whole(*call, **named)

        monkeypatch.setattr(module, name, counted)

    counting(evidence, "absent")
    counting(listing, "listing")
    app = dashboard.page("review/weekly")
    asked.clear()
    app.run()
    assert asked == {"absent": 1, "listing": 1}
