"""Changes a statement piece by piece: bounds, conditions, branches, joins. A test must tell each change.

The statement is parsed and written anew by sqlglot, so a change is one of meaning, whatever its lines look like.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

# A bound is moved by a day or turned round; what joins and gathers becomes its opposite.
_OTHERS: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.LT: (exp.LTE, exp.GTE),
    exp.LTE: (exp.LT, exp.GT),
    exp.GT: (exp.GTE, exp.LTE),
    exp.GTE: (exp.GT, exp.LT),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.NullSafeEQ: (exp.EQ, exp.NullSafeNEQ),
    exp.NullSafeNEQ: (exp.NEQ, exp.NullSafeEQ),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
    exp.Min: (exp.Max,),
    exp.Max: (exp.Min,),
    exp.Least: (exp.Greatest,),
    exp.Greatest: (exp.Least,),
    exp.LogicalOr: (exp.LogicalAnd,),
    exp.LogicalAnd: (exp.LogicalOr,),
}
_BIND = re.compile(r"\$([a-z_]+)")
_SHOWN = 160


@dataclass(frozen=True)
class Mutant:
    """A changed statement, and what was changed, in words that stay the same when other lines are edited."""

    what: str
    text: str


# What a node has, by name, becomes something else.
Put = tuple[exp.Expr, str, Any]
Change = tuple[str, list[Put]]


def mutants(text: str) -> list[Mutant]:
    """All mutants of a text of one statement or several, each once."""
    trees = _parsed(text)
    seen, found, named = {plain(text)}, list[Mutant](), Counter[str]()
    for tree in trees:
        for node in list(tree.walk()):
            for what, puts in list(_changes(node)):
                changed = _as_bound(_changed(trees, puts), text)
                if changed in seen:
                    continue
                seen.add(changed)
                named[what] += 1
                found.append(Mutant(what if named[what] == 1 else f"{what} #{named[what]}", changed))
    return found


def may_be_named(text: str) -> Counter[str]:
    """How often each change could be told of a text; told without writing any of the mutants, which takes long."""
    nodes = (node for tree in _parsed(text) for node in list(tree.walk()))
    return Counter(what for node in nodes for what, puts in _changes(node) if puts)


def plain(text: str) -> str:
    """The statement unchanged, as sqlglot writes it: that must hold before a mutant of it says anything."""
    return _as_bound(_written(_parsed(text)), text)


def _as_bound(written: str, text: str) -> str:
    """With binds as the original has them: sqlglot writes all as DuckDB does."""
    return written if "$" in text else _BIND.sub(r":\1", written)


def _parsed(text: str) -> list[exp.Expr]:
    trees = [tree for tree in sqlglot.parse(text, read="duckdb") if tree is not None]
    if any(isinstance(tree, exp.Command) for tree in trees):
        raise ValueError("a statement that sqlglot does not know")
    return trees


def _written(trees: list[exp.Expr]) -> str:
    return ";\n".join(tree.sql(dialect="duckdb") for tree in trees)


def _changed(trees: list[exp.Expr], puts: list[Put]) -> str:
    before = [(node, name, node.args.get(name)) for node, name, _ in puts]
    for node, name, value in puts:
        node.set(name, value)
    try:
        return _written(trees)
    finally:
        for node, name, value in reversed(before):
            node.set(name, value)


def _changes(node: exp.Expr) -> Iterator[Change]:
    for other in _OTHERS.get(type(node), ()):
        yield _instead(node, other(**{name: _copy(value) for name, value in node.args.items()}))
    if isinstance(node, exp.And | exp.Or):
        yield _instead(node, node.this.copy())
        yield _instead(node, node.expression.copy())
    elif isinstance(node, exp.Not):
        yield _instead(node, node.this.copy())
    elif isinstance(node, exp.Is | exp.In | exp.Exists) and not isinstance(node.parent, exp.Not):
        yield _instead(node, exp.Not(this=node.copy()))
    if isinstance(node, exp.Column) and _is_condition(node):
        yield _instead(node, exp.Not(this=node.copy()))
    yield from _lists(node)
    yield from _values(node)
    yield from _clauses(node)


def _is_condition(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.And | exp.Or | exp.Where | exp.Having) or (
        isinstance(node.parent, exp.If) and node.arg_key == "this"
    )


def _lists(node: exp.Expr) -> Iterator[Change]:
    """One of several taken away: branches, words of a list, arguments that stand in for each other."""
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for one in node.expressions:
            yield _without(node, "expressions", one)
    elif isinstance(node, exp.Case):
        if len(node.args["ifs"]) > 1:
            for one in node.args["ifs"]:
                yield _without(node, "ifs", one)
        if node.args.get("default"):
            yield f"{_short(node)}: without else", [(node, "default", None)]
    elif isinstance(node, exp.If) and not isinstance(node.parent, exp.Case):
        for name in ("true", "false"):
            if node.args.get(name):
                yield _instead(node, node.args[name].copy())
    elif isinstance(node, exp.Coalesce):
        everything = [node.this, *node.expressions]
        for one in everything:
            left = [other.copy() for other in everything if other is not one]
            yield _instead(node, left[0] if len(left) == 1 else exp.Coalesce(this=left[0], expressions=left[1:]))
    elif isinstance(node, exp.Union):
        if not node.args.get("with_") and not node.args.get("with"):
            yield _instead(node, node.left.copy())
            yield _instead(node, node.right.copy())
        distinct = bool(node.args.get("distinct"))
        yield f"{_short(node)}: {'not ' if distinct else ''}distinct", [(node, "distinct", not distinct)]


def _values(node: exp.Expr) -> Iterator[Change]:
    """Numbers one more and one less, truths turned round."""
    if isinstance(node, exp.Literal) and not node.find_ancestor(exp.DataType) and not _is_any(node):
        text = str(node.this)
        if text.isdigit() and (not node.is_string or isinstance(node.parent, exp.Interval)):
            for number in (int(text) + 1, int(text) - 1):
                new = exp.Literal(this=str(number), is_string=node.is_string)
                yield _instead(node, new, shown=node.parent)
    elif isinstance(node, exp.Boolean):
        yield _instead(node, exp.Boolean(this=not node.this), shown=node.parent)


def _is_any(node: exp.Expr) -> bool:
    """Whether any value does: what is selected for `exists`, and what is counted."""
    above = node.parent.parent if node.parent else None
    if isinstance(node.parent, exp.Select):
        return isinstance(above, exp.Exists)
    return isinstance(node.parent, exp.If) and above is not None and isinstance(above.parent, exp.Count)


def _clauses(node: exp.Expr) -> Iterator[Change]:
    """Conditions, joins, orders and groups of a whole query or aggregate."""
    if isinstance(node, exp.Where | exp.Having | exp.Qualify) and node.parent:
        yield f"without {_short(node)}", [(node.parent, node.arg_key or "", None)]
    elif isinstance(node, exp.Filter):
        yield _instead(node, node.this.copy())
    elif isinstance(node, exp.Join) and node.args.get("on"):
        if node.side == "LEFT":
            yield f"inner instead of {_short(node)}", [(node, "side", None)]
        else:
            yield f"left instead of {_short(node)}", [(node, "side", "LEFT"), (node, "kind", None)]
    elif isinstance(node, exp.Distinct):
        if isinstance(node.parent, exp.Select):
            yield f"not distinct in {_short(node.parent)}", [(node.parent, "distinct", None)]
        elif len(node.expressions) == 1:
            yield _instead(node, node.expressions[0].copy(), shown=node.parent)
    elif isinstance(node, exp.Ordered):
        yield f"the other way: {_short(node)} in {_short(node.parent)}", [(node, "desc", not node.args.get("desc"))]
    elif isinstance(node, exp.Window) and node.args.get("partition_by"):
        yield f"{_short(node)}: without partition", [(node, "partition_by", [])]


def _instead(node: exp.Expr, new: exp.Expr, shown: exp.Expr | None = None) -> Change:
    """A node replaced; shown with what it stands in, where that tells more."""
    parent, name = node.parent, node.arg_key or ""
    if parent is None:
        return "nothing", []
    puts: list[Put] = [(parent, name, new)]
    if isinstance(parent.args.get(name), list):
        several = [new if one is node else one for one in parent.args[name]]
        puts = [(parent, name, several)]
    within = f" in {_short(shown)}" if shown is not None else ""
    return f"{_short(node)} -> {_short(new)}{within}", puts


def _without(node: exp.Expr, name: str, one: exp.Expr) -> Change:
    return f"without {_short(one)} in {_short(node)}", [
        (node, name, [each for each in node.args[name] if each is not one])
    ]


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return [_copy(one) for one in value]
    return value.copy() if isinstance(value, exp.Expr) else value


def _short(node: exp.Expr | None) -> str:
    text = " ".join(node.sql(dialect="duckdb").split()) if node is not None else ""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]} ... {text[-_SHOWN // 2 :]}"
