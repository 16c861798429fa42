"""A cell of text as its system meant it; the macro `told_cell` of queries/build/stage does the same to the rows."""

from __future__ import annotations

import re

_ERROR = re.compile(
    r"#(N/?A!?|NUM!|NULL!|REF!|NAME\?|VALUE!|DIV/0!|SPILL!|CALC!|GETTING_DATA|SAKNAS!?|REFERENS!|NAMN\?|VÄRDEFEL!|OGILTIGT!"
    r"|DIVISION/0!|NV|BEZUG!|WERT!|ZAHL!|NAVN\?|VERDI!|VÆRDI!|PUUTTUU!|ARVO!|VIITTAUS!|JAKO/0!) *"
)
_FORMULA = re.compile(r'="([^"]*)" *')
_KEPT = re.compile(r"'[0-9=+@-]")


def is_error(cell: str) -> bool:
    """Whether a cell says only that a spreadsheet could not work it out."""
    return cell.startswith("#") and _ERROR.fullmatch(cell) is not None


def told(cell: str) -> str | None:
    """What a cell says, None for nothing: an error of a spreadsheet and a database's \\N are nothing, ="0042" and '0042
    are the text 0042.
    """
    if cell[:1] in ("#", "'", "=", "\\"):
        if _ERROR.fullmatch(cell) or cell.rstrip() == r"\N":
            return None
        if found := _FORMULA.fullmatch(cell):
            cell = found[1]
        elif _KEPT.match(cell):
            cell = cell[1:]
    return cell.strip() or None
