"""The layers hold because a machine reads the imports: who may know Streamlit, DuckDB and SQLAlchemy, and who SQL."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from compliance import access
from compliance.words import queries
from compliance.words.vocabulary import Permission, Role

ROOT = Path(__file__).parents[2]
PACKAGE = sorted((ROOT / "compliance").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))

# What we hold true knows nothing of what we keep; what we keep nothing of what we do; nobody knows the pages.
HELD_TRUE = {"vocabulary", "refusal", "texts", "policy", "deadlines", "queries", "settings"}
KEPT = {
    "copy",
    "register",
    "ledger",
    "keys",
    "access",
    "extract",
    "vault",
    "suppression",
    "files",
    "receipts",
    "evidence",
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module}
    return found


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "compliance")).removesuffix(".py").replace("/", ".")


def uses(path: Path, library: str) -> bool:
    return any(name == library or name.startswith(f"{library}.") for name in imports(path))


def test_only_the_pages_and_what_draws_or_starts_them_know_streamlit() -> None:
    assert {name_of(path) for path in PACKAGE if uses(path, "streamlit")} == {"ui", "serve"}


def test_duckdb_is_opened_only_where_a_build_is_made_or_read() -> None:
    allowed = {
        "copy",
        "vault",
        "suppression",
        "intake.build",
        "intake.dates",
        "intake.normalise",
        "intake.reader",
        "purge.rewrite",
        "purge.select",
    }
    assert {name_of(path) for path in PACKAGE if uses(path, "duckdb")} <= allowed


@pytest.mark.parametrize("path", PACKAGE, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    own = {name.split(".")[1] for name in imports(path) if name.startswith("compliance.") and name.count(".")}
    layer = name_of(path).split(".")[0]
    if layer in HELD_TRUE:
        assert own <= HELD_TRUE
    elif layer in KEPT:
        assert own <= HELD_TRUE | KEPT
    elif layer != "ui":
        assert "ui" not in own


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_thin_and_guarded_first(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    acts = [
        node
        for node in tree.body
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper())
    ]
    assert re.match(r"session = ui\.guard\(Permission\.\w+\)", ast.unparse(acts[0]))
    assert not any(uses(path, library) for library in ("duckdb", "sqlalchemy", "pandas"))


def test_no_page_can_be_opened_past_the_sign_in() -> None:
    # Streamlit serves a file directly under pages/ by its URL before dashboard.py has ever run.
    assert list((ROOT / "pages").glob("*.py")) == []


def test_sql_lives_in_files() -> None:
    statement = re.compile(r"\b(select|insert into|delete from|update)\b[^\"']*\b(from|set|values|where)\b", re.I)
    allowed = {
        # A list of question marks as wide as a table, and names of tables that are fixed.
        "copy",
        "intake.build",
        "intake.normalise",
        "intake.reader",
        "register.migrations.versions.0001_register",
    }
    for path in PACKAGE:
        if name_of(path) in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                assert not statement.search(node.value), f"{path.name}: {node.value}"


@pytest.mark.parametrize("name", queries.names())
def test_a_query_says_what_it_answers_at_what_grain_and_whether_about_persons(name: str) -> None:
    header = queries.header(name)
    assert "grain: " in header
    assert header.count("holds figures") + header.count("holds persons") == 1


def test_every_query_is_called() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*PACKAGE, *PAGES])
    assert [name for name in queries.names() if f'"{name}"' not in code and f"'{name}'" not in code] == []
    build = [path.stem for path in (queries.FOLDER / "build").glob("*.sql")]
    assert [name for name in build if f'"{name}"' not in code and f"{name}" not in code] == []


def test_status_is_decided_once() -> None:
    deciding = [
        path.relative_to(queries.FOLDER)
        for path in queries.FOLDER.rglob("*.sql")
        if "then 'OVERDUE'" in path.read_text(encoding="utf-8")
    ]
    # The other one only ranks what the first decided.
    assert sorted(str(path) for path in deciding) == ["person_status.sql", "status.sql"]


def test_the_clock_is_read_at_the_edges_only() -> None:
    clock = re.compile(r"\b(datetime\.now|date\.today|time\.time)\(")
    readers = {name_of(path) for path in PACKAGE if clock.search(path.read_text(encoding="utf-8"))}
    assert readers <= {
        "ui",
        "intake.__main__",
        "purge.__main__",
        "demo.start",
        "ledger.__main__",
        "register.__main__",
        "suppression",
    }
    assert not any(clock.search(path.read_text(encoding="utf-8")) for path in PAGES)


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
    settings = (ROOT / "compliance" / "settings.py").read_text(encoding="utf-8")
    named = set(re.findall(r"COMPLIANCE_[A-Z_]+", settings))
    assert named
    for name in named:
        assert name in readme, name
