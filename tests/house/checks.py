"""What holds the house together besides the types: each check takes the root of a checkout and returns its complaints.

A complaint is a sentence that names the file and says what to do. What a check lets pass is listed here with its why;
an entry of such a list that nothing needs any more is complained of as well.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

PAGE_LINES, PAGE_FUNCTIONS, VIEW_LINES = 60, 3, 500
VIEWS = "compliance/*/view*.py"

# Writes to tables that are not its own, or that nobody can tell: module, what is written, why.
WRITERS = {
    ("compliance.operations.backup", "table"): "a restore puts back every table as it was, whosever it is",
    ("compliance.sources.tasks", "self.table"): "a table of the source's own database, never of the register",
}

# Statements in Python, where a file would say no more. Anything else in the same module is complained of.
SESSION = "how a connection works, not what it answers"
STAGED = "a working table whose name is fixed or made there, with no condition: a file would say no more"
AROUND = "a statement of a file, with the name of the table that takes its answer"
_SQL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "compliance.build.builder": {
        SESSION: (
            "checkpoint build",
            "describe raw",
            "detach build",
            "set enable_progress_bar = false",
            "set preserve_insertion_order = false",
            "set preserve_insertion_order = true",
            "use build",
            "use memory",
        ),
        STAGED: (
            "delete from bad_row",
            "delete from category_word",
            "delete from status_word",
            "from form_row",
            "insert into accepted_move values (?, ?, ?)",
            "insert into answered values (?, ?)",
            "insert into build.{} values ({})",
            "{} order by own_person_id",
        ),
    },
    "compliance.build.dates": {
        STAGED: (
            "alter table date_reading rename to date_reading_{}",
            "alter table date_reading_{} rename to date_reading",
            "create or replace temp view dated as {}",
            "delete from date_format",
            "delete from date_value",
            "drop table if exists date_reading",
            "drop table if exists date_reading_{}",
            "insert into date_format values (?, ?)",
        ),
    },
    "compliance.build.reader": {
        SESSION: ("describe raw_text",),
        STAGED: (
            "alter table {} rename to {}_{}",
            "alter table {}_{} rename to {}",
            "alter table raw_text drop column {}",
            "create or replace temp table reject (row_no bigint, reason varchar, line varchar, cells varchar[])",
            "drop table if exists raw_text",
            "drop table if exists {}",
            "drop table if exists {}_{}",
            "drop view if exists raw cascade",
            "insert into reject values (?, ?, ?, ?)",
            "select count(*) from raw",
            "select count(*) from reject",
            "update raw_text set {} = regexp_replace({}, '[.,]0+$', '')",
        ),
    },
    "compliance.builds": {
        SESSION: (
            "pragma wal_checkpoint(truncate)",
            "vacuum full build_key",
            "vacuum full draft",
            "vacuum full rectification",
            "vacuum full request",
            "vacuum full source_task",
        ),
    },
    "compliance.builds.vault": {
        SESSION: (
            "attach '{}' as {} ({})",
            "load '{}'",
            "set temp_file_encryption = true",
            "set variable {} = $pad",
        ),
    },
    "compliance.builds.central": {
        SESSION: (
            'analyze "{}"."{}"',
            "attach {} as {} ({})",
            "call pg_clear_cache()",
            "create or replace secret {} (type postgres, password {})",
            "describe {}",
            'grant select on all tables in schema "{}" to {}',
            'grant usage on schema "{}" to {}',
            "set local lock_timeout = '{}'",
            'set local search_path to "{}"',
            "set search_path to {}",
            "use build",
            "vacuum (skip_locked) pg_catalog.pg_statistic",
        ),
        STAGED: (
            'alter table "{}"."{}" alter column "{}" set statistics 0',
            "comment on schema {} is '{}'",
            'create index on "{}"."{}" ("{}")',
            'create table "{}" as from copy."{}"."{}"',
            'create table "{}"."{}" ({})',
            'create type "{}"."{}_{}" as ({})',
            'insert into {}."{}"."{}" from {}',
            "select count(*), sum(hash(one)) from {} as one",
        ),
        AROUND: ('create view "{}" as {}',),
    },
    "compliance.operations.backup": {
        SESSION: ("pragma integrity_check(1)",),
        STAGED: ("drop function ledger_is_append_only",),
    },
    "compliance.purge.rewrite": {
        SESSION: (
            "checkpoint twin",
            "detach twin",
            "set force_compression = 'uncompressed'",
            "set preserve_insertion_order = false",
            "set variable control = $control",
            "set variable survivors = $folder",
        ),
    },
    "compliance.purge.select": {
        SESSION: ("set enable_progress_bar = false",),
    },
    "compliance.reading.central": {
        SESSION: (
            "analyze sought",
            'analyze "{}"."{}"',
            "analyze {}",
            "attach ':memory:' as build",
            "call pg_clear_cache()",
            "reset enable_nestloop",
            "reset jit",
            "set enable_nestloop = off",
            "set jit = off",
            "set search_path to {},{}",
            "set search_path to {},{},{}",
            "set transaction read write",
        ),
        STAGED: (
            'alter schema "{}" rename to "{}"',
            "copy {} from stdin",
            "create table changed (scope varchar, scope_key varchar)",
            "create temp table sought (person_id varchar not null) on commit drop",
            "create temp table {} ({})",
            'create view build.main."{}" as from copy."{}"."{}"',
            'create view memory.{}.{} as from copy."{}".{}',
            'create view {}.{} as table "{}".{}',
            "from temp.{}",
            'insert into made."{}".bridge_entry from {}',
        ),
        AROUND: (
            "create table {} as {}",
            'create view "{}".needed_for_claims as {}',
            "create view memory.{}.needed_for_claims as {}",
            'insert into "{}".person_status {}',
        ),
    },
    "compliance.reading.copy": {
        SESSION: (
            "set enable_progress_bar = false",
            "set search_path = 'memory.{},build.main'",
            "set search_path = 'memory.{},memory.{},build.main'",
            "set search_path = 'memory.{},{},build.main'",
            "set temp_directory = ''",
        ),
        STAGED: (
            "create or replace temp table {} as from {}_frame",
            "create schema memory.{}",
            "create table if not exists {} (basis_id varchar, basis_key varchar)",
            "create temp view {} as from memory.{}.basis_status",
            "create table memory.{}.changed (scope varchar, scope_key varchar)",
            "create view memory.{}.{} as from {}.{}",
            "delete from {} where start_number = $number",
            "drop schema if exists memory.{} cascade",
            "drop schema memory.{} cascade",
            "insert into memory.{}.changed values (?, ?)",
            "drop table if exists decided",
            "insert into evaluation values (?, ?)",
            "insert into {} values ({})",
        ),
        AROUND: (
            "create table memory.{}.basis as {}",
            "create table memory.{}.basis_status as {}",
            "create table memory.{}.island as {}",
            "create table memory.{}.now as {}",
            "create table memory.{}.person_place as {}",
            "create view memory.{}.needed_for_claims as {}",
            "create table memory.{}.{} as {}",
            "create table {}.basis_status as {}",
            "create table {}.person_status as {}",
            "create view memory.{}.{} as {}",
            "insert into {}.person_status {}",
            "create temp table decided as {}",
            "insert into {} {}",
        ),
    },
    "compliance.reading.lines": {
        SESSION: (
            "set search_path = 'memory.{},build.main'",
            "set variable as_of = $told",
            "set variable {} = $told",
        ),
        STAGED: ("create or replace temp table {} as from {}_frame",),
    },
    "compliance.register.engine": {
        SESSION: (
            "pragma foreign_keys = on",
            "pragma journal_mode = wal",
            "pragma secure_delete = on",
            "pragma synchronous = full",
            "lock table {} in access exclusive mode",
            "select pg_advisory_xact_lock(:key)",
        ),
    },
    "compliance.identity.decisions": {
        STAGED: ("create or replace temp table decision_trace as from decision_rows",),
    },
    "compliance.suppression.entries": {
        SESSION: (
            "reset variable ipad",
            "reset variable opad",
        ),
        STAGED: ("create or replace temp table {} as from entries",),
    },
}
SQL = {(module, told): why for module, whys in _SQL.items() for why, tolds in whys.items() for told in tolds}

# Where the clock is read; all below is told the instant, so that it can be tried on any day.
CLOCK = {
    "compliance.ui.session": "a page is drawn, or something clicked",
    "compliance.demo.start": "the demo company is as old as today",
    "compliance.*.__main__": "a command is called",
    "compliance.*.commands": "a command is called",
    "compliance.command": "a command is called",
}

# A deadline is compared with a day where a status is decided, and nowhere else.
DECIDES = {
    "compliance.words.deadlines": "a request's own deadline, which the law sets and no copy knows",
    "compliance.requests.backlog": "where an open request stands in a chart, by the days that deadlines left it",
    "compliance.requests.period": "which requests fell due in a period, and how many were answered by then",
    "compliance.review.measures": "how many requests were passed on to a customer by their day",
}
STATUS_SQL = {
    "queries/reading/status.sql": "decides",
    "queries/reading/person_status.sql": "ranks what status.sql decided",
}
PAST_SQL = {
    "queries/reading/status.sql": "decides",
    "queries/holds/hold_totals.sql": "how many held entries are past their ceiling, which their status does not say",
    "queries/show/entries.sql": "the list behind that figure: which held entries are past their ceiling",
    "queries/show/entries_count.sql": "the list behind that figure: which held entries are past their ceiling",
    "queries/show/entries_window.sql": "the list behind that figure: which held entries are past their ceiling",
    "queries/holds/hold_coverage.sql": "the same of each hold",
}


@dataclass(frozen=True)
class Module:
    """One file of Python, parsed, with what its names mean."""

    path: str
    tree: ast.Module
    names: Mapping[str, str] = field(repr=False)
    lines: int

    @property
    def name(self) -> str:
        """As it is imported."""
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def dotted(self, node: ast.AST) -> str:
        """What an expression of names and dots means, with imports looked up; empty where it is something else."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""


