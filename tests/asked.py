"""Every question that the areas ask of a reading, by its query's name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from compliance.words.queries import Query
from compliance.words.settings import ROOT

_MODULES = [import_module(f"compliance.{path.parent.name}.asks") for path in (ROOT / "compliance").glob("*/asks.py")]
ASKED: dict[str, Query[Any]] = {
    found.name: found for module in _MODULES for found in vars(module).values() if isinstance(found, Query)
}
