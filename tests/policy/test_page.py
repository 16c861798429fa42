"""Rules changed by two people on the page: first what it would do, then what the next purge goes by."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from compliance.policy import changes, verbs, view
from compliance.policy.tables import State
from compliance.purge import batches
from compliance.purge.tables import State as BatchState
from compliance.reading import asks
from compliance.review.kpis import kpis
from compliance.words import versions
from compliance.words.markup import literal
from compliance.words.texts import refusal, say, show
from compliance.words.vocabulary import LANGUAGES, Category, Role
from tests import demo_store
from tests.pages.test_pages import ROOT, frames, metrics, opened
from tests.purging import Desk
from tests.world import TODAY

PAGE = "policy/policy"
KEY = "draft_2026-1_"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The demo company's desk, and an environment in which the app sees the same store."""
    store = demo_store.copied(tmp_path)
    monkeypatch.setenv("COMPLIANCE_STORE", str(store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return Desk(store)


def texts(app: AppTest) -> str:
    found = [*app.markdown, *app.caption, *app.error, *app.warning, *app.success, *app.info]
    return " ".join(str(one.value) for one in found)


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def months(app: AppTest, number: int, category: str = "PROSPECT") -> AppTest:
    """Asks for another period of a category, in months."""
    app.selectbox(key="draft_subject").set_value(category).run()
    app.number_input(key=f"{KEY}{category}_count").set_value(number)
    app.selectbox(key=f"{KEY}{category}_unit").set_value("M").run()
    assert not app.exception
    return app


def test_a_rule_changed_by_two_people_is_what_the_next_purge_goes_by(desk: Desk) -> None:
    files = (ROOT / "data" / "retention.toml").read_bytes()
    before = desk.entries(status="OVERDUE", category="PROSPECT")
    batch = desk.approve(desk.propose([row for row in before if not row.open_request][:3]))
    app = months(opened(Role.DPO, "en", PAGE), 36)
    assert "propose_rules" not in keys(app)
    app.button(key="count_draft_").click().run()
    moved = next(frame for frame in frames(app) if say("column.before", "en") in frame.columns)
    told = int(moved[say("column.bases", "en")].sum())
    assert told > 100 and say("status.OVERDUE", "en") in " ".join(moved[say("column.after", "en")])
    # Nothing is proposed without a reason.
    app.button(key="propose_rules").click().run()
    assert [error.value for error in app.error] == [refusal("rule_change_reason_missing", "en", {})]
    app.text_input(key="draft_why_reason").set_value("Three years are enough").run()
    app.button(key="propose_rules").click().run()
    assert say("policy_page.proposed", "en", number=1) in texts(app)
    assert "approve_1" not in keys(app) and "end_1" in keys(app)
    assert len(desk.entries(status="OVERDUE", category="PROSPECT")) == len(before)

    axel = opened(Role.CISO, "sv", PAGE)
    assert "Three years are enough" in texts(axel)
    axel.button(key="count_1").click().run()
    assert say("policy_page.moved", "sv", persons=0, day="").partition("0")[0] in texts(axel)
    axel.button(key="approve_1").click().run()
    assert say("policy_page.approved", "sv", number=1, version=literal("2026-1+1")) in texts(axel)

    # It is told of the batch that was open, and it is what the next one goes by.
    back = batches.find(desk.register, batch.batch_id)
    assert (back.state, back.approved_by, back.policy_version) == (BatchState.PROPOSED, None, "2026-1+1")
    after = desk.entries(status="OVERDUE", category="PROSPECT")
    assert len(after) > len(before) and desk.policy.rules[Category.PROSPECT].period == "P36M"
    new = next(row for row in after if row.basis_id not in {one.basis_id for one in before} and not row.open_request)
    done = desk.purge([new])
    assert (done.deleted, done.policy_version, done.policy_digest) == (1, "2026-1+1", desk.policy.digest)
    assert '"2026-1+1"' in str(done.receipt)
    weekly = metrics(opened(Role.DPO, "en", "review/weekly"))
    overdue = sum(row.bases for row in desk.reading().rows(asks.STATUS_COUNTS) if row.status == "OVERDUE")
    assert weekly[kpis()["overdue"].name("en")] == show(overdue, "en")
    assert (ROOT / "data" / "retention.toml").read_bytes() == files


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contradiction_is_said_at_its_field_in_the_readers_language(desk: Desk, language: str) -> None:
    app = months(opened(Role.DPO, language, PAGE), 200)
    told = refusal(
        "rule_period_too_long", language, {"category": say("category.PROSPECT", language), "period": "P200M"}
    )
    assert [error.value for error in app.error] == [told]
    assert "count_draft_" not in keys(app)
    app = months(opened(Role.DPO, language, PAGE), 2, "WEB_VISITOR")
    assert len(app.error) == 1 and "P2M" in app.error[0].value
    assert changes.listing(desk.register) == []


def test_parameters_are_changed_alike(desk: Desk) -> None:
    app = opened(Role.CISO, "en", PAGE)
    app.selectbox(key="draft_subject").set_value("parameters").run()
    app.multiselect(key=f"{KEY}parameters_which").set_value(["planned_purge_lead_days", "eves_as_holidays"]).run()
    app.number_input(key=f"{KEY}parameters_planned_purge_lead_days").set_value(-1).run()
    assert say("parameter.planned_purge_lead_days", "en") in app.error[0].value and "≥ 0" in app.error[0].value
    app.number_input(key=f"{KEY}parameters_planned_purge_lead_days").set_value(10)
    app.toggle(key=f"{KEY}parameters_eves_as_holidays").set_value(True).run()
    app.button(key="count_draft_").click().run()
    app.text_input(key="draft_why_reason").set_value("Backups are quicker now").run()
    app.button(key="propose_rules").click().run()
    (told,) = changes.listing(desk.register)
    assert dict(told.values) == {"planned_purge_lead_days": 10, "eves_as_holidays": True}
    # Taken back by whoever proposed it, with why.
    app.text_input(key="decide_1_reason").set_value("Not yet").run()
    app.button(key="end_1").click().run()
    assert [one.state for one in changes.listing(desk.register)] == [State.WITHDRAWN]
    assert say("policy_page.withdrawn", "en", number=1) in texts(app)


def test_who_may_not_change_rules_may_ask_what_they_would_do(desk: Desk) -> None:
    app = months(opened(Role.DPO, "en", PAGE), 36)
    app.button(key="count_draft_").click().run()
    app.text_input(key="draft_why_reason").set_value("Enough").run()
    app.button(key="propose_rules").click().run()
    reader = months(opened(Role.AUDITOR, "en", PAGE), 48)
    reader.button(key="count_draft_").click().run()
    assert not {"propose_rules", "approve_1", "end_1"} & keys(reader)
    assert len(changes.listing(desk.register)) == 1


def test_nobody_is_counted_for_a_what_if_that_nobody_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(view, "what_if", lambda *told: asked.append(told))
    app = opened(Role.DPO, "en", PAGE)
    assert say("policy_page.nothing_changed", "en") in texts(app)
    months(app, 36)
    assert desk and not asked
    app.button(key="count_draft_").click().run()
    assert len(asked) == 1


def test_the_versions_are_listed_with_who_when_why_and_what(desk: Desk) -> None:
    values: dict[str, versions.Value] = {"PROSPECT.period": "P3Y", "PROSPECT.approval": "automatic"}
    verbs.propose(desk.at(desk.petra), values, holds_from=TODAY, reason="Three years are enough")
    verbs.approve(desk.at(desk.axel), 1)
    app = opened(Role.AUDITOR, "en", PAGE)
    table = next(frame for frame in frames(app) if say("column.differences", "en") in frame.columns)
    first, *_ = table.to_dict("records")
    assert first[say("column.rule_version", "en")] == "1"
    assert "Longest period: 10 years → 3 years" in first[say("column.differences", "en")]
    assert first[say("column.change_reason", "en")] == "Three years are enough"
    assert first[say("column.decider", "en")].startswith(say("role.ciso", "en"))
    assert say("rule_change_state.first", "en") in set(table[say("column.rule_change_state", "en")])
    assert "2026-1+1" in texts(app)
    # As files, they are the rules in force.
    told = tomllib.loads(versions.rules_toml(desk.policy).decode())
    assert {rule["category"]: rule["period"] for rule in told["rule"]}["PROSPECT"] == "P3Y"


def test_where_the_file_says_otherwise_the_page_says_so(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verbs.propose(desk.at(desk.petra), {"WEB_VISITOR.period": "P100D"}, holds_from=TODAY, reason="Enough")
    verbs.approve(desk.at(desk.axel), 1)
    config = tmp_path / "config"
    shutil.copytree(desk.settings.config, config, ignore=shutil.ignore_patterns("store", "demo"))
    rules = config / "retention.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('"P179D"', '"P90D"'), encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_CONFIG", str(config))
    app = opened(Role.DPO, "en", PAGE)
    assert say("policy_page.strayed", "en", count=1) in [one.value for one in app.warning]
    table = next(frame for frame in frames(app) if say("column.in_file", "en") in frame.columns)
    assert list(table.iloc[0])[1:4] == ["100 days", "1", "90 days"]
