"""SQL lives in files: queries/<area>/<name>.sql, one statement each. Python knows only the name and the binds.

What stands in queries/build and, with `$name` binds, in queries/reading is DuckDB's own; all else is portable, with
`:name` binds, and runs wherever SQLAlchemy does. A name is one statement's alone, whichever folder it is in.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "queries"
_BIND = re.compile(r"(?<![:\w]):([a-z_]+)")
_DOLLAR = re.compile(r"\$([a-z_]+)")


@cache
def paths() -> dict[str, Path]:
    """Where every statement stands, by its name. Raises ValueError where two bear one name."""
    found: dict[str, Path] = {}
    for path in sorted(FOLDER.rglob("*.sql")):
        if path.stem in found:
            raise ValueError(f"two queries are called {path.stem}: {found[path.stem].parent.name}, {path.parent.name}")
        found[path.stem] = path
    return found


@cache
def load(name: str) -> str:
    """The statement of that name without its comments. Raises KeyError for an unknown name."""
    lines = paths()[name].read_text(encoding="utf-8").splitlines()
    # A comment may name a bind in prose; the driver would count it as one.
    return "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip().removesuffix(";")


@cache
def binds(name: str) -> frozenset[str]:
    """The names that a statement wants bound: `:name` in portable SQL, `$name` in DuckDB's own."""
    return frozenset((_BIND if portable(name) else _DOLLAR).findall(load(name)))


@cache
def header(name: str) -> str:
    """The comment lines that open a statement: what it answers, its grain, whether it holds persons."""
    lines: list[str] = []
    for line in paths()[name].read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return "\n".join(lines)


@cache
def portable(name: str) -> bool:
    """Whether pages and services may run a statement over a reading: it says its grain, and of figures or persons."""
    return "build" not in paths()[name].relative_to(FOLDER).parts and "grain: " in header(name)


def names() -> list[str]:
    """The names of all portable statements."""
    return [name for name in paths() if portable(name)]


def holds_persons(name: str) -> bool:
    """Whether a query's rows are about single persons."""
    return "holds persons" in header(name)