def modules(root: Path, *globs: str) -> list[Module]:
    """The files of Python that match, in order."""
    found = sorted({path for glob in globs for path in root.glob(glob) if "__pycache__" not in path.parts})
    made = []
    for path in found:
        text = path.read_text(encoding="utf-8")
        tree, names = _parsed(text)
        made.append(Module(path.relative_to(root).as_posix(), tree, names, len(text.splitlines())))
    return made


@cache
def _parsed(text: str) -> tuple[ast.Module, Mapping[str, str]]:
    """Checks look at trees and change none; the copies that are broken on purpose differ in a file or two."""
    tree = ast.parse(text)
    return tree, _names(tree)


@cache
def _nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All that is in a file: walked once, however many checks and copies look at it."""
    return tuple(ast.walk(tree))


def _package(root: Path) -> list[Module]:
    return modules(root, "compliance/**/*.py")


def _code(root: Path) -> list[Module]:
    return modules(root, "compliance/**/*.py", "pages/**/*.py", "dashboard.py")


def _pages(root: Path) -> list[Module]:
    return modules(root, "pages/**/*.py")


def _names(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                found[name.asname or name.name.split(".")[0]] = name.name if name.asname else name.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
    return found


def _where(module: Module, node: ast.AST) -> str:
    return f"{module.path}:{getattr(node, 'lineno', 1)}"


def _unused(what: str, listed: Collection[object], used: Collection[object]) -> list[str]:
    return [
        f"tests/house/checks.py lists {entry} in {what}, and nothing needs it." for entry in listed if entry not in used
    ]


# Who may import whom


def contracts(root: Path) -> list[str]:
    """The contracts of pyproject.toml, which say who may import whom."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    told = done.stdout + done.stderr
    broken = re.findall(r"^(.*) BROKEN", told, re.M)
    found = sorted(set(re.findall(r"compliance[\w.]* is not allowed to import [\w.]+", told)))
    return [f"A contract is broken: {name}; {', '.join(found)}." for name in broken] or [told]


