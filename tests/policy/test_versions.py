"""The rules of a day: the files and what was approved since, refused for what files are, and as files again."""

from __future__ import annotations

import ast
import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from compliance.words import policy, versions
from compliance.words.policy import load_parameters, load_policy, policy_with
from compliance.words.refusal import Refused
from compliance.words.texts import has
from compliance.words.versions import Rules, Value, Version
from compliance.words.vocabulary import Category
from tests.world import CONFIG, TODAY, World, shipped_parameters, shipped_policy, table

ROOT = Path(__file__).parents[2]


def version(number: int, from_on: dt.date = TODAY, **values: Value) -> Version:
    """An approved change; `PROSPECT__period` is the setting of that rule."""
    told = ((name.replace("__", "."), json.dumps(value)) for name, value in values.items())
    return Version(number, from_on, tuple(told))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A folder with the two files, to be changed."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in (versions.RULES_FILE, versions.PARAMETERS_FILE):
        shutil.copy(CONFIG / name, folder / name)
    return folder


def swap(path: Path, one: str, other: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert one in text
    path.write_text(text.replace(one, other), encoding="utf-8")


def test_without_a_change_the_rules_are_those_of_the_files() -> None:
    assert versions.start(CONFIG) == Rules(shipped_policy(), shipped_parameters())


def test_a_version_goes_before_the_files_in_what_it_says_and_leaves_the_rest() -> None:
    changed = version(3, PROSPECT__period="P3Y", PROSPECT__owner="marketing", notice_days=60)
    rules = versions.in_force(CONFIG, [changed])
    rule = rules.policy.rules[Category.PROSPECT]
    assert (rule.period, rule.period_months, rule.owner, rules.parameters.notice_days) == ("P3Y", 36, "marketing", 60)
    assert rules.policy.version == "2026-1+3"
    assert rules.policy.digest != shipped_policy().digest
    others = {category: one for category, one in rules.policy.rules.items() if category is not Category.PROSPECT}
    assert others == {one: rule for one, rule in shipped_policy().rules.items() if one is not Category.PROSPECT}
    assert rules.parameters == shipped_parameters().model_copy(update={"notice_days": 60})


def test_of_two_versions_the_later_one_holds() -> None:
    rules = versions.in_force(CONFIG, [version(4, PROSPECT__period="P3Y"), version(2, PROSPECT__period="P4Y")])
    assert rules.policy.rules[Category.PROSPECT].period == "P4Y"
    assert rules.policy.version == "2026-1+2"


def test_a_change_of_a_parameter_alone_is_another_version_too() -> None:
    rules = versions.in_force(CONFIG, [version(1, approval_days=7)])
    # So that a batch that was approved before goes back to its preview.
    assert rules.policy.version == "2026-1+1"
    assert rules.policy.digest != shipped_policy().digest


def test_a_file_that_changes_afterwards_is_the_start_and_a_version_still_goes_before_it(config: Path) -> None:
    changed = version(1, PROSPECT__period="P3Y")
    swap(config / "retention.toml", 'period = "P10Y"', 'period = "P9Y"')
    rules = versions.in_force(config, [changed])
    assert rules.policy.rules[Category.PROSPECT].period == "P3Y"
    assert rules.policy.rules[Category.EMPLOYEE].period == "P9Y"


def test_a_version_of_a_rule_that_the_file_has_no_more_decides_nothing(config: Path) -> None:
    text = (config / "retention.toml").read_text(encoding="utf-8")
    head, *tables = text.split("[[rule]]")
    kept = [one for one in tables if "PROSPECT" not in one]
    (config / "retention.toml").write_text("[[rule]]".join([head, *kept]), encoding="utf-8")
    rules = versions.in_force(config, [version(1, PROSPECT__period="P3Y", EMPLOYEE__period="P8Y", forgotten=3)])
    assert Category.PROSPECT not in rules.policy.rules
    assert rules.policy.uncovered[Category.PROSPECT] == "no_rule"
    assert rules.policy.rules[Category.EMPLOYEE].period == "P8Y"


def test_a_version_that_must_not_be_any_more_stops_everything_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    told = version(7, PROSPECT__period="P5Y")
    monkeypatch.setattr(policy, "MAX_MONTHS", 24)
    versions._in_force.cache_clear()
    with pytest.raises(Refused) as caught:
        versions.in_force(CONFIG, [told])
    versions._in_force.cache_clear()
    assert (caught.value.code, caught.value.values) == (
        "rule_version_refused", {"number": 7, "why": "rule_period_too_long"},
    )  # fmt: skip


CONTRADICTIONS: dict[str, tuple[str, Value]] = {
    "rule_period_too_long": ("PROSPECT.period", "P11Y"),
    "rule_period_unreadable": ("PROSPECT.period", "P0M"),
    "rule_cookie_too_long": ("WEB_VISITOR.period", "P1M"),
    "rule_unknown_word": ("PROSPECT.owner", "nobody"),
    "rule_unknown_field": ("PROSPECT.allowed_fields", ["shoe_size"]),
    "parameters_unreadable": ("notice_days", -1),
    "rule_setting_unknown": ("PROSPECT.ground", "consent"),
}


@pytest.mark.parametrize("code", CONTRADICTIONS)
def test_what_a_file_may_not_say_no_version_may(code: str) -> None:
    setting, value = CONTRADICTIONS[code]
    with pytest.raises(Refused) as caught:
        versions.start(CONFIG).changed({setting: value})
    assert caught.value.code == code


@pytest.mark.parametrize("period", ["P3600D", "P120M", "P9Y"])
@pytest.mark.parametrize("category", [one for one in shipped_policy().rules if one is not Category.WEB_VISITOR])
def test_a_changed_period_is_the_one_that_the_tests_of_spans_are_about(category: Category, period: str) -> None:
    changed = versions.start(CONFIG).changed({f"{category}.period": period})
    assert changed.policy == policy_with(shipped_policy(), category, period)


def test_a_span_in_days_counts_for_eras_ceilings_and_provisional_dates_by_a_version_too(tmp_path: Path) -> None:
    days = {f"{one}.period": "P3600D" for one in ("CUSTOMER_CONTACT", "EMPLOYEE")}
    rules = versions.start(CONFIG).changed(days)
    world, ended = World(tmp_path), dt.date(2010, 1, 31)
    org = world.organisation("K1", "open")
    world.contract(org, "2005-01-01", ended.isoformat())
    world.contract(org, (ended + dt.timedelta(days=3601)).isoformat())
    world.person("CUSTOMER_CONTACT", "OVER", org_id=org, registered_on="2005-02-01")
    world.person("EMPLOYEE", "DOUBT", starts_on="2019-05-01", ends_on="2018-05-01")
    reading = world.reading(policy=rules.policy, parameters=rules.parameters)
    rows = {row["category"]: row for row in table(reading, "basis_status")}
    contact, employee = rows["CUSTOMER_CONTACT"], rows["EMPLOYEE"]
    assert (contact["status"], contact["ceiling_on"]) == ("OVERDUE", ended + dt.timedelta(days=3600))
    assert employee["provisional_on"] == dt.date(2018, 5, 1) + dt.timedelta(days=3600)


def test_the_rules_in_force_are_files_again_and_called_the_same(config: Path) -> None:
    told = [
        version(1, PROSPECT__period="P3600D", PROSPECT__allowed_fields=["name"], WEB_VISITOR__approval="four_eyes"),
        version(2, notice_days=45, large_batch_share=0.5, eves_as_holidays=True),
    ]
    rules = versions.in_force(config, told)
    swap(config / "retention.toml", 'version = "2026-1"', 'version = "2026-1"\neffective_from = 2026-02-01')
    dated = versions.in_force(config, told)
    for one in (rules, dated):
        (config / "retention.toml").write_bytes(versions.rules_toml(one.policy))
        (config / "parameters.toml").write_bytes(versions.parameters_toml(one.parameters))
        assert load_policy(config / "retention.toml") == one.policy
        assert load_parameters(config / "parameters.toml") == one.parameters
        # In the files' place they are the start, and no batch goes back for it.
        assert versions.start(config).policy.digest == one.policy.digest
        assert versions.in_force(config, told) == one
    later = versions.in_force(config, [*told, version(5, PROSPECT__period="P1Y")])
    assert later.policy.version == "2026-1+5"


def test_a_long_name_of_a_version_is_cut_to_what_receipts_keep() -> None:
    assert versions.labelled("x" * 60, 12) == "x" * 37 + "+12"
    assert versions.labelled("2026-1+3", 12) == "2026-1+12"


def test_nobody_reads_the_files_past_the_one_way() -> None:
    """Whoever reads them directly goes by rules that two people have changed since."""
    reading = {"load_policy", "load_parameters", "policy_of", "parameters_of"}
    found = set()
    for path in [*(ROOT / "compliance").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "dashboard.py"]:
        named = {
            getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute | ast.Name | ast.alias)
        }
        if named & reading:
            found.add(path.relative_to(ROOT).as_posix())
    assert found == {"compliance/words/policy.py", "compliance/words/versions.py"}


def test_every_setting_that_can_be_changed_is_called_something_in_both_languages() -> None:
    keys = [f"parameter.{name}" for name in versions.PARAMETERS]
    keys += [f"rule_setting.{name}" for name in versions.CHANGEABLE]
    assert [key for key in keys if not has(key)] == []
