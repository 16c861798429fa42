"""Every page for every role in both languages, by the real Streamlit app: what they show, and what they refuse."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance import access, warm
from compliance.access import sessions
from compliance.access.at import At
from compliance.ledger import tables as ledger_tables
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.review import figures as review
from compliance.review import tables as review_tables
from compliance.review.kpis import kpis
from compliance.ui.session import Session
from compliance.words import settings as settings_of
from compliance.words.texts import catalogue, refusal, say, show
from compliance.words.vocabulary import LANGUAGES, Permission, Role
from tests import demo_store
from tests.world import TODAY

ROOT = Path(__file__).parents[2]


def _listed() -> dict[str, tuple[str, Permission]]:
    """Each page of dashboard.py by its place, with the key of its title and what it asks for: it is read, since to
    import it is to run it.
    """
    tree = ast.parse((ROOT / "dashboard.py").read_text(encoding="utf-8"))
    told = next(
        one.value for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "PAGES"
    )
    assert isinstance(told, ast.Tuple)
    found = {}
    for row in told.elts:
        assert isinstance(row, ast.Tuple)
        place, title, _, permission, _ = row.elts
        found[ast.literal_eval(place)] = ast.literal_eval(title), Permission[ast.unparse(permission).partition(".")[2]]
    return found


PAGES = _listed()
# About one, whose number is in the address; without it they say that there is none.
OF_ONE = {"purge/batch": "batch", "incidents/incident": "incident", "requests/request": "number"}
# What these have to show does not come from exports.
BEFORE_EXPORTS = {
    "findings/findings", "processing/processing", "controls/controls", "review/ledger", "intake/intake", "requests/new",
    "purge/batch", "incidents/incidents", "incidents/incident", "cookies/cookies",
}  # fmt: skip
EMAILS = {actor.role: actor.email for actor in access.demo_actors(settings_of.load({"COMPLIANCE_STORE": "/tmp/none"}))}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo company's store, and an environment that points to it."""
    path = demo_store.copied(tmp_path)
    monkeypatch.setenv("COMPLIANCE_STORE", str(path))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return path


@pytest.fixture
def empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of which nothing was taken in yet."""
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "empty"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return tmp_path / "empty"


def opened(role: Role, language: str, page: str | None = None, query: dict[str, str] | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"] = EMAILS[role]
    app.session_state["language"] = language
    app.run()
    if page:
        for name, value in (query or {}).items():
            app.query_params[name] = value
        app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def offers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the pages that are opened from now on offer as files, by the key of each button."""
    offered: dict[str, Any] = {}

    def download(_session: Any, _label: Any, *, key: str, **told: Any) -> None:
        offered[key] = told

    monkeypatch.setattr(sys.modules["compliance.ui.table"], "download", download)
    return offered


def register() -> sa.Engine:
    return engine(settings_of.load())


def lines(event: str) -> list[dict[str, Any]]:
    with register().connect() as connection:
        rows = connection.execute(
            sa.select(ledger_tables.ledger).where(ledger_tables.ledger.c.event == event)
        ).mappings()
        return [json.loads(row["details"]) for row in rows]


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def frames(app: AppTest) -> list[Any]:
    return [frame.value for frame in app.dataframe]


def turned_to(app: AppTest, page: str) -> AppTest:
    """The same window on another page; of a page about one, that one is the first."""
    app.query_params.clear()
    if page in OF_ONE:
        app.query_params[OF_ONE[page]] = "1"
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, page
    return app


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_its_pages_in_its_language(store: Path, role: Role, language: str) -> None:
    assert store.exists()
    keyed = re.compile(rf"\b({'|'.join(sorted({key.partition('.')[0] for key in catalogue()}))})\.[a-z_]+\b")
    app = opened(role, language)
    own = [page for page, (_, permission) in PAGES.items() if permission in access.TABLE[role]]
    # The DPO, who may the most, sees each page in both languages; of the other roles each sees every other one in one.
    shown = own if role is Role.DPO else own[LANGUAGES.index(language) :: len(LANGUAGES)]
    for page in shown:
        turned_to(app, page)
        assert page in OF_ONE or app.title[0].value == say(f"{PAGES[page][0]}.title", language), page
        assert page in OF_ONE or not app.error, page
        said = [one.value for kind in (app.title, app.subheader, app.markdown, app.caption, app.info, app.warning,
                                       app.success, app.error) for one in kind]  # fmt: skip
        said += [one.label for kind in (app.button, app.selectbox, app.text_input, app.toggle, app.tabs, app.metric)
                 for one in kind]  # fmt: skip
        said += [name for frame in frames(app) for name in frame.columns]
        assert said and not [text for text in said if keyed.search(str(text))], page


