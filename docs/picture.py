"""Draws docs/architecture.svg from the floors in pyproject.toml and the packages: `python docs/picture.py`.

The same input gives the same bytes, so that a test can tell whether the picture that is kept is of this house.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = Path(__file__).with_name("architecture.svg")
_WIDTH, _FLOOR, _GAP, _LEFT, _TOP = 960, 46, 8, 24, 108
_ROOM = 292
_STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1d2733 }
    .small { font-size: 11px; fill: #55636f }
    .title { font-size: 16px; font-weight: 600 }
    .floor { fill: #eef2f6 }
    .room { fill: #ffffff; stroke: #8497a8 }
    .area { fill: #dcebf7; stroke: #3f7cac }
    .mark { fill: #3f7cac; font-size: 11px }
    .back { fill: #ffffff }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .small { fill: #9fb0bf }
      .floor { fill: #1b232c }
      .room { fill: #26313c; stroke: #5c6f80 }
      .area { fill: #17364f; stroke: #6fb1e4 }
      .mark { fill: #6fb1e4 }
      .back { fill: #0f151b }
    }
"""


def floors(root: Path = ROOT) -> list[list[str]]:
    """The rooms of each floor, from the top, as the contract `floors` has them."""
    told = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (one for one in told["tool"]["importlinter"]["contracts"] if one["id"] == "floors")
    return [[room.strip() for room in layer.replace(":", "|").split("|")] for layer in contract["layers"]]


def marks(root: Path, room: str) -> str:
    """Which of the house's words a room has a file for."""
    folder = root / "compliance" / room
    kinds = (
        ("tables", "tables.py"), ("verbs", "verbs.py"), ("rows", "rows.py"), ("view", "view.py"),
        ("command", "__main__.py"),
    )  # fmt: skip
    return " · ".join(name for name, file in kinds if (folder / file).exists())


def about(root: Path, room: str) -> str:
    """The first sentence of the room's own words."""
    folder = root / "compliance" / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    told = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
    return told.split(". ")[0].removesuffix(".")


def drawn(root: Path = ROOT) -> str:
    """The picture, as SVG that reads in light and dark."""
    storeys = floors(root)
    height = _TOP + len(storeys) * (_FLOOR + _GAP) + 24
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "  <title>The floors of the house: nobody imports from above</title>",
        f"  <style>{_STYLE}  </style>",
        f'  <rect class="back" width="{_WIDTH}" height="{height}"/>',
        f'  <text class="title" x="{_LEFT}" y="34">Nobody imports from above</text>',
        f'  <text class="small" x="{_LEFT}" y="56">A blue room keeps tables in the register, and alone writes them. '
        "A view may draw with ui wherever its area stands; only pages and views know it.</text>",
        *_floor(_TOP - _FLOOR + 12, [("pages", "", "room", "What is opened: guard, ask, show, hand the click on")]),
    ]
    for place, rooms in enumerate(storeys):
        told = [
            (
                room,
                marks(root, room),
                "area" if (root / "compliance" / room / "tables.py").exists() else "room",
                about(root, room),
            )
            for room in rooms
        ]
        lines += _floor(_TOP + _GAP + 12 + place * (_FLOOR + _GAP), told)
    return "\n".join([*lines, "</svg>", ""])


def _floor(top: int, rooms: list[tuple[str, str, str, str]]) -> list[str]:
    lines = [f'  <rect class="floor" x="{_LEFT}" y="{top}" width="{_WIDTH - 2 * _LEFT}" height="{_FLOOR}" rx="6"/>']
    for place, (room, told, kind, words) in enumerate(rooms):
        left = _LEFT + 6 + place * (_ROOM + 10)
        lines += [
            f'  <g><title>{escape(words or room)}</title><rect class="{kind}" x="{left}" y="{top + 4}" width="{_ROOM}" '
            f'height="{_FLOOR - 8}" rx="4"/>',
            f'  <text x="{left + 10}" y="{top + (20 if told else 28)}">{escape(room)}</text>',
            *([f'  <text class="mark" x="{left + 10}" y="{top + 35}">{escape(told)}</text>'] if told else []),
            "  </g>",
        ]
        if len(rooms) == 1:
            lines.append(f'  <text class="small" x="{left + _ROOM + 14}" y="{top + 28}">{escape(words)}</text>')
    return lines


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
    sys.stdout.write(f"{PICTURE}\n")