def circles(root: Path) -> list[str]:
    """No modules need each other to be imported: which of them comes first would decide whether any of them can."""
    every = {module.name: module for module in _package(root)}
    needs = {name: _needed(module, every) for name, module in every.items()}
    found: list[str] = []
    for start in needs:
        seen, left = {start}, sorted(needs[start])
        while left:
            name = left.pop()
            if name == start:
                found.append(f"{every[start].path}: what it imports imports it.")
                break
            if name not in seen:
                seen.add(name)
                left += sorted(needs[name])
    return found


def _needed(module: Module, every: Mapping[str, Module]) -> set[str]:
    """The modules that one imports when it is imported itself."""
    found: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            parts = {f"{node.module}.{name.name}" for name in node.names}
            found |= parts & every.keys() or {node.module}
    return found & every.keys()


def areas(root: Path) -> list[str]:
    """The list of areas is that of the areas with tables, so that a backup leaves none out."""
    (module,) = modules(root, "compliance/register/areas.py")
    listed: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "AREAS":
            listed = set(ast.literal_eval(node.value))
    kept = {path.parent.name for path in root.glob("compliance/*/tables.py")}
    return [
        *(
            f"compliance/{name}/tables.py is in no backup: name it in compliance/register/areas.py."
            for name in sorted(kept - listed)
        ),
        *(f"compliance/register/areas.py names {name}, which has no tables.py." for name in sorted(listed - kept)),
    ]


# One writer per table


