"""SQL lives in files: queries/<name>.sql, one statement each. Python knows only the name and the binds."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "queries"
_BIND = re.compile(r"(?<![:\w]):([a-z_]+)")
_DOLLAR = re.compile(r"\$([a-z_]+)")


@cache
def load(name: str) -> str:
    """The statement of queries/<name>.sql without its comments. Raises FileNotFoundError for an unknown name."""
    lines = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    # A comment may name a bind in prose; the driver would count it as one.
    return "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip().removesuffix(";")


@cache
def binds(name: str) -> frozenset[str]:
    """The names that queries/<name>.sql wants bound: `:name` in portable SQL, `$name` in what makes a build."""
    return frozenset((_DOLLAR if name.startswith("build/") else _BIND).findall(load(name)))


@cache
def header(name: str) -> str:
    """The comment lines that open queries/<name>.sql: what it answers, its grain, whether it holds persons."""
    lines: list[str] = []
    for line in (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return "\n".join(lines)


def names() -> list[str]:
    """The names of all queries that pages and services may run; those that make a build are in queries/build."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


def holds_persons(name: str) -> bool:
    """Whether a query's rows are about single persons."""
    return "holds persons" in header(name)
