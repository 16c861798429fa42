"""What runs is known: no licence binds, no answer of the audit passes for a clean one, and the page says what is so."""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def script(path: str) -> ModuleType:
    """A script of the repository, which is in no package."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


LICENCES, AUDIT = script("docs/licences.py"), script(".ci/audit.py")


def test_no_licence_of_what_runs_binds_what_uses_it() -> None:
    found = LICENCES.read()
    assert [told for name, (_, one) in found.items() if (told := LICENCES.complaint(name, one))] == []
    # An exception that nobody needs any more would let something else pass.
    assert {name: found[name][1].split(" AND ")[0] for name in LICENCES.LIBRARIES} == LICENCES.LIBRARIES


@pytest.mark.parametrize(
    ("package", "told"),
    [
        ("x", "GPL-3.0-only"),
        ("x", "AGPL-3.0-or-later"),
        ("x", "LGPL-3.0-only"),
        ("x", "MIT AND GPL-2.0-only"),
        ("x", "SSPL-1.0"),
        ("x", "unknown"),
        ("psycopg", "GPL-3.0-only"),
    ],
)
def test_a_licence_that_binds_is_complained_of(package: str, told: str) -> None:
    assert LICENCES.complaint(package, told)


@pytest.mark.parametrize("told", ["MIT", "GPL-3.0-only OR MIT", "BSD-3-Clause AND (Apache-2.0 OR GPL-2.0-only)"])
def test_a_licence_that_lets_choose_or_asks_for_a_notice_is_not(told: str) -> None:
    assert LICENCES.complaint("x", told) is None


def test_the_page_of_licences_is_of_what_runs() -> None:
    for name, pinned in LICENCES.pinned().items():
        assert version(name) == pinned, f"{name}: run make"
    written = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    assert written == LICENCES.page(LICENCES.read()), "run: python docs/licences.py"


@pytest.mark.parametrize("file", ["requirements.txt", "tests/requirements.txt", ".ci/requirements.txt"])
def test_everything_that_is_installed_is_pinned_and_hashed(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    packages = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert packages and [one for one in packages if "==" not in one or "--hash=sha256:" not in one] == []
    # No address of an index: whoever installs says where from.
    assert "://" not in text


def known(name: str, *ids: str) -> dict[str, Any]:
    return {"name": name, "version": "1", "vulns": [{"id": one, "fix_versions": ["2"]} for one in ids]}


SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI and could not be audited: b (1)"}


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ([known("a"), known("b")], AUDIT.CLEAN, "None of 2 packages"),
        ([known("a", "CVE-1"), known("b")], AUDIT.VULNERABLE, "a 1: CVE-1, mended in 2"),
        ([known("a", "CVE-1"), SKIPPED], AUDIT.VULNERABLE, "1 could not be"),
        ([known("a"), SKIPPED], AUDIT.NOT_LOOKED_UP, "not known to be safe: b"),
        # pip-audit itself ends with 0 here, and says that no known vulnerabilities were found.
        ([SKIPPED], AUDIT.NOT_LOOKED_UP, "was not reached"),
        ([], AUDIT.NOT_LOOKED_UP, "was not reached"),
    ],
)
def test_what_could_not_be_looked_up_is_not_clean(answer: list[dict[str, Any]], code: int, told: str) -> None:
    found, lines = AUDIT.verdict({"dependencies": answer})
    assert found == code and told in " ".join(lines)


def test_no_answer_is_not_a_clean_one() -> None:
    assert AUDIT.verdict(None)[0] == AUDIT.NOT_LOOKED_UP
