"""References: what lists and extracts show instead of a name, short enough to read aloud.

A spreadsheet takes signs of a digest for a number where it can: it drops zeros, and 1234e567 becomes another number. So
a reference has letters only, none of which a digest has: neither can be taken for the other.
"""

from __future__ import annotations

import re

# Of a million persons, the chance that any two have the same one is 1 in 560. With eight, 116 pairs had.
SIGNS = 12
# What stands in letters and files of before is whole with as few.
_WHOLE = 8
_DIGITS = "0123456789abcdef"
# Consonants: no word is spelled by chance, and no letter is part of a number.
LETTERS = "ghjklmnpqrstvwxz"
_WRITE = str.maketrans(_DIGITS, LETTERS)
_READ = str.maketrans(LETTERS, _DIGITS)
# Four letters at least: fewer are a part of somebody's name more often than the beginning of a reference.
_NEW = re.compile(f"[{LETTERS}]{{4,32}}")
# As they were written before, the digest's own signs; such ones stand in letters and files.
_OLD = re.compile(r"[0-9a-f]{1,32}")


def reference(digest: str) -> str:
    """The reference of somebody or something that is known by a digest of hexadecimal digits."""
    return digest[:SIGNS].translate(_WRITE)


def digest_start(told: str) -> str | None:
    """What the digest of a reference begins with, also of one as it was written before; None for other words.

    It may be given in part, from its beginning.
    """
    folded = told.strip().lower()
    if _NEW.fullmatch(folded):
        return folded.translate(_READ)
    return folded if _OLD.fullmatch(folded) else None


def is_whole(told: str) -> bool:
    """Whether a text is a whole reference, in any writing that there has been; one of before may be of several."""
    return len(digest_start(told) or "") >= _WHOLE