@pytest.mark.parametrize("role", list(Role))
def test_a_page_that_is_not_for_a_role_is_not_in_its_menu(store: Path, role: Role) -> None:
    assert store.exists()
    for page, (_, permission) in PAGES.items():
        if permission in access.TABLE[role]:
            continue
        with pytest.raises(ValueError, match="navigation page"):
            opened(role, "en", page)


@pytest.mark.parametrize("page", list(PAGES))
def test_a_page_opened_past_the_dashboard_shows_nothing(store: Path, page: str) -> None:
    assert store.exists()
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    app.session_state["language"] = "en"
    app.run()
    assert [error.value for error in app.error] == [say("sign_in.first", "en")]
    assert not app.title and not app.dataframe and not app.metric


@pytest.mark.parametrize("page", ["review/ledger", "intake/intake"])
def test_the_guard_of_a_page_asks_for_the_role_itself(store: Path, page: str) -> None:
    assert store.exists()
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    app.session_state["language"] = "en"
    app.session_state["signed_in_email"] = EMAILS[Role.OWNER]
    app.run()
    assert len(app.error) == 1 and say("role.owner", "en") in app.error[0].value
    assert not app.title


def test_nobody_gets_in_without_choosing_a_role(store: Path) -> None:
    assert store.exists()
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()
    assert [button.key for button in app.button] == [f"pick_{role.value}" for role in Role]
    assert not app.metric and not app.dataframe
    app.button(key="pick_ciso").click().run()
    # Each comes to the page that is theirs.
    assert app.title[0].value in {say("risk.title", language) for language in LANGUAGES}
    assert lines("user:signed_in")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_build_every_page_says_what_to_do(empty_store: Path, language: str) -> None:
    assert not empty_store.exists()
    app = opened(Role.DPO, language)
    for page, (key, permission) in PAGES.items():
        if permission not in access.TABLE[Role.DPO]:
            continue
        turned_to(app, page)
        assert page in OF_ONE or app.title[0].value == say(f"{key}.title", language)
        leads_on = say("app.empty", language) in [info.value for info in app.info]
        assert leads_on is (page not in BEFORE_EXPORTS), page


def test_without_a_build_what_there_is_leaves_as_csv_all_the_same(empty_store: Path) -> None:
    assert not empty_store.exists()
    for role, page in ((Role.AUDITOR, "review/ledger"), (Role.DPO, "policy/policy")):
        labels = [button.proto.label for button in opened(role, "en", page).get("download_button")]
        assert {say("table.csv_excel", "en"), say("table.csv_plain", "en")} <= set(labels)


def test_without_a_build_the_policy_page_still_shows_the_rules_and_what_is_wrong_with_them(empty_store: Path) -> None:
    assert not empty_store.exists()
    app = opened(Role.AUDITOR, "sv", "policy/policy")
    assert say("app.empty_who", "sv") in [caption.value for caption in app.caption]
    assert len(app.expander) == 11
    uncovered = next(frame for frame in frames(app) if say("column.reason", "sv") in frame.columns)
    assert uncovered[say("column.bases", "sv")].isna().all()


