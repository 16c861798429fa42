"""The house holds because a machine looks: no check has a complaint, and the README says what the code does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance import access
from compliance.review import view as review_view
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
            Permission.HANDLE_REQUESTS,
            Permission.SEE_BATCHES,
            Permission.PROPOSE_PURGE,
            Permission.APPROVE_PURGE,
            Permission.EXECUTE_PURGE,
            Permission.MANAGE_HOLDS,
            Permission.MARK_PERSONS,
            Permission.CORRECT_PERSONS,
            Permission.FETCH_ORDERS,
            Permission.EXTEND_LIMITS,
            Permission.CHANGE_RULES,
            Permission.SIGN_REVIEW,
            Permission.COUNTERSIGN_REVIEW,
            Permission.HANDLE_INCIDENTS,
            Permission.HANDLE_FINDINGS,
            Permission.HANDLE_COOKIES,
            Permission.RECORD_NOTICES,
            Permission.DESCRIBE_PROCESSING,
            Permission.REVIEW_ACCESS,
            Permission.RECORD_CONTROLS,
            Permission.TELL_FIGURES,
        ]
        assert told == [permission in access.TABLE[role] for permission in wanted], role


def test_a_link_is_offered_to_whoever_has_the_page_in_the_menu() -> None:
    menu = (ROOT / "dashboard.py").read_text(encoding="utf-8")
    pages = {
        f"pages/{path}.py": Permission[name]
        for path, name in re.findall(r'\("([a-z/_]+)", "[a-z_]+", ":[^"]+:", Permission\.([A-Z_]+)', menu)
    }
    assert len(pages) > 15
    others = {page: one for page, one in pages.items() if one is not Permission.SEE_FIGURES}
    assert others == dict(review_view._PAGES_FOR)


def test_the_readme_names_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    settings = (ROOT / "compliance" / "words" / "settings.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"COMPLIANCE_[A-Z_]+", settings)):
        assert name in readme, name


def test_words_name_statements_where_they_are() -> None:
    words = [
        ROOT / "README.md",
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("compliance/**/*.py"),
        *ROOT.glob("queries/**/*.sql"),
    ]
    for path in words:
        for told in re.findall(r"queries/[a-z_/]+\.sql", path.read_text(encoding="utf-8")):
            assert (ROOT / told).exists(), f"{path}: {told}"


def test_the_picture_is_of_this_house(tmp_path: Path) -> None:
    script = tmp_path / "docs" / "picture.py"
    script.parent.mkdir()
    shutil.copy(ROOT / "docs" / "picture.py", script)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "compliance").symlink_to(ROOT / "compliance")
    subprocess.run([sys.executable, str(script)], check=True, stdout=subprocess.DEVNULL)
    made = script.with_name("architecture.svg").read_text(encoding="utf-8")
    assert made == (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8"), "run: python docs/picture.py"


def test_the_words_on_the_house_name_every_room_and_check() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    floors = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][
        0
    ]
    rooms = {room.strip() for layer in floors["layers"] for room in layer.split("|")}
    assert [room for room in sorted(rooms) if f"`{room}`" not in told] == []
    assert [check.__name__ for check in checks.CHECKS if f"`{check.__name__}`" not in told] == []
