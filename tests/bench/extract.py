"""An extract of every entry beside DuckDB's bare COPY of as many bytes: time, the first bytes, memory."""

from __future__ import annotations

import datetime as dt
import resource
import tempfile
import time
from pathlib import Path

TODAY = dt.date(2026, 11, 24)


def measure() -> dict[str, float]:
    """The list of all entries as CSV for Excel, without and with names, in a process whose memory is its own."""
    from compliance.reading import copy
    from compliance.register.engine import engine
    from compliance.show.entries import entry_binds, entry_columns
    from compliance.show.extract import Sheet, Stamp
    from compliance.show.lines import entry_lines
    from compliance.words import settings as settings_of
    from tests.world import shipped_parameters, shipped_policy

    settings = settings_of.load()
    reading = copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())
    assert reading is not None
    found: dict[str, float] = {}
    for named in (False, True):
        what = "named" if named else "figures"
        sheet = Sheet("x", entry_columns("sv", named=named), "sv", "excel", Stamp(1, TODAY, ""))
        binds = entry_binds({}, named=named)
        before, start = _resident(), time.perf_counter()
        size = rows = 0
        first = most = 0.0
        for content, number in entry_lines(reading, binds, sheet, {}):
            size, rows = size + len(content), rows + number
            # The first line alone would tell nobody that it works.
            first = first or (time.perf_counter() - start if rows else 0.0)
            most = max(most, _resident() - before)
        found |= {f"{what}_seconds": time.perf_counter() - start, f"{what}_first": first, f"{what}_megabytes": most,
                  f"{what}_bytes": size, f"{what}_bare": _bare(reading, size), "rows": rows}  # fmt: skip
    return found


def _bare(reading: object, size: int) -> float:
    """How long DuckDB takes to write as many bytes of the same entries, as they lie, in no order."""
    root, space = reading._root, reading._space  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bare.csv"
        cursor = root.cursor()
        start = time.perf_counter()
        cursor.execute(f"copy memory.{space}.basis_status to '{path}' (header)")
        seconds = time.perf_counter() - start
        cursor.close()
        return seconds * size / path.stat().st_size


def _resident() -> float:
    """The memory that this process has now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def told(found: dict[str, float]) -> str:
    """What was measured, in words."""
    lines = [
        f"extract of {found['rows']:,.0f} entries ({what}): {found[f'{what}_seconds']:.2f} s for"
        f" {found[f'{what}_bytes'] / 1e6:.0f} MB, first rows after {found[f'{what}_first']:.2f} s (aim 1), bare copy"
        f" {found[f'{what}_bare']:.2f} s, ratio {found[f'{what}_seconds'] / found[f'{what}_bare']:.1f} (aim 10),"
        f" {found[f'{what}_megabytes']:.0f} MB more memory (aim 100)"
        for what in ("figures", "named")
    ]
    return "\n".join(lines)
