"""What is told twice, by the statements and slowly from the rules: where the two differ."""

from __future__ import annotations

from typing import Any, NamedTuple


def differences(made: NamedTuple, slowly: NamedTuple) -> dict[str, Any]:
    """What one of the two says and the other does not, of each of their fields, which are lists."""
    found = {}
    for name in made._fields:
        one, other = (list(map(repr, getattr(several, name))) for several in (made, slowly))
        if one != other:
            found[name] = sorted(set(one) - set(other))[:5], sorted(set(other) - set(one))[:5], len(one), len(other)
    return found
