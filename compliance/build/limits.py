"""What a file may be at most; more is a mistake or an attack, not an export."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK = 8 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The bounds of what is read. `workbook_bytes` is the memory of the process that reads a workbook, `members` how
    many files an archive may hold.
    """

    file_bytes: int = 8 * 1024**3
    line_bytes: int = 1_000_000
    columns: int = 500
    header_chars: int = 200
    unpacked_bytes: int = 2 * 1024**3
    workbook_bytes: int = 4 * 1024**3
    members: int = 200