def test_a_page_that_shows_the_build_before_says_so(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.exists()
    told = say("app.stands_in", "sv")
    assert told not in [info.value for info in opened(Role.DPO, "sv", "review/subjects").info]
    monkeypatch.setattr(copy, "shown", lambda *asked: (copy.current(*asked), True))
    assert told in [info.value for info in opened(Role.DPO, "sv", "review/subjects").info]


def test_the_figures_of_the_week_are_those_the_company_was_made_for(store: Path) -> None:
    assert store.exists()
    _, manifest = demo_store.made()
    told = metrics(opened(Role.DPO, "en", "review/weekly"))
    assert told[kpis()["persons"].name("en")] == show(manifest.persons, "en")
    assert told[kpis()["overdue"].name("en")] == show(manifest.count(status="OVERDUE"), "en")
    assert told[kpis()["undetermined"].name("en")] == show(manifest.count(status="UNDETERMINED"), "en")
    assert told[kpis()["due_30"].name("en")] == show(manifest.count(status="DUE"), "en")
    assert told[kpis()["due_90"].name("en")] == show(
        manifest.count(status="DUE") + manifest.count(status="EXPIRING"), "en"
    )
    waiting = sum(manifest.requests[state] for state in ("OPEN", "DUE_SOON", "OVERDUE", "PAUSED"))
    assert told[kpis()["open_requests"].name("en")] == show(waiting, "en")
    assert told[kpis()["overdue_requests"].name("en")] == show(manifest.requests["OVERDUE"], "en")


def test_a_figure_is_the_same_on_every_page(store: Path) -> None:
    assert store.exists()
    weekly = metrics(opened(Role.CISO, "en", "review/weekly"))
    risk = opened(Role.CISO, "en", "review/risk")
    for name in ("overdue", "undetermined", "overdue_requests"):
        assert metrics(risk)[kpis()[name].name("en")] == weekly[kpis()[name].name("en")]
    # What is a number there is a share here, and says of how many.
    in_order, persons = (weekly[kpis()[name].name("en")] for name in ("in_order", "persons"))
    text = say("risk.in_order_of", "en").format(part=in_order, whole=persons)
    assert [metric.help for metric in risk.metric if text in metric.help]
    overdue = int(weekly[kpis()["overdue"].name("en")])
    ages = [say(f"age.{age}", "en") for age in ("1-30", "31-90", "91-365", "366-")]
    heat = next(frame for frame in frames(risk) if ages[0] in frame)
    assert int(heat[ages].sum().sum()) == overdue
    causes = next(frame for frame in frames(risk) if say("column.cause", "en") in frame)
    assert int(causes[say("column.bases", "en")].sum()) == int(weekly[kpis()["undetermined"].name("en")])
    expiries = opened(Role.CISO, "en", "review/expiries", {"status": "OVERDUE"})
    assert any(show(overdue, "en") in caption.value for caption in expiries.caption)
    assert int(frames(expiries)[3][say("column.total", "en")].sum()) == overdue
    subjects = opened(Role.CISO, "en", "review/subjects")
    assert int(frames(subjects)[0][say("column.overdue", "en")].sum()) == overdue


def test_the_total_is_of_distinct_persons(store: Path) -> None:
    assert store.exists()
    _, manifest = demo_store.made()
    app = opened(Role.DPO, "en", "review/subjects")
    assert show(manifest.persons, "en") in app.info[0].value
    # The ledger tells the same of the intake.
    assert show(lines("intake:done")[-1]["bases"], "en") in app.info[0].value
    assert int(frames(app)[0][say("column.persons", "en")].sum()) > manifest.persons


def test_the_change_since_last_week_is_shown_with_its_day(store: Path) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "review/weekly")
    assert any("2026-11-17" in caption.value for caption in app.caption)
    deltas = {metric.label: metric.delta for metric in app.metric}
    assert int(deltas[kpis()["overdue"].name("en")]) < 0


