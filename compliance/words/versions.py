"""The rules of a day: what stands in the two files, and what has been changed since by two people.

The files are the starting version. A version is a change that was approved, with the day from which it holds; it says a
few settings, and goes before the files in those, whatever they say by then.

A setting is named `CATEGORY.field` for a field of a rule, or as the parameter.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli_w

from compliance.words import policy as policies
from compliance.words.policy import Parameters, Policy
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category

RULES_FILE, PARAMETERS_FILE = "retention.toml", "parameters.toml"
# Of a rule; all else of it is what the privacy policy or a law says, and changes with the file alone.
CHANGEABLE = ("period", "owner", "approval", "allowed_fields")
# The numbers that decide something. What only colours figures decides nothing, and changes with the file alone.
PARAMETERS = tuple(name for name in Parameters.model_fields if name not in ("thresholds", "weights", "sensitivity"))
# Receipts and batches keep no longer name.
_LABEL = 40

Value = str | int | float | bool | list[str]


@dataclass(frozen=True)
class Version:
    """An approved change: its number, the day from which it holds, and each setting with its value as JSON."""

    number: int
    from_on: dt.date
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rules:
    """The policy and the parameters that hold together on a day."""

    policy: Policy
    parameters: Parameters

    def has(self, setting: str) -> bool:
        """Whether there is such a setting, and a rule to which it belongs."""
        category, name = _parts(setting)
        if category is None:
            return name in PARAMETERS
        return name in CHANGEABLE and category in self.policy.rules

    def value(self, setting: str) -> Value:
        """What a setting is. Raises Refused `rule_setting_unknown`."""
        category, name = self._known(setting)
        found: Value = (
            policies.table_of(self.policy.rules[category])[name]
            if category is not None
            else self.parameters.model_dump()[name]
        )
        return found

    def settings(self) -> dict[str, Value]:
        """Every setting that can be changed, with what it is."""
        names = [f"{category.value}.{name}" for category in self.policy.rules for name in CHANGEABLE]
        return {setting: self.value(setting) for setting in (*names, *PARAMETERS)}

    def changed(self, values: Mapping[str, Value]) -> Rules:
        """The same with other settings. Raises Refused `rule_setting_unknown`, and what load_policy and load_parameters
        do of a file that says so.
        """
        rules, parameters = dict(self.policy.rules), self.parameters.model_dump()
        for setting, value in values.items():
            category, name = self._known(setting)
            if category is None:
                parameters[name] = value
            else:
                rules[category] = policies.rule_of({**policies.table_of(rules[category]), name: value})
        return Rules(self.policy.model_copy(update={"rules": rules}), policies.checked_parameters(parameters))

    def _known(self, setting: str) -> tuple[Category | None, str]:
        if not self.has(setting):
            raise Refused("rule_setting_unknown", setting=setting)
        return _parts(setting)


def _parts(setting: str) -> tuple[Category | None, str]:
    category, dot, name = setting.partition(".")
    if not dot:
        return None, setting
    try:
        return Category(category), name
    except ValueError:
        return None, ""


def start(folder: Path) -> Rules:
    """The starting version: what the two files in the folder say. Raises what load_policy and load_parameters do."""
    return in_force(folder, ())


def in_force(folder: Path, versions: Sequence[Version]) -> Rules:
    """What holds by the files in the folder and by the versions, the later ones before the earlier ones.

    A version's setting that no file knows any more decides nothing: a category without a rule has none. Raises what
    `start` does, and Refused `rule_version_refused` for a version that says what must not be.
    """
    texts = [policies.text_of(folder / name) for name in (RULES_FILE, PARAMETERS_FILE)]
    return _in_force(texts[0], texts[1], tuple(versions))


# Every page asks, and so does every act; by all that it is made of, as the files are remembered.
@lru_cache(maxsize=16)
def _in_force(rules_text: str, parameters_text: str, versions: tuple[Version, ...]) -> Rules:
    start = Rules(
        policies.policy_of(RULES_FILE, rules_text), policies.parameters_of(PARAMETERS_FILE, parameters_text)
    )  # fmt: skip
    rules = start
    for version in versions:
        told = {setting: json.loads(value) for setting, value in version.values if start.has(setting)}
        try:
            rules = rules.changed(told)
        except Refused as refused:
            raise Refused("rule_version_refused", number=version.number, why=refused.code) from None
    if rules == start:
        return start
    label = labelled(start.policy.version, versions[-1].number)
    return Rules(rules.policy.model_copy(update={"version": label}), rules.parameters)


def labelled(version: str, number: int) -> str:
    """What rules are called that hold by the file's version and the change of that number.

    A file that was made of such rules is called so itself, and they are still called the same.
    """
    after = f"+{number}"
    return re.sub(r"\+[0-9]+$", "", version)[: _LABEL - len(after)] + after


def rules_toml(policy: Policy) -> bytes:
    """A retention.toml of which load_policy makes the same policy; comments are not in it."""
    head: dict[str, Any] = {"version": policy.version}
    if policy.effective_from is not None:
        head["effective_from"] = policy.effective_from
    uncovered = [
        {"category": category.value, "why": why}
        for category, why in policy.uncovered.items()
        # What is missing in a file is said of it when it is read.
        if why != "no_rule"
    ]
    rules = [policies.table_of(rule) for rule in policy.rules.values()]
    return tomli_w.dumps({"policy": head, "rule": rules, "uncovered": uncovered}).encode()


def parameters_toml(parameters: Parameters) -> bytes:
    """A parameters.toml of which load_parameters makes the same parameters."""
    return tomli_w.dumps(parameters.model_dump(exclude_none=True)).encode()
