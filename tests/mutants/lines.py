"""Single lines of what cannot be taken back, each made wrong on a copy: tests must turn red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = tomllib.loads((Path(__file__).parent / "lines.toml").read_text(encoding="utf-8"))["line"]
_PARTS = (
    "compliance", "queries", "data", "docs", "pages", "tests", ".streamlit", "dashboard.py", "pyproject.toml",
    "README.md", "CHANGELOG.md",
)  # fmt: skip
_NOT = shutil.ignore_patterns("__pycache__", "store", "demo")


def tried() -> Iterator[tuple[str, bool]]:
    """Each line by what it says when it is wrong, and whether a test turned red.

    Raises RuntimeError where tests are red before, or a line is not there once.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = copied(Path(name))
        if _ended(copy, sorted({test for line in LINES for test in line["tests"]})) != 0:
            raise RuntimeError("tests are red before a line is changed")
        for line in LINES:
            path = copy / line["path"]
            right = path.read_text(encoding="utf-8")
            if right.count(line["old"]) != 1:
                raise RuntimeError(f"{line['path']} has not once: {line['old']}")
            path.write_text(right.replace(line["old"], line["new"]), encoding="utf-8")
            yield line["what"], _ended(copy, line["tests"]) == 1
            path.write_text(right, encoding="utf-8")


def copied(folder: Path) -> Path:
    """A copy of all that tests need, in a folder."""
    copy = folder / "copy"
    copy.mkdir()
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, ignore=None if part == "compliance" else _NOT)
        else:
            shutil.copy(ROOT / part, copy / part)
    return copy


def _ended(copy: Path, tests: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    environ = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=copy, env=environ, capture_output=True).returncode