def test_a_stale_source_makes_its_figures_unknown_not_zero(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.exists()
    monkeypatch.setenv("COMPLIANCE_TODAY", "2027-01-20")
    app = opened(Role.DPO, "en", "review/weekly")
    assert set(metrics(app).values()) == {say("common.unknown", "en")}
    assert say("freshness.stale", "en") in set(frames(app)[0][say("column.state", "en")])
    risk = opened(Role.CISO, "en", "review/risk")
    told = metrics(risk)
    assert {told[kpis()[code].name("en")] for code in ("in_order_share", "overdue", "on_time", "risk_score")} == {
        say("common.unknown", "en")
    }
    heat = next(frame for frame in frames(risk) if say("age.1-30", "en") in frame)
    assert heat[say("age.1-30", "en")].isna().all()


def test_on_a_fixed_day_nothing_ages_with_the_clock(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.exists()
    told = metrics(opened(Role.DPO, "en", "review/weekly"))
    assert say("common.unknown", "en") not in told.values()
    monkeypatch.setattr("compliance.ui.session.now", lambda: dt.datetime(2031, 7, 1, 21, 30, tzinfo=dt.UTC))
    assert metrics(opened(Role.DPO, "en", "review/weekly")) == told


def test_names_are_shown_only_on_demand_and_every_look_is_recorded(store: Path) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "review/subjects")
    assert say("column.name", "en") not in frames(app)[-1].columns
    assert lines("persons:seen") == []
    app.toggle(key="named_subjects").set_value(True).run()
    assert say("column.name", "en") in frames(app)[-1].columns
    assert [line["what"] for line in lines("persons:seen")] == ["subjects"]
    app.run()
    assert len(lines("persons:seen")) == 1
    app.number_input(key="page_subjects").set_value(2).run()
    assert len(lines("persons:seen")) == 2


def test_a_search_too_many_shows_nobody(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.exists()
    for name in ("retention.toml", "sources.toml"):
        (tmp_path / name).write_bytes((ROOT / "data" / name).read_bytes())
    (tmp_path / "parameters.toml").write_text("searches_per_day = 1\n", encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_CONFIG", str(tmp_path))
    app = opened(Role.DPO, "en", "review/subjects")
    app.toggle(key="named_subjects").set_value(True).run()
    app.text_input(key="search_subjects").set_value("anna").run()
    found = [caption.value for caption in app.caption if "entries about" in caption.value]
    assert not app.error and found
    # What was found once may be looked at again.
    assert not app.run().error
    app.text_input(key="search_subjects").set_value("bo").run()
    assert [error.value for error in app.error] == [say("refusal.limit_searches", "en", limit=1)]
    assert not app.exception and not [one for one in app.caption if "entries about" in one.value]
    assert "name" not in {str(column).casefold() for frame in frames(app) for column in frame.columns}


def test_a_session_that_ends_while_its_page_is_drawn_takes_the_page_with_it(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "review/weekly")
    at = Session.at

    def left(session: Session) -> At:
        sessions.sign_out(session.engine, session.identity, session.now)
        return at(session)

    monkeypatch.setattr(Session, "at", left)
    app.run()
    assert [error.value for error in app.error] == [say("refusal.session_signed_out", "en")]
    assert not app.exception and not app.title and not app.metric


def test_who_is_here_is_asked_by_the_watch_only_where_nobody_else_has(
    empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not empty_store.exists()
    asked: list[bool] = []
    monkeypatch.setattr("compliance.ui.sign_in.is_over", lambda: asked.append(True))
    app = opened(Role.CISO, "en")
    app.run()
    assert app.title and asked == []


@pytest.mark.parametrize("role", [Role.CISO, Role.AUDITOR, Role.ADMIN])
def test_those_who_may_not_see_persons_cannot_ask_for_names(store: Path, role: Role) -> None:
    assert store.exists()
    for page in ("review/subjects", "review/expiries"):
        app = opened(role, "en", page)
        assert not app.toggle
        assert frames(app)
        for frame in frames(app):
            assert say("column.name", "en") not in frame.columns
            assert not frame.astype(str).apply(lambda column: column.str.contains("@")).any().any()


def test_an_owner_sees_persons_of_the_own_categories_only(store: Path) -> None:
    assert store.exists()
    app = opened(Role.OWNER, "en", "review/expiries")
    app.toggle(key="named_expiries").set_value(True).run()
    own = {say("category.CUSTOMER_CONTACT", "en"), say("category.PROSPECT", "en")}
    assert set(frames(app)[0][say("column.category", "en")]) == own


def test_a_search_finds_a_person_and_stays_out_of_url_and_ledger(store: Path) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "review/subjects")
    app.toggle(key="named_subjects").set_value(True).run()
    name = str(frames(app)[-1][say("column.name", "en")].iloc[0])
    app.text_input(key="search_subjects").set_value(name).run()
    assert set(frames(app)[-1][say("column.name", "en")]) == {name}
    assert name not in str(dict(app.query_params))
    # What is typed is what is sought: no sign of it stands for others.
    for other in (f"{name[:-1]}_", "%"):
        app.text_input(key="search_subjects").set_value(other).run()
        assert not any(say("column.name", "en") in frame.columns for frame in frames(app))
    with register().connect() as connection:
        told = connection.execute(sa.select(ledger_tables.ledger)).all()
    assert told and not any(name in row.details for row in told)


def test_filters_come_from_the_url_and_go_back_to_it(store: Path) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "review/expiries", {"status": "DUE", "category": "PROSPECT"})
    assert set(frames(app)[0][say("column.category", "en")]) == {say("category.PROSPECT", "en")}
    statuses = list(frames(app)[0][say("column.status", "en")])
    assert statuses and all(say("status.DUE", "en") in told for told in statuses)
    app.selectbox(key="filter_status").set_value("OVERDUE").run()
    assert app.query_params["status"] in ("OVERDUE", ["OVERDUE"])


@pytest.mark.parametrize("value", ["", "NONSENSE", "'; drop table person; --", "<script>"])
def test_a_filter_that_means_nothing_in_the_url_is_ignored(store: Path, value: str) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "review/expiries", {"status": value})
    assert app.selectbox(key="filter_status").value == "-"
    assert len(frames(app)[0]) > 0


def test_the_list_says_why_in_a_sentence(store: Path) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "review/expiries", {"status": "OVERDUE"})
    first = str(frames(app)[0][say("column.why", "en")].iloc[0])
    assert re.search(r"\d{4}-\d{2}-\d{2}.*10 years by the policy, section on", first)


