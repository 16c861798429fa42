"""What may stand in the retention schedule, and what is refused in words."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from compliance.review.kpis import kpis
from compliance.words import policy as rules
from compliance.words import texts
from compliance.words.policy import Parameters, Policy, load_parameters, load_policy, policy_with, read_period
from compliance.words.refusal import Refused
from compliance.words.vocabulary import LANGUAGES, Category, StartEvent

DATA = Path(__file__).parents[2] / "data"


def shipped() -> dict[str, Any]:
    return tomllib.loads((DATA / "retention.toml").read_text(encoding="utf-8"))


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "retention.toml"
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path


def rule_of(content: dict[str, Any], category: Category) -> dict[str, Any]:
    return next(rule for rule in content["rule"] if rule["category"] == category)


def refused(path: Path) -> Refused:
    """The refusal of a schedule, after making sure that a person can read it in both languages."""
    with pytest.raises(Refused) as caught:
        load_policy(path)
    for language in LANGUAGES:
        assert "{" not in texts.say(f"refusal.{caught.value.code}", language, **caught.value.values)
    return caught.value


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(DATA / "retention.toml")


def test_every_category_has_a_rule_or_a_reason_for_none(policy: Policy) -> None:
    assert {*policy.rules, *policy.uncovered} == set(Category)
    assert policy.uncovered == {Category.ENV_USER: "processor", Category.UNCLASSIFIED: "not_in_policy"}


def test_the_shipped_periods_are_those_the_policy_promises(policy: Policy) -> None:
    cookie = policy.rules[Category.WEB_VISITOR]
    assert (cookie.period_months, cookie.period_days, cookie.approval) == (None, 179, "automatic")
    others = [rule for category, rule in policy.rules.items() if category is not Category.WEB_VISITOR]
    assert {(rule.period_months, rule.period_days, rule.approval) for rule in others} == {(120, None, "four_eyes")}
    assert policy.rules[Category.VOUCHER].statutory_years == 7


def test_contacts_and_prospects_may_hold_four_fields_and_payroll_alone_a_personnummer(policy: Policy) -> None:
    for category in (Category.CUSTOMER_CONTACT, Category.PROSPECT):
        assert set(policy.rules[category].allowed_fields) == {"name", "role", "email", "phone"}
    holders = {c for c, rule in policy.rules.items() if "personnummer" in rule.allowed_fields}
    assert holders == {Category.EMPLOYEE}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category": "VISITOR"}, "rule_unknown_category"),
        ({"category": "ENV_USER"}, "rule_impossible"),
        ({"category": "EMPLOYEE"}, "rule_wrong_start_event"),
        ({"start_event": "full_moon"}, "rule_unknown_start_event"),
        ({"start_event": None}, "rule_unknown_start_event"),
        ({"start_event": "cookie_set"}, "rule_wrong_start_event"),
        ({"period": "P121M"}, "rule_period_too_long"),
        ({"period": "P10Y1M"}, "rule_period_too_long"),
        ({"period": "P3700D"}, "rule_period_too_long"),
        ({"period": "P0Y"}, "rule_period_unreadable"),
        ({"period": "P"}, "rule_period_unreadable"),
        ({"period": "-P1Y"}, "rule_period_unreadable"),
        ({"period": "P-1Y"}, "rule_period_unreadable"),
        ({"period": "ten years"}, "rule_period_unreadable"),
        ({"period": "P1Y1D"}, "rule_period_unreadable"),
        ({"period": 10}, "rule_period_unreadable"),
        ({"period": None}, "rule_period_unreadable"),
        ({"ground": None}, "rule_missing_ground"),
        ({"ground": ""}, "rule_missing_ground"),
        ({"ground": "habit"}, "rule_missing_ground"),
        ({"purpose": None}, "rule_missing"),
        ({"purpose": "curiosity"}, "rule_unknown_word"),
        ({"owner": " "}, "rule_missing"),
        ({"owner": "petra@antura.example"}, "rule_unknown_word"),
        ({"section": None}, "rule_missing"),
        ({"approval": "nobody"}, "rule_unknown_word"),
        ({"allowed_fields": ["name", "shoe_size"]}, "rule_unknown_field"),
        ({"allowed_fields": "name"}, "rule_missing"),
        ({"systems": []}, "rule_missing"),
        ({"statutory_years": 7}, "rule_statutory_years"),
        ({"color": "red"}, "rule_unknown_key"),
    ],
)
def test_it_refuses_a_rule_that_cannot_stand(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    content = shipped()
    rule = rule_of(content, Category.PROSPECT)
    for key, value in change.items():
        if value is None:
            del rule[key]
        else:
            rule[key] = value
    assert refused(written(tmp_path, content)).code == code


@pytest.mark.parametrize("period", ["P180D", "P6M", "P1Y"])
def test_it_refuses_web_leads_longer_than_179_days(tmp_path: Path, period: str) -> None:
    content = shipped()
    rule_of(content, Category.WEB_VISITOR)["period"] = period
    assert refused(written(tmp_path, content)).code == "rule_cookie_too_long"


@pytest.mark.parametrize("years", [None, 6, "7", True])
def test_it_refuses_vouchers_kept_for_less_than_the_law_says(tmp_path: Path, years: object) -> None:
    content = shipped()
    rule = rule_of(content, Category.VOUCHER)
    del rule["statutory_years"]
    if years is not None:
        rule["statutory_years"] = years
    assert refused(written(tmp_path, content)).code == "rule_statutory_years"


def test_it_refuses_two_rules_for_one_category(tmp_path: Path) -> None:
    content = shipped()
    content["rule"].append(dict(rule_of(content, Category.PROSPECT), period="P3Y"))
    refusal = refused(written(tmp_path, content))
    assert (refusal.code, refusal.values) == ("rule_twice", {"category": "PROSPECT"})


def test_it_refuses_a_category_both_covered_and_uncovered(tmp_path: Path) -> None:
    content = shipped()
    content["uncovered"].append({"category": "PROSPECT", "why": "no_rule"})
    assert refused(written(tmp_path, content)).code == "rule_twice"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rules": []}, "rule_unknown_key"),
        ({"rule": {"category": "PROSPECT"}}, "rule_not_a_list"),
        ({"uncovered": [{"category": "ENV_USER", "why": "luck"}]}, "rule_unknown_word"),
        ({"uncovered": [{"category": "ENV_USER", "why": "processor", "x": 1}]}, "rule_unknown_key"),
        ({"policy": {}}, "policy_head_unreadable"),
        ({"policy": {"version": "1", "effective_from": "soon"}}, "policy_head_unreadable"),
    ],
)
def test_it_refuses_a_file_of_another_shape(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    assert refused(written(tmp_path, {**shipped(), **change})).code == code


def test_it_refuses_a_file_that_is_missing_or_no_toml(tmp_path: Path) -> None:
    assert refused(tmp_path / "retention.toml").code == "config_missing"
    path = tmp_path / "broken.toml"
    path.write_text("[[rule", encoding="utf-8")
    assert refused(path).code == "config_unreadable"


def test_a_category_with_neither_rule_nor_reason_is_shown_as_uncovered(tmp_path: Path) -> None:
    content = shipped()
    content["rule"].remove(rule_of(content, Category.PROSPECT))
    assert load_policy(written(tmp_path, content)).uncovered[Category.PROSPECT] == "no_rule"


def test_the_digest_follows_the_content_and_not_the_order(tmp_path: Path, policy: Policy) -> None:
    content = shipped()
    content["rule"].reverse()
    content["uncovered"].reverse()
    assert load_policy(written(tmp_path, content)).digest == policy.digest
    content["uncovered"][0]["why"] = "no_rule"
    assert load_policy(written(tmp_path, content)).digest != policy.digest


def test_a_copy_with_another_value_says_what_it_says_itself(policy: Policy) -> None:
    digest, parameters = policy.digest, Parameters()
    told = parameters.as_json
    assert policy.model_copy().digest == digest
    for deep in (False, True):
        assert policy.model_copy(update={"version": "another"}, deep=deep).digest != digest
        other = parameters.model_copy(update={"notice_days": 7}, deep=deep)
        assert '"notice_days":7' in other.as_json
    assert (policy.digest, parameters.as_json) == (digest, told)


def test_a_what_if_changes_one_period_and_leaves_the_policy_alone(policy: Policy) -> None:
    before = policy.digest
    changed = policy_with(policy, Category.PROSPECT, "P3Y")
    assert changed.rules[Category.PROSPECT].period_months == 36
    assert policy.rules[Category.PROSPECT].period_months == 120
    assert policy.digest == before != changed.digest
    assert policy_with(changed, Category.PROSPECT, "P10Y").digest == before


@pytest.mark.parametrize(
    ("category", "period", "code"),
    [
        (Category.PROSPECT, "P11Y", "rule_period_too_long"),
        (Category.PROSPECT, "", "rule_period_unreadable"),
        (Category.WEB_VISITOR, "P180D", "rule_cookie_too_long"),
        (Category.ENV_USER, "P1Y", "rule_none"),
    ],
)
def test_a_what_if_refuses_what_the_file_refuses(policy: Policy, category: Category, period: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        policy_with(policy, category, period)
    assert caught.value.code == code


@given(st.text(alphabet="P0123456789YMDW-T ", max_size=12), st.sampled_from(Category))
def test_a_period_is_within_its_bounds_or_refused(period: str, category: Category) -> None:
    try:
        months, days = read_period(period, category)
    except Refused:
        return
    assert (months is None) != (days is None)
    assert months is None or 0 < months <= 120
    assert days is None or 0 < days <= (179 if category is Category.WEB_VISITOR else rules.MAX_DAYS)


@pytest.mark.parametrize("bounds", [{}, {"holds_lost": {"target": 0.0}}, {"holds_lost": {"target": 0.0, "red": 0.0}}])
def test_what_weighs_in_the_score_needs_a_bound_beside_its_target(bounds: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"parameters_unreadable.*weights\.holds_lost"):
        rules.checked_parameters({"weights": {"holds_lost": 5.0}, "thresholds": bounds})
    amber = {"holds_lost": {"target": 0.0, "amber": 1.0}}
    assert rules.checked_parameters({"weights": {"holds_lost": 5.0}, "thresholds": amber}).weights


def test_the_parameters_file_says_every_parameter_and_its_default() -> None:
    path = DATA / "parameters.toml"
    shipped = load_parameters(path)
    assert shipped == Parameters(
        thresholds=shipped.thresholds, weights=shipped.weights, sensitivity=shipped.sensitivity
    )
    assert shipped.thresholds.keys() <= kpis().keys()
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == set(Parameters.model_fields)


@pytest.mark.parametrize(
    ("line", "bound"),
    [
        ("request_months = 0", " (≥ 1)"),
        ("request_months = '1'", ""),
        ("notice_days = -1", " (≥ 0)"),
        ("large_batch_share = 0.0", " (> 0.0)"),
        ("x = 1", ""),
        ("cookie_max_days = 180", " (≤ 179)"),
    ],
)
def test_it_refuses_parameters_that_make_no_sense(tmp_path: Path, line: str, bound: str) -> None:
    path = tmp_path / "parameters.toml"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        load_parameters(path)
    assert (caught.value.code, caught.value.values) == (
        "parameters_unreadable", {"name": line.split()[0], "bound": bound},
    )  # fmt: skip


def test_every_word_of_the_rules_has_its_text_in_both_languages() -> None:
    keys = [
        *(f"start_event.{event.value}" for event in StartEvent),
        *(f"ground.{word}" for word in rules.GROUNDS),
        *(f"purpose.{word}" for word in rules.PURPOSES),
        *(f"owner.{word}" for word in rules.OWNERS),
        *(f"section.{word}" for word in rules.SECTIONS),
        *(f"approval.{word}" for word in rules.APPROVALS),
        *(f"uncovered.{word}" for word in rules.WHY_UNCOVERED),
        *(f"policy.defect.{defect}.{part}" for defect in rules.DEFECTS for part in ("title", "text")),
    ]
    for key in keys:
        assert all(texts.say(key, language) for language in LANGUAGES), key


def test_every_refusal_of_the_policy_has_a_text_with_the_same_values_in_both_languages() -> None:
    source = Path(rules.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'Refused\(\s*"(\w+)"', source))
    assert codes
    for code in codes:
        text = texts.catalogue()[f"refusal.{code}"]
        named = [{name for _, name, _, _ in string.Formatter().parse(text[la]) if name} for la in LANGUAGES]
        assert named[0] == named[1], code
