"""Each way to break the house, tried once on a copy of it: the check that is there for it complains."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.house import checks

ROOT = Path(__file__).parents[2]
Check = Callable[[Path], list[str]]
BREACHES = tomllib.loads((Path(__file__).parent / "breaches.toml").read_text(encoding="utf-8"))["breach"]
BY_NAME = {check.__name__: check for check in checks.CHECKS}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout like this one; its files are links, so that a breach writes a file of its own (see `add`)."""
    for folder in ("compliance", "pages", "queries", "tests"):
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=without, copy_function=os.symlink)
    for name in ("dashboard.py", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_an_unbroken_copy_is_not_complained_of(check: Check, copy: Path) -> None:
    assert check(copy) == []


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach['check']}: {breach['what']}")
def test_each_breach_is_complained_of(breach: Mapping[str, Any], copy: Path) -> None:
    add(copy / breach["path"], breach["text"] * breach.get("times", 1))
    if "besides" in breach:
        add(copy / breach["besides"], breach["besides_text"])
    complaints = BY_NAME[breach["check"]](copy)
    assert any(breach["told"] in complaint for complaint in complaints), complaints


def test_each_check_is_broken_once() -> None:
    assert {breach["check"] for breach in BREACHES} == set(BY_NAME)


def add(path: Path, text: str) -> None:
    """Writes at the end of a file, or a new one. What the path links to stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.unlink(missing_ok=True)
    path.write_text(before + text, encoding="utf-8")
