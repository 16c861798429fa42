"""The house holds because a machine looks: no check has a complaint, and the README says what the code does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance import access
from compliance.words.vocabulary import Permission, Role
from tests.house import checks

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_the_house_holds(check: Callable[[Path], list[str]]) -> None:
    assert check(ROOT) == []


def test_the_readme_says_who_may_what() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for role in Role:
        row = re.search(rf"^\| {role.value} \|(.*)\|$", readme, re.M)
        assert row, role
        cells = [cell.strip() for cell in row[1].split("|")]
        told = [bool(cell) for cell in cells]
        wanted = [
            Permission.SEE_FIGURES,
            Permission.SEE_PERSONS,
            Permission.SEE_LEDGER,
            Permission.RUN_INTAKE,
            Permission.SEE_BATCHES,
            Permission.PROPOSE_PURGE,
            Permission.APPROVE_PURGE,
            Permission.EXECUTE_PURGE,
            Permission.MANAGE_HOLDS,
            Permission.FETCH_ORDERS,
        ]
        assert told == [permission in access.TABLE[role] for permission in wanted], role


def test_the_readme_names_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    settings = (ROOT / "compliance" / "words" / "settings.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"COMPLIANCE_[A-Z_]+", settings)):
        assert name in readme, name


def test_the_readme_names_statements_where_they_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for told in re.findall(r"queries/[\w/]+\.sql", readme):
        assert (ROOT / told).exists(), told