def test_the_backlog_says_what_stands_in_the_way(store: Path) -> None:
    assert store.exists()
    _, manifest = demo_store.made()
    app = opened(Role.CISO, "en", "requests/erasure")
    frame = frames(app)[0]
    states = frame[say("column.request_state", "en")].value_counts()
    for state in ("OPEN", "DUE_SOON", "OVERDUE", "PAUSED", "REDIRECTED"):
        assert states[say(f"request_state.{state}", "en")] == manifest.requests[state]
    told = " ".join(frame[say("column.blocks", "en")])
    for block in ("held", "statutory", "identity_pending", "processor"):
        assert say(f"block.{block}", "en") in told


def test_an_owner_is_not_offered_who_a_request_is_from(store: Path) -> None:
    assert store.exists()
    hint = say("erasure.choose", "en")
    for role in Role:
        offered = hint in [caption.value for caption in opened(role, "en", "requests/erasure").caption]
        assert offered is (role is Role.DPO)


def test_the_ledger_is_read_in_words_and_by_the_local_clock(store: Path) -> None:
    assert store.exists()
    table = frames(opened(Role.AUDITOR, "sv", "review/ledger", {"event": "intake:done"}))[0]
    assert list(table[say("column.at", "sv")]) == ["2026-11-24 07:00:00", "2026-11-17 07:00:00"]
    assert all(f"{say('detail.persons', 'sv')}: " in told for told in table[say("column.details", "sv")])
    assert not table.astype(str).apply(lambda column: column.str.contains("[{}]")).any().any()