def writers(root: Path) -> list[str]:
    """A table is written by its own area alone, whichever way it is named there."""
    every = {module.name: module for module in _package(root) if "/migrations/" not in module.path}
    tables = {
        f"{module.name}.{target.id}"
        for module in every.values()
        for node in module.tree.body
        if isinstance(node, ast.Assign) and _is_table(module, node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    complaints, used = [], set()
    for module in every.values():
        for call, scope in _calls(module.tree):
            written = _written(module, call)
            if written is None:
                continue
            found = _tables(every, tables, module, scope, written)
            if found is None:
                entry = (module.name, ast.unparse(written))
                used.add(entry)
                if entry not in WRITERS:
                    complaints.append(
                        f"{_where(module, call)} writes {entry[1]}, and nobody can tell which table that is."
                    )
            for table in sorted(found or ()):
                owner = ".".join(table.split(".")[:2])
                if not f"{module.name}.".startswith(f"{owner}."):
                    complaints.append(f"{_where(module, call)} writes {table}: let {owner}.verbs do it.")
    return [*complaints, *_unused("WRITERS", WRITERS, used)]


def _is_table(module: Module, node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and module.dotted(node.func) in ("sqlalchemy.Table", "sqlalchemy.table")


@cache
def _calls(tree: ast.AST) -> list[tuple[ast.Call, tuple[ast.AST, ...]]]:
    """Every call with the functions that it stands in, the innermost first."""
    return [*_calls_in(tree, ())]


def _calls_in(tree: ast.AST, scope: tuple[ast.AST, ...]) -> Iterator[tuple[ast.Call, tuple[ast.AST, ...]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node, scope
        inner = (node, *scope) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else scope
        yield from _calls_in(node, inner)


def _written(module: Module, call: ast.Call) -> ast.expr | None:
    """What a call writes: sa.insert(X), X.insert(), insert(X) of a dialect."""
    told = module.dotted(call.func)
    if re.fullmatch(r"sqlalchemy(\..+)?\.(insert|update|delete)", told) and call.args:
        return call.args[0]
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("insert", "update", "delete") and not call.args:
        return call.func.value
    return None


def _tables(
    every: Mapping[str, Module], tables: set[str], module: Module, scope: tuple[ast.AST, ...], node: ast.expr
) -> set[str] | None:
    """The tables that an expression may be; None where that cannot be told."""
    if isinstance(node, ast.Attribute):
        if node.attr in ("c", "table"):
            return _tables(every, tables, module, scope, node.value)
        base = node.value
        if isinstance(base, ast.Name) and base.id in module.names:
            return _table_named(every, tables, module.dotted(node))
        return None
    if not isinstance(node, ast.Name):
        return None
    for place in (*scope, module.tree):
        values = list(_assigned(place, node.id))
        if values:
            found = [_tables(every, tables, module, scope, value) if value is not None else None for value in values]
            local = {f"{module.name}.{node.id}"} & tables
            told = [one for one in found if one is not None]
            return local or (set().union(*told) if len(told) == len(found) else None)
        if isinstance(place, ast.FunctionDef) and node.id in {arg.arg for arg in _arguments(place)}:
            return None
    return _table_named(every, tables, module.names[node.id]) if node.id in module.names else None


def _table_named(every: Mapping[str, Module], tables: set[str], name: str, depth: int = 0) -> set[str] | None:
    """A table by its whole name, through as many modules as hand it on."""
    if name in tables:
        return {name}
    place, _, last = name.rpartition(".")
    if depth < 5 and place in every and last in every[place].names:
        return _table_named(every, tables, every[place].names[last], depth + 1)
    if depth < 5 and place:
        above, _, middle = place.rpartition(".")
        if above in every and middle in every[above].names:
            return _table_named(every, tables, f"{every[above].names[middle]}.{last}", depth + 1)
    return None


def _assigned(place: ast.AST, name: str) -> Iterator[ast.expr | None]:
    """What a name is given in a function or module, not in functions within; None for what cannot be told."""
    for node in _binding(place):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _matched(target, node.value, name)
        elif (isinstance(node, ast.AnnAssign) and node.value is not None) or isinstance(node, ast.NamedExpr):
            yield from _matched(node.target, node.value, name)
        elif isinstance(node, ast.For | ast.comprehension):
            rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else [None]
            for row in rows:
                yield from _matched(node.target, row, name)


def _matched(target: ast.expr, value: ast.expr | None, name: str) -> Iterator[ast.expr | None]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else [None] * len(target.elts)
        for one, its in zip(target.elts, values, strict=False):
            yield from _matched(one, its, name)


_BINDS = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension)


# A check asks the same places for name after name.
@cache
def _binding(place: ast.AST) -> list[ast.AST]:
    """What gives names in a function or module, not in functions within."""
    return [node for node in _own(place) if isinstance(node, _BINDS)]


def _own(place: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(place):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own(node)


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    told = function.args
    return [*told.posonlyargs, *told.args, *told.kwonlyargs]


# SQL lives in files

_STATEMENT = re.compile(
    r"\s*\(*\s*(with\s+(recursive\s+)?\w+(\s*\([^)]*\))?\s+as\s*\(|select\s.+|insert\s+(or\s+\w+\s+)?into\s|update\s+\S+\s+(as\s+\w+\s+)?set\s"
    r"|delete\s+from\s|merge\s+into\s|from\s+\S+\s+(select|where|join)\s|copy\s+\S+.*\s(to|from)\s|truncate\s"
    r"|create\s+(or\s+replace\s+)?(temp\s+|temporary\s+|unique\s+)?(table|view|schema|index|macro|trigger|function)\s"
    r"|drop\s+(table|view|schema|index|macro|trigger|function)\s|alter\s+table\s|attach\s+'|pragma\s)",
    re.I | re.S,
)
_SELECT = re.compile(r"\s*\(*\s*select\s", re.I)
_SELECTS = re.compile(r"\s*\(*\s*select\s+(distinct\s+)?(\*|\?|:|\{\}|[\w.\"]+\s*(\(|,|\bas\b|\bfrom\b|$)|\d)", re.I)
_RUN = (
    "execute",
    "executemany",
    "sql",
    "query",
    "text",
    "exec_driver_sql",
    "read_sql",
    "read_sql_query",
    "executescript",
)


def sql(root: Path) -> list[str]:
    """No statement stands in Python, however it is put together, but for those listed with their why."""
    complaints, used = [], set()
    for module in _code(root):
        if "/migrations/" in module.path:
            continue
        for node in _statements(module):
            told = " ".join(_joined(node).split()).casefold()
            if (module.name, told) in SQL:
                used.add((module.name, told))
            else:
                complaints.append(f"{_where(module, node)} has SQL that belongs into queries/: {told[:100]!r}.")
    return [*complaints, *_unused("SQL", SQL, used)]


def _statements(module: Module) -> list[ast.expr]:
    """Strings that are statements by their look, or by being handed to what runs statements."""
    found: dict[int, ast.expr] = {}
    parts: set[int] = set()
    docstrings = {id(node.value) for node in _nodes(module.tree) if isinstance(node, ast.Expr)}
    for node in _nodes(module.tree):
        if isinstance(node, ast.Call):
            name = _last_name(node)
            if name in _RUN and node.args and not (name == "query" and not _has_text(node.args[0])):
                text = node.args[0]
                if _has_text(text) and not _plain_bind(text):
                    found[id(text)] = text
                    parts |= {id(inner) for inner in ast.walk(text)} - {id(text)}
    for node in _nodes(module.tree):
        if id(node) in docstrings or id(node) in parts or id(node) in found:
            continue
        if isinstance(node, ast.BinOp | ast.JoinedStr | ast.Constant | ast.Call) and _has_text(node):
            parts |= {id(inner) for inner in ast.walk(node)} - {id(node)} if not isinstance(node, ast.Call) else set()
            told = _joined(node)
            if _STATEMENT.match(told) and (not _SELECT.match(told) or _SELECTS.match(told)):
                found[id(node)] = node
    return list(found.values())


def _has_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(value, ast.Constant) for value in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and (_has_text(node.left) or _has_text(node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("join", "format"):
        return _has_text(node.func.value) and any(_has_list(arg) for arg in node.args)
    return False


def _has_list(node: ast.AST) -> bool:
    return isinstance(node, ast.List | ast.Tuple) and any(_has_text(one) for one in node.elts)


def _plain_bind(node: ast.expr) -> bool:
    """Whether a text is a name or a condition of one word, as in sa.text("rowid")."""
    return isinstance(node, ast.Constant) and bool(re.fullmatch(r"[\w*]*", str(node.value)))


def _joined(node: ast.AST) -> str:
    """A string as it will be read, with {} for what is only known then."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_joined(value) if isinstance(value, ast.Constant) else "{}" for value in node.values)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mod):
            return _joined(node.left)
        return _joined(node.left) + _joined(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        parts = node.args[0].elts if isinstance(node.args[0], ast.List | ast.Tuple) else []
        return _joined(node.func.value).join(_joined(part) for part in parts)
    return "{}"


# Pages and views


def pages(root: Path) -> list[str]:
    """A page guards, asks, shows and hands the click on, and is short; none can be opened past the sign-in."""
    complaints = [
        f"{path.relative_to(root)} can be opened by its URL before dashboard.py has run: put it into a folder."
        for path in sorted(root.glob("pages/*.py"))
    ]
    for page in _pages(root):
        functions = [node for node in _nodes(page.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        if page.lines > PAGE_LINES or len(functions) > PAGE_FUNCTIONS:
            complaints.append(
                f"{page.path} has {page.lines} lines and {len(functions)} functions, more than {PAGE_LINES} or "
                f"{PAGE_FUNCTIONS}: what draws belongs into its area's view.py."
            )
        if not _guarded(page):
            complaints.append(f"{page.path} does something before session = ui.guard(Permission....).")
        complaints += _libraries(page, ("duckdb", "sqlalchemy", "pandas", "plotly"))
    return complaints


def _guarded(page: Module) -> bool:
    for node in page.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        constant = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).strip("()").replace(", ", "").isupper()
        if constant and not any(isinstance(inner, ast.Call) for inner in ast.walk(node)):
            continue
        return bool(re.match(r"session = ui\.guard\(Permission\.\w+\)", ast.unparse(node)))
    return False


def _libraries(module: Module, names: tuple[str, ...]) -> list[str]:
    used = sorted({told.split(".")[0] for told in module.names.values()} & set(names))
    return [f"{module.path} imports {name}: ask the area's rows and verbs." for name in used]


def views(root: Path) -> list[str]:
    """A view draws: it knows no database, and is split by page before it is too long to read."""
    complaints = []
    for view in modules(root, VIEWS):
        complaints += _libraries(view, ("duckdb", "sqlalchemy"))
        if view.lines > VIEW_LINES:
            complaints.append(f"{view.path} has {view.lines} lines, more than {VIEW_LINES}: split it by page.")
    return complaints


# What is drawn

# What Streamlit draws as Markdown, with the names of its texts; the first place is a text of each.
_MARKDOWN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("caption", "header", "markdown", "subheader", "success", "title", "warning", "write"), ("body",)),
    **dict.fromkeys(("error", "info", "toast"), ("body",)),
    **dict.fromkeys(("expander", "page_link", "popover", "status", "tab"), ("label",)),
    **dict.fromkeys(
        ("button", "checkbox", "date_input", "download_button", "file_uploader", "form_submit_button", "multiselect",
         "number_input", "selectbox", "text_area", "text_input", "toggle"),
        ("label", "help"),
    ),
    **dict.fromkeys(("radio", "segmented_control", "pills"), ("label", "help", "format_func", "captions")),
    "metric": ("label", "value", "delta", "help"),
    "progress": ("text",),
    "tabs": ("tabs",),
}  # fmt: skip
_FIRST = {"metric": 3, "page_link": 0, "progress": 2}
_LITERAL = ("compliance.words.markup.literal", "compliance.words.markup.bold", "compliance.words.markup.Marked")


def drawn(root: Path) -> list[str]:
    """What is drawn as Markdown is a text of the house's own, or made literal: a name can be a picture or a link."""
    complaints = []
    for module in modules(root, VIEWS, "compliance/ui/*.py", "pages/**/*.py", "dashboard.py"):
        for call, scope in _calls(module.tree):
            if any(keyword.arg == "unsafe_allow_html" for keyword in call.keywords):
                complaints.append(f"{_where(module, call)} draws HTML: let Streamlit draw it.")
            if module.dotted(call.func) == "streamlit.html" and module.name != "compliance.ui.frame":
                complaints.append(f"{_where(module, call)} draws HTML, which compliance/ui/frame.py alone does.")
            if _last(call.func) == "download_button" and module.name != "compliance.ui.leave":
                complaints.append(f"{_where(module, call)} hands a file to Streamlit, which keeps it: ui.download it.")
            complaints += [
                f"{_where(module, text)} draws {ast.unparse(text)} as Markdown: say it, or make it literal."
                for text in _drawn_texts(module, call)
                if not _drawable(module, scope, text)
            ]
    return complaints


def _drawn_texts(module: Module, call: ast.Call) -> list[ast.expr]:
    """The texts that a call draws as Markdown."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _MARKDOWN:
        return []
    name, base = call.func.attr, module.dotted(call.func.value)
    if not base.startswith("streamlit") and (
        base.split(".")[0] in module.names.values() or base.startswith(("compliance", "self"))
    ):
        return []
    placed = call.args[1:2] if name == "progress" else call.args[: _FIRST.get(name, 1)]
    return [*placed, *(word.value for word in call.keywords if word.arg in _MARKDOWN[name])]


def _drawable(module: Module, scope: tuple[ast.AST, ...], node: ast.expr) -> bool:
    """Whether an expression can only be a text that may be drawn as Markdown."""

    def all_of(nodes: Collection[ast.expr | None]) -> bool:
        return all(one is not None and _drawable(module, scope, one) for one in nodes)

    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.JoinedStr):
        return all_of([part.value for part in node.values if isinstance(part, ast.FormattedValue)])
    if isinstance(node, ast.IfExp):
        return all_of([node.body, node.orelse])
    if isinstance(node, ast.BoolOp | ast.List | ast.Tuple):
        return all_of(node.values if isinstance(node, ast.BoolOp) else node.elts)
    if isinstance(node, ast.Dict):
        return all_of(node.values)
    if isinstance(node, ast.ListComp):
        return _drawable(module, scope, node.elt)
    if isinstance(node, ast.Lambda):
        return _drawable(module, (node, *scope), node.body)
    if isinstance(node, ast.Subscript):
        # A part of a text is one; the colours of badges stand in a table.
        return _drawable(module, scope, node.value)
    if isinstance(node, ast.Attribute):
        return node.attr in ("__getitem__", "upper") and _drawable(module, scope, node.value)
    if isinstance(node, ast.Call):
        return _drawable_call(module, scope, node)
    if not isinstance(node, ast.Name):
        return False
    for place in (*scope, module.tree):
        if isinstance(place, ast.FunctionDef):
            told = next((one.annotation for one in _arguments(place) if one.arg == node.id), None)
            if told is not None:
                return "Marked" in ast.unparse(told)
        given = list(_assigned(place, node.id))
        if given:
            return all_of(given)
    return False


def _drawable_call(module: Module, scope: tuple[ast.AST, ...], call: ast.Call) -> bool:
    told = module.dotted(call.func)
    if told in (*_LITERAL, "len", "compliance.ui.coded", "compliance.ui.filters.coded") or _says_marked(module, told):
        return True
    if told.endswith(".say") and not told.startswith("compliance."):
        # Of a session, which makes what is put in literal.
        return True
    if told == "compliance.words.texts.say":
        return all(_drawable(module, scope, word.value) for word in call.keywords)
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("join", "upper"):
        return all(_drawable(module, scope, one) for one in (call.func.value, *call.args))
    return False


def _says_marked(module: Module, name: str) -> bool:
    """Whether a function of the module promises a text that may be drawn."""
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == name
        and node.returns
        and ast.unparse(node.returns) == "Marked"
        for node in module.tree.body
    )


# Queries


def headers(root: Path) -> list[str]:
    """A query says what it answers; a portable one at what grain, and whether about persons."""
    complaints = []
    for path in sorted(root.glob("queries/**/*.sql")):
        told = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("--"):
                break
            told.append(line)
        text = "\n".join(told)
        place = path.relative_to(root).as_posix()
        if place.startswith("queries/build/"):
            if not text:
                complaints.append(f"{place} does not say what it is for.")
        # In queries/reading stand portable statements and those of DuckDB alone, which are no page's to run.
        elif "grain: " not in text and not (place.startswith("queries/reading/") and text):
            complaints.append(f"{place} does not say its grain.")
        elif "grain: " in text and text.count("holds figures") + text.count("holds persons") != 1:
            complaints.append(f"{place} must say whether it holds figures or persons.")
    return complaints


def called(root: Path) -> list[str]:
    """Every query is called: its name reaches queries.load by way of calls, not of just any word in quotes."""
    code = [module for module in _code(root) if "/migrations/" not in module.path]
    # Function name -> the places and names of arguments that are names of queries.
    feeds: dict[str, set[int | str]] = {}
    names: set[str] = set()
    calls = [(module, *one) for module in code for one in _calls(module.tree)]
    by_name: dict[str, list[tuple[Module, ast.Call, tuple[ast.AST, ...]]]] = defaultdict(list)
    for module, call, scope in calls:
        by_name[_last_name(call)].append((module, call, scope))
    grown = True
    while grown:
        grown = False
        for name in ("load", *feeds):
            for module, call, scope in by_name[name]:
                for argument in _fed(module, call, feeds):
                    strings, parameters = _strings(module, scope, argument)
                    names |= strings
                    for function in scope:
                        if not isinstance(function, ast.FunctionDef):
                            continue
                        method = id(function) in _methods(module.tree)
                        for place, one in enumerate(_arguments(function)):
                            if one.arg in parameters:
                                known = feeds.setdefault(function.name, set())
                                before = len(known)
                                known |= {one.arg, place - int(method)}
                                grown |= len(known) > before
    names |= _asked(code)
    return [
        f"{path.relative_to(root)} is called by nobody."
        for path in sorted(root.glob("queries/**/*.sql"))
        if path.stem not in names
    ]


def _asked(code: Collection[Module]) -> set[str]:
    """The queries that an area's asks.py says and that somebody asks by the constant's name."""
    said: dict[str, str] = {}
    for module in code:
        for node in module.tree.body if module.path.endswith("/asks.py") else ():
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
                name = node.value.args[0]
                if ast.unparse(node.value.func) == "Query" and isinstance(name, ast.Constant):
                    said[f"{module.name}.{ast.unparse(node.targets[0])}"] = str(name.value)
    asked = {module.dotted(node) for module in code for node in _nodes(module.tree) if isinstance(node, ast.Attribute)}
    return {name for constant, name in said.items() if constant in asked}


@cache
def _methods(tree: ast.AST) -> set[int]:
    """The functions of a file that stand in a class."""
    classes = (node for node in _nodes(tree) if isinstance(node, ast.ClassDef))
    return {id(node) for one in classes for node in one.body if isinstance(node, ast.FunctionDef)}


def _last_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else str(getattr(call.func, "id", ""))


def _fed(module: Module, call: ast.Call, feeds: Mapping[str, set[int | str]]) -> list[ast.expr]:
    """The arguments of a call that are names of queries."""
    if module.dotted(call.func) == "compliance.words.queries.load":
        return call.args[:1]
    wanted = feeds.get(_last_name(call), set())
    return [
        *(argument for place, argument in enumerate(call.args) if place in wanted),
        *(keyword.value for keyword in call.keywords if keyword.arg in wanted),
    ]


def _strings(module: Module, scope: tuple[ast.AST, ...], node: ast.expr) -> tuple[set[str], set[str]]:
    """The strings that an argument may be, and the parameters of functions around it that may be handed through."""
    if isinstance(node, ast.Constant):
        return ({node.value} if isinstance(node.value, str) else set()), set()
    if isinstance(node, ast.IfExp):
        one, two = _strings(module, scope, node.body), _strings(module, scope, node.orelse)
        return one[0] | two[0], one[1] | two[1]
    if isinstance(node, ast.JoinedStr) and len(node.values) == 1 and isinstance(node.values[0], ast.FormattedValue):
        return _strings(module, scope, node.values[0].value)
    if isinstance(node, ast.Name):
        for place in (*scope, module.tree):
            found = [*_bound(module, place, node.id)]
            if found:
                told = [_strings(module, scope, value) for value in found if not _names_itself(value, node.id)]
                return set().union(*(one for one, _ in told)), set().union(*(two for _, two in told))
            if isinstance(place, ast.FunctionDef) and node.id in {arg.arg for arg in _arguments(place)}:
                return set(), {node.id}
    return set(), set()


def _names_itself(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _bound(module: Module, place: ast.AST, name: str) -> Iterator[ast.expr]:
    """What a name is given in a place, by assignment or by going through a tuple, a list or a table of names."""
    for node in _binding(place):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (value for value in _matched(target, node.value, name) if value is not None)
        elif isinstance(node, ast.For | ast.comprehension):
            for row in _rows(module, node.iter):
                yield from (value for value in _matched(node.target, row, name) if value is not None)


def _rows(module: Module, node: ast.expr) -> list[ast.expr]:
    """What a loop goes through, where it is written down: in place, or in a constant of the module."""
    if isinstance(node, ast.Tuple | ast.List):
        return node.elts
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        told = _constant(module, node.func.value.id)
        if isinstance(told, ast.Dict) and node.func.attr == "items":
            return [
                ast.Tuple([key, value], ast.Load())
                for key, value in zip(told.keys, told.values, strict=True)
                if key is not None
            ]
        if isinstance(told, ast.Dict) and node.func.attr == "values":
            return told.values
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        told = _constant(module, node.value.id)
        if isinstance(told, ast.Dict):
            return [row for value in told.values for row in _rows(module, value)]
    if isinstance(node, ast.Name):
        told = _constant(module, node.id)
        return _rows(module, told) if told is not None and not isinstance(told, ast.Name) else []
    return []


def _constant(module: Module, name: str) -> ast.expr | None:
    return next((value for value in _assigned(module.tree, name) if value is not None), None)


# The clock

_CLOCK = re.compile(
    r"datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today|time\.(time|time_ns|gmtime|localtime|strftime|ctime)"
    r"|pandas\.Timestamp\.(now|utcnow|today)|pandas\.(to_datetime\.)?now|sqlalchemy\.func\.(now|current_\w+|localtime\w*)"
)
_CLOCKS = ("now", "utcnow", "today", "time", "time_ns", "gmtime", "localtime")
_SQL_CLOCK = re.compile(r"\b(current_date|current_timestamp|current_time|localtimestamp|now\s*\(|today\s*\()", re.I)


def clock(root: Path) -> list[str]:
    """The clock is read at the edges alone: below, in pages and in SQL, nobody asks what time it is."""
    complaints, used = [], set()
    for module in _code(root):
        allowed = {pattern for pattern in CLOCK if fnmatchcase(module.name, pattern)}
        for node in _nodes(module.tree):
            if isinstance(node, ast.Attribute | ast.Name) and _reads_clock(module, node):
                used |= allowed
                if not allowed:
                    complaints.append(f"{_where(module, node)} reads the clock ({ast.unparse(node)}): let it be told.")
    for path in sorted(root.glob("queries/**/*.sql")):
        if _SQL_CLOCK.search(_uncommented(path)):
            complaints.append(f"{path.relative_to(root)} reads the clock: bind the day.")
    return complaints


def _reads_clock(module: Module, node: ast.Attribute | ast.Name) -> bool:
    if isinstance(node, ast.Attribute) and node.attr in ("utcnow", "utcfromtimestamp"):
        return True
    return bool(_CLOCK.fullmatch(module.dotted(_unaliased(module, node))))


def _unaliased(module: Module, node: ast.Attribute | ast.Name) -> ast.expr:
    """The expression, with a name that the module gives to a class or function of the clock looked up once."""
    base = node.value if isinstance(node, ast.Attribute) else node
    if isinstance(node, ast.Attribute) and isinstance(base, ast.Name) and base.id not in module.names:
        value = _constant(module, base.id) if node.attr in _CLOCKS else None
        if isinstance(value, ast.Attribute | ast.Name):
            return ast.Attribute(value, node.attr, ast.Load())
    return node


def _uncommented(path: Path) -> str:
    return "\n".join(line.split("--")[0] for line in path.read_text(encoding="utf-8").splitlines())


# One status

_DAYS = ("deadline_on", "ceiling_on", "due_on", "days_overdue", "deadline", "ceiling")


def statuses(root: Path) -> list[str]:
    """What is overdue is decided once: no second comparison with a deadline, no second place that says the word."""
    complaints, used = [], set()
    for module in _code(root):
        if module.name.startswith("compliance.demo"):
            # What the demo company is expected to come to is written down, not decided.
            continue
        for node in _nodes(module.tree):
            told = _decides(node)
            if told:
                used.add(module.name)
                if module.name not in DECIDES:
                    complaints.append(f"{_where(module, node)} {told}: queries/reading/status.sql decides that.")
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(root.glob("queries/**/*.sql")):
        text, place = _uncommented(path), path.relative_to(root).as_posix()
        if re.search(r"\b(then|else|,|select)\s+'OVERDUE'", re.sub(r"\bin\s*\([^)]*\)", "", text), re.I):
            found["STATUS_SQL"].add(place)
            if place not in STATUS_SQL:
                complaints.append(f"{place} decides what is overdue: queries/reading/status.sql does.")
        if re.search(
            r"(deadline_on|ceiling_on)\s*<=?\s*(cast\(\s*)?[$:]?(\w+\.)?(as_of|today)\b(?! as date\) \+)", text
        ) or re.search(r"(as_of|today)( as date\))?\s*>=?\s*(\w+\.)?(deadline_on|ceiling_on)", text):
            found["PAST_SQL"].add(place)
            if place not in PAST_SQL:
                complaints.append(f"{place} compares a deadline with the day: queries/reading/status.sql does.")
    return [
        *complaints,
        *_unused("DECIDES", DECIDES, used),
        *_unused("STATUS_SQL", STATUS_SQL, set(found["STATUS_SQL"])),
        *_unused("PAST_SQL", PAST_SQL, set(found["PAST_SQL"])),
    ]


def _decides(node: ast.AST) -> str:
    if isinstance(node, ast.Compare) and any(isinstance(op, ast.Lt | ast.Gt | ast.LtE | ast.GtE) for op in node.ops):
        told = {_last(inner) for inner in ast.walk(node)}
        if told & set(_DAYS):
            return "compares a deadline"
    values: list[ast.expr | None] = []
    said = isinstance(node, ast.keyword) and node.arg in ("status", "state")
    if said or isinstance(node, ast.Return | ast.Assign | ast.AnnAssign | ast.Yield):
        values = [getattr(node, "value", None)]
    elif isinstance(node, ast.Lambda):
        values = [node.body]
    elif isinstance(node, ast.IfExp):
        values = [node.body, node.orelse]
    if isinstance(node, ast.Assign) and all(getattr(target, "id", "") == "OVERDUE" for target in node.targets):
        # A code of an enum.
        return ""
    return "says what is overdue" if any(value is not None and _overdue(value) for value in values) else ""


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _overdue(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "OVERDUE" and not ast.unparse(node).startswith(("Figure.", "backlog.Bucket."))
    return isinstance(node, ast.Constant) and node.value == "OVERDUE"


# Words on code


def docstrings(root: Path) -> list[str]:
    """Every module, public class and public function promises something; so do the helpers of the tests."""
    helpers = [
        module
        for module in modules(root, "tests/*.py", "tests/bench/*.py", "tests/house/*.py")
        if not Path(module.path).name.startswith(("test_", "__init__"))
    ]
    complaints = []
    for module in [*_code(root), *helpers]:
        if not (ast.get_docstring(module.tree) or "").strip(" .") or "To be said" in (
            ast.get_docstring(module.tree) or ""
        ):
            complaints.append(f"{module.path} does not say what it is.")
        # What a migration's two functions do is said by the framework that calls them.
        for node in _public(module.tree) if "/migrations/" not in module.path else ():
            if not ast.get_docstring(node) and not _only_a_name(node):
                complaints.append(f"{_where(module, node)} {node.name} promises nothing: give it a docstring.")
    return complaints


def _only_a_name(node: ast.AST) -> bool:
    """A property of a protocol: it has no more to say than what it is called."""
    return (
        isinstance(node, ast.FunctionDef)
        and [ast.unparse(one) for one in node.decorator_list] == ["property"]
        and [ast.unparse(one) for one in node.body] == ["..."]
    )


def _public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


CHECKS: tuple[Callable[[Path], list[str]], ...] = (
    contracts, circles, areas, writers, sql, pages, views, drawn, headers, called, clock, statuses, docstrings,
)  # fmt: skip
