"""The register of processing: what it takes from the rules, what is described, what it lacks, and its versions."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance import ledger
from compliance.processing import rows, state, verbs
from compliance.processing.facts import Described
from compliance.processing.tables import Transfer
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Category, Permission, Role
from tests.pages.test_pages import offers, opened
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY

DAY = dt.timedelta(days=1)
WHOLE = Described(
    recipients="Säljarna", transfers=Transfer.NONE, measures="Behörighet per roll", lia_reference="IA-1",
    lia_reviewed_on=TODAY, reviewed_on=TODAY,
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "store")


def activity(desk: Desk, category: Category = Category.PROSPECT) -> state.Activity:
    found = state.activities(desk.register, desk.policy, None)
    return next(one for one in found if one.category is category)


def lacking(desk: Desk, category: Category = Category.PROSPECT) -> list[str]:
    found = state.judged([activity(desk, category)], desk.parameters, TODAY, has_copy=True).findings
    assert {one.thing for one in found} <= {category.value}
    return [one.code for one in found]


def described(desk: Desk, category: Category = Category.PROSPECT, **changes: Any) -> None:
    verbs.describe(desk.at(desk.petra), category, WHOLE.model_copy(update=changes))


def test_every_rule_is_an_activity_and_says_what_the_rule_says(desk: Desk) -> None:
    found = {one.category: one for one in state.activities(desk.register, desk.policy, None)}
    assert set(found) == set(desk.policy.rules)
    for category, rule in desk.policy.rules.items():
        content = found[category].content()
        assert (content["purpose"], content["ground"], content["period"], content["owner"]) == (
            rule.purpose, rule.ground, rule.period, rule.owner,
        )  # fmt: skip
        assert content["fields"] == sorted(rule.allowed_fields)
        assert content["systems"] == sorted(rule.systems)
        # Nobody has said where the data go: that is not known, and not nowhere.
        assert (content["recipients"], content["transfers"], content["measures"]) == (None, None, None)
        assert lacking(desk, category) == ["processing_undescribed"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"transfers": Transfer.THIRD_COUNTRY}, ["processing_unguarded"]),
        ({"transfers": Transfer.THIRD_COUNTRY, "safeguards": "Klausuler"}, []),
        ({"transfers": Transfer.ADEQUATE}, []),
        ({"lia_reference": ""}, ["processing_no_lia"]),
        ({"lia_reviewed_on": None}, ["processing_old_lia"]),
        # Twelve months to the day are not too long.
        ({"lia_reviewed_on": dt.date(2025, 11, 24)}, []),
        ({"lia_reviewed_on": dt.date(2025, 11, 23)}, ["processing_old_lia"]),
        ({"reviewed_on": dt.date(2025, 11, 24)}, []),
        ({"reviewed_on": dt.date(2025, 11, 23)}, ["processing_not_reviewed"]),
    ],
)
def test_what_the_register_lacks_is_found(desk: Desk, changes: dict[str, Any], codes: list[str]) -> None:
    described(desk, **changes)
    assert lacking(desk) == codes


def test_no_balancing_is_asked_for_where_another_ground_carries(desk: Desk) -> None:
    described(desk, Category.EMPLOYEE, lia_reference="", lia_reviewed_on=None)
    assert lacking(desk, Category.EMPLOYEE) == []
    content = activity(desk, Category.EMPLOYEE).content()
    assert (content["lia_reference"], content["safeguards"]) == ("", "")
    assert rows.in_words("lia_reference", content["lia_reference"], "sv", {}) == "–"


def test_who_is_stored_without_a_rule_is_an_activity_that_lacks_one(desk: Desk, tmp_path: Path) -> None:
    desk.take_in(prospects(tmp_path, [prospect(1, "2025-03-21")]))
    rules = {category: rule for category, rule in desk.policy.rules.items() if category is not Category.PROSPECT}
    without = desk.policy.model_copy(update={"rules": rules})
    found = {one.category: one for one in state.activities(desk.register, without, desk.reading())}
    assert found[Category.PROSPECT].stored == 1
    gaps = state.judged([found[Category.PROSPECT]], desk.parameters, TODAY, has_copy=True).findings
    assert "processing_no_rule" in {one.code for one in gaps}
    # Where nothing was taken in nobody knows whether anybody is stored, so that nothing of it is mended by that.
    unseen = state.activities(desk.register, without, None)
    assert Category.PROSPECT not in {one.category for one in unseen}
    told = state.judged(unseen, desk.parameters, TODAY, has_copy=False)
    assert told.unjudged >= {"processing_no_rule", "processing_undescribed"}
    assert state.judged(unseen, desk.parameters, TODAY, has_copy=True).unjudged == frozenset()


def test_the_last_word_counts_and_each_has_its_line(desk: Desk) -> None:
    described(desk)
    described(desk, recipients="Säljarna och marknad")
    assert activity(desk).content()["recipients"] == "Säljarna och marknad"
    with desk.register.connect() as connection:
        told = [line for line in ledger.lines(connection) if line["event"] == "processing:described"]
    assert len(told) == 2
    assert "Säljarna" not in str(told)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"recipients": "Fråga nils@bolaget.example"}, "processing_personal", "recipients"),
        ({"reviewed_on": TODAY + DAY}, "processing_day_future", "reviewed_on"),
        ({"lia_reviewed_on": TODAY + DAY}, "processing_day_future", "lia_reviewed_on"),
    ],
)
def test_what_may_not_be_said_is_told_of_its_field(desk: Desk, changes: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refused) as told:
        described(desk, **changes)
    assert (told.value.code, told.value.values["field"]) == (code, field)
    assert activity(desk).described is None


def test_the_same_again_is_no_description(desk: Desk) -> None:
    described(desk)
    with pytest.raises(Refused, match="processing_same"):
        described(desk)


def test_a_version_says_what_changed_since(desk: Desk) -> None:
    described(desk)
    assert verbs.make_version(desk.at(desk.petra), None, "Första") == 1
    with pytest.raises(Refused, match="processing_unchanged"):
        verbs.make_version(desk.at(desk.petra), None, "Igen")
    described(desk, transfers=Transfer.ADEQUATE)
    (before,) = state.versions(desk.register)
    now = state.content(state.activities(desk.register, desk.policy, None))
    assert state.differences(before.content, now) == [
        state.Difference("PROSPECT", "transfers", "none", "adequate"),
    ]  # fmt: skip
    assert verbs.make_version(desk.at(desk.petra), None, "") == 2
    # What was a version stays as it was.
    assert state.versions(desk.register)[1].content == before.content
    # An activity that is gone is a change of each of its fields.
    gone = {category: told for category, told in now.items() if category != "PROSPECT"}
    assert {one.field for one in state.differences(now, gone)} == {
        field for field, value in now["PROSPECT"].items() if value is not None
    }


def test_two_who_make_the_same_version_at_once_make_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    described(desk)
    waits, at = verbs.writing, desk.at(desk.petra)

    def behind_another(register: sa.Engine) -> AbstractContextManager[sa.Connection]:
        """The lock, which somebody else has until the same version is made."""
        monkeypatch.setattr(verbs, "writing", waits)
        verbs.make_version(at, None, "Först")
        return waits(register)

    monkeypatch.setattr(verbs, "writing", behind_another)
    with pytest.raises(Refused, match="processing_unchanged"):
        verbs.make_version(at, None, "Sedan")
    assert [one.note for one in state.versions(desk.register)] == ["Först"]


def test_what_is_written_in_words_of_ones_own_leaves_with_names_or_not_at_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    described(desk)
    verbs.make_version(desk.at(desk.petra), None, "Höstens")
    described(desk, measures="Andra")
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    offered = offers(monkeypatch)
    kept = (("processing", "Säljarna"), ("processing_versions", "Höstens"), ("processing_changes", "Andra"))
    for actor, permission in ((desk.petra, Permission.EXTRACT_PERSONS), (desk.axel, Permission.EXTRACT_FIGURES)):
        page(actor.role)
        for table, text in kept:
            offer = offered[f"csv_{table}_plain"]
            assert offer["permission"] is permission
            content = b"".join(offer["write"](desk.at(actor))).decode()
            assert (text in content) is (actor is desk.petra) and content.count("\n") > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_has_words(desk: Desk, language: str) -> None:
    for category in desk.policy.rules:
        described(desk, category, transfers=Transfer.THIRD_COUNTRY, safeguards="Klausuler")
    found = state.activities(desk.register, desk.policy, None)
    told = [value for row in rows.listing(found, (), language, {}) for value in row.values() if value is not None]
    assert say("processing_transfer.third_country", language) in told
    assert say("common.unknown", language) not in told


def page(role: Role, language: str = "sv", **query: str) -> AppTest:
    return opened(role, language, "processing/processing", query)


def test_petra_describes_an_activity_and_makes_a_version(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    app = page(Role.DPO, category="PROSPECT")
    app.text_area(key="processing_PROSPECT_recipients").set_value("Säljarna")
    app.button(key="processing_PROSPECT_button").click().run()
    # What is missing is told below its field, and nothing typed is lost.
    assert [told.value for told in app.error] == [refusal("field_missing", "sv", {})] * 3
    assert app.text_area(key="processing_PROSPECT_recipients").value == "Säljarna"
    app.selectbox(key="processing_PROSPECT_transfers").set_value(Transfer.NONE)
    app.text_area(key="processing_PROSPECT_measures").set_value("Behörighet per roll")
    app.text_input(key="processing_PROSPECT_reviewed_on").set_value("2026-11-20")
    app.button(key="processing_PROSPECT_button").click().run()
    assert not app.error
    assert lacking(desk) == ["processing_no_lia"]
    app.text_input(key="processing_version_note").set_value("Höstens genomgång")
    app.button(key="processing_make").click().run()
    assert say("processing.made", "sv", version=1) in app.success[0].value
    assert [one.note for one in state.versions(desk.register)] == ["Höstens genomgång"]
    # Who may not change it reads it.
    axel = page(Role.CISO, "en", category="PROSPECT")
    assert not [button for button in axel.button if (button.key or "").startswith("processing_")]