def test_every_page_says_the_same_where_it_was_made_ready_before(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.exists()
    visited = dt.datetime(2026, 11, 24, 6, 30, tzinfo=dt.UTC)
    # When the ledger was read is told by the clock.
    monkeypatch.setattr("compliance.ui.session.now", lambda: visited)

    def told() -> list[Any]:
        found: list[Any] = []
        for page in ("review/weekly", "review/subjects", "review/expiries", "requests/erasure", "review/risk"):
            app = opened(Role.CISO, "en", page)
            found.append((metrics(app), [frame.to_csv() for frame in frames(app)], [one.value for one in app.caption]))
        return found

    copy._copies.clear()
    cold = told()
    copy._copies.clear()
    warm._ready.clear()
    now = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
    key = warm.ready(settings_of.load(), now)
    assert key is not None and key == warm.ready(settings_of.load(), now)
    assert told() == cold
    # What is asked without a filter was there before: only lists of persons are read anew.
    reading = next(iter(next(iter(copy._copies.values()))._readings.values()))
    remembered = set(reading._figures)
    told()
    assert {name for name, _ in set(reading._figures) - remembered} == set()


def test_the_first_look_of_a_day_asks_for_no_figure_that_was_not_asked_for_before_midnight(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.exists()
    tomorrow = TODAY + dt.timedelta(days=1)
    copy._copies.clear()
    warm._ready.clear()
    warm.ready(settings_of.load(), dt.datetime(2026, 11, 24, 22, 50, tzinfo=dt.UTC), tomorrow)
    monkeypatch.setenv("COMPLIANCE_TODAY", tomorrow.isoformat())
    monkeypatch.setattr("compliance.ui.session.now", lambda: dt.datetime(2026, 11, 24, 23, 1, tzinfo=dt.UTC))
    (made,) = copy._copies.values()
    (reading,) = made._readings.values()
    remembered = set(reading._figures)
    for page in ("review/weekly", "review/risk"):
        opened(Role.DPO, "en", page)
    assert list(made._readings.values()) == [reading]
    assert {name for name, _ in set(reading._figures) - remembered} == set()


def test_the_readme_calls_each_page_of_the_menu_by_its_title() -> None:
    listed = re.findall(
        r'^    \("(\w+/\w+)", "(\w+)"', (ROOT / "dashboard.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    hidden = {"purge/batch", "incidents/incident", "requests/new", "requests/request"}
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## What it shows")[1].split("\n## ")[0]
    told = re.findall(r"^\| ([^|]+?) \| .*\|$", table, re.MULTILINE)
    assert sorted(told[1:]) == sorted(say(f"{name}.title", "en") for place, name in listed if place not in hidden)


def test_the_policy_page_lists_what_no_rule_covers_and_every_defect(store: Path) -> None:
    assert store.exists()
    app = opened(Role.AUDITOR, "sv", "policy/policy")
    uncovered = next(frame for frame in frames(app) if say("column.reason", "sv") in frame.columns)
    assert set(uncovered[say("column.category_name", "sv")]) == {
        say("category.ENV_USER", "sv"),
        say("category.UNCLASSIFIED", "sv"),
    }
    assert len(app.expander) == 11


def test_the_ledger_page_says_when_a_line_was_changed(store: Path, unguarded: Callable[[sa.Engine], None]) -> None:
    app = opened(Role.AUDITOR, "en", "review/ledger")
    assert app.info and "intact" in app.info[0].value
    unguarded(register())
    with register().begin() as connection:
        connection.exec_driver_sql("update ledger set details = '{}' where seq = 3")
    app = opened(Role.AUDITOR, "en", "review/ledger")
    assert say("ledger.changed", "en", lines=2, line=3) in [warning.value for warning in app.warning]
    assert store.exists()


def test_every_chart_has_its_content_in_words(store: Path) -> None:
    assert store.exists()
    for page in ("review/subjects", "review/expiries", "requests/erasure", "review/risk"):
        app = opened(Role.CISO, "en", page)
        charts = app.get("plotly_chart")
        assert charts
        for chart in charts:
            assert len(chart.proto.alt) > 20


def test_the_demo_is_refused_where_the_server_is_open_to_others(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.exists()
    monkeypatch.setattr(
        "compliance.ui.session.st.get_option", lambda name: "0.0.0.0" if name == "server.address" else None
    )
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()
    assert not app.button
    assert app.error[0].value in {say("refusal.demo_not_local", language) for language in LANGUAGES}


def test_the_week_is_compared_with_a_review_that_was_some_days_late(store: Path) -> None:
    assert store.exists()
    with register().connect() as connection:
        days = connection.execute(sa.select(review_tables.snapshot.c.as_of).distinct()).scalars().all()
    assert sorted(days) == [dt.date(2026, 11, 17), dt.date(2026, 11, 24)]
    assert review.month_starts(dt.date(2026, 11, 24), 3) == [
        dt.date(2026, 11, 1),
        dt.date(2026, 12, 1),
        dt.date(2027, 1, 1),
    ]


def held(app: AppTest) -> dict[str, dict[str, Any]]:
    """The table of holds, by number."""
    language = str(app.session_state["language"])
    return {row[say("column.hold", language)]: row for row in frames(app)[0].to_dict("records")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_holds_page_says_first_what_waits_for_review(store: Path, language: str) -> None:
    assert store.exists()
    _, manifest = demo_store.made()
    active = sum(released is None for _, _, released in manifest.holds)
    app = opened(Role.AUDITOR, language, "holds/holds")
    assert say("holds.sentence_late", language, late=1, active=active) in [told.value for told in app.warning]
    told = metrics(app)
    assert told[say("holds.active", language)] == show(active, language)
    assert told[say("holds.entries_held", language)] == show(manifest.count(status="HELD"), language)
    rows = list(held(app).values())
    assert len(rows) == len(manifest.holds)
    assert rows[0][say("column.hold_state", language)] == say("hold_state.past_review", language)
    assert rows[-1][say("column.hold_state", language)] == say("hold_state.released", language)
    # Agnes looks; there is nothing for her to do here, and nobody's name.
    assert {button.key for button in app.button} == {"sign_out"}
    assert not app.tabs and not app.text_input


def test_petra_places_reviews_and_releases_a_hold_on_a_person(store: Path) -> None:
    assert store.exists()
    app = opened(Role.DPO, "en", "holds/holds")
    before = set(held(app))
    app.text_input(key="hold_person_search").set_value("anna").run()
    assert [line["what"] for line in lines("persons:seen")] == ["holds"]
    assert "anna" not in str(lines("persons:seen"))
    app.button(key="hold_place").click().run()
    assert [error.value for error in app.error] == [say("refusal.hold_owner_missing", "en")]
    app.text_input(key="hold_owner").set_value("legal")
    app.text_input(key="hold_case").set_value("T-9/26")
    app.button(key="hold_place").click().run()
    (number,) = set(held(app)) - before
    assert [told.value for told in app.success] == [say("holds.placed", "en", hold=number)]
    assert held(app)[number][say("column.hold_scope", "en")] == say("hold_scope.person", "en")
    assert app.text_input(key="hold_person_search").value == ""

    app.selectbox(key="hold_chosen").set_value(number).run()
    due = held(app)[number][say("column.days_to_review", "en")]
    # A slip of the year is told, and no other day is taken in its place.
    for outside, code in ((dt.date(2020, 1, 1), "hold_review_past"), (dt.date(2030, 1, 1), "hold_review_too_far")):
        app.date_input(key=f"hold_keep_{number}_until_on").set_value(outside).run()
        if outside < TODAY:
            told = say("forms.day_since", "en", since=TODAY + dt.timedelta(days=1))
            assert [error.value for error in app.error] == [told]
        app.button(key="hold_keep").click().run()
        assert len(app.error) == 1 and refusal(code, "en", {"days": 180, "latest": "x"})[:20] in app.error[0].value
        assert app.date_input(key=f"hold_keep_{number}_until_on").value == outside
        assert held(app)[number][say("column.days_to_review", "en")] == due
    app.date_input(key=f"hold_keep_{number}_until_on").set_value(dt.date(2026, 12, 24)).run()
    app.button(key="hold_keep").click().run()
    assert held(app)[number][say("column.days_to_review", "en")] == 30

    app.text_input(key="hold_release_word").set_value("release 0")
    app.button(key="hold_release").click().run()
    assert len(app.error) == 1 and held(app)[number][say("column.hold_state", "en")] == say("hold_state.active", "en")
    app.text_input(key="hold_release_word").set_value(f"Release {number} ")
    app.button(key="hold_release").click().run()
    assert held(app)[number][say("column.hold_state", "en")] == say("hold_state.released", "en")
    events = ("hold:placed", "hold:reviewed", "hold:released")
    assert [lines(event)[-1]["hold"] for event in events] == [int(number)] * 3


def test_a_case_of_two_holds_is_released_by_its_name(store: Path) -> None:
    assert store.exists()
    app = opened(Role.CISO, "sv", "holds/holds")
    app.radio(key="hold_what").set_value("all").run()
    app.text_input(key="hold_release_word").set_value("häv T-1199")
    app.button(key="hold_release").click().run()
    assert [told.value for told in app.success] == [say("holds.released_case", "sv", holds=2, case="T-1199")]
    assert sum(row[say("column.released_on", "sv")] == TODAY for row in held(app).values()) == 2


def test_axel_holds_by_reference_and_sees_no_name(store: Path) -> None:
    assert store.exists()
    petra = opened(Role.DPO, "en", "review/subjects")
    reference = str(frames(petra)[-1][say("column.reference", "en")].iloc[0])
    app = opened(Role.CISO, "en", "holds/holds")
    app.text_input(key="hold_person_search").set_value("anna").run()
    assert say("holds.nothing_found", "en") in [caption.value for caption in app.caption]
    app.text_input(key="hold_person_search").set_value(reference).run()
    assert [option.partition(" ")[0] for option in app.selectbox(key="hold_person").options] == [reference]
    assert lines("persons:seen") == []
    app.selectbox(key="hold_entry").select_index(1)
    app.text_input(key="hold_owner").set_value("CISO")
    app.button(key="hold_place").click().run()
    # What it would cover was not shown yet.
    assert [one.value for one in app.error] == [say("refusal.hold_choice_changed", "en")]
    assert app.text_input(key="hold_owner").value == "CISO"
    app.button(key="hold_place").click().run()
    assert not app.error and lines("hold:placed")[-1]["scope"] == "basis"


def test_an_organisation_and_a_category_can_be_held(store: Path) -> None:
    assert store.exists()
    app = opened(Role.CISO, "en", "holds/holds")
    app.selectbox(key="hold_scope").set_value("organisation").run()
    app.text_input(key="hold_organisation_search").set_value("crm:K1").run()
    assert len(app.selectbox(key="hold_organisation").options) == 20
    app.selectbox(key="hold_scope").set_value("category").run()
    app.selectbox(key="hold_category").set_value("WEB_VISITOR").run()
    app.text_input(key="hold_owner").set_value("legal")
    app.button(key="hold_place").click().run()
    assert not app.error and lines("hold:placed")[-1]["category"] == "WEB_VISITOR"


def test_a_hold_past_review_shows_on_the_weekly_review_and_the_risk_overview(store: Path) -> None:
    assert store.exists()
    assert metrics(opened(Role.CISO, "en", "review/risk"))[kpis()["holds_late"].name("en")] == "1"
    told = say("decision.holds_review", "en", count=1)
    for role, may in ((Role.DPO, True), (Role.ADMIN, False)):
        app = opened(role, "en", "review/weekly", {"step": "waits"})
        assert told in " ".join(one.value for one in app.markdown)
        # Who may not review it is led there all the same, and promised nothing.
        links = [link.proto.label for link in app.get("page_link")]
        assert (say("decision_do.holds_review", "en") in links) is may
        assert may or say("waits.look", "en") in links
