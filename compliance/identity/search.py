"""Reads what somebody types to find a person, by the same forms in which records are matched."""

from __future__ import annotations

import re
import unicodedata

from compliance.identity.normalise import addresses, name_key, numbers, one_spelling, without_generation
from compliance.reading.sought import Sought
from compliance.words.references import digest_start, is_whole

# What stands in names and around them; whatever else is typed is sought as it stands.
_NAME = re.compile(r"(?:[^\W\d_]|[\s,.'’´`()\u2010-\u2015-])+")
_NUMBER = re.compile(r"[\d\s()+./–-]+")
# No letter becomes one of these in small letters.
_WITHOUT_CASE = re.compile(r"[\x20-@\[-`{-~]+")
# Spellings tell vowels apart by what comes right after these.
_IN_ONE_SPELLING = re.compile(r"[aou]")
# Fewer digits are part of too many numbers to tell anybody.
_DIGITS_AT_LEAST = 4


def sought(text: str, *, named: bool = True) -> Sought | None:
    """Whom a text asks for: by addresses and numbers however they are spelled, by the words of a name in any order, by
    a part of any of them, or by a reference; without `named` by a reference alone. None for one that asks for nobody.
    """
    told = unicodedata.normalize("NFC", text).strip()
    if not told:
        return None
    reference = digest_start(told)
    # In its letters: the oldest writing of one may be a number or a key.
    whole = reference if is_whole(told) and reference != told.lower() else None
    if not named:
        return Sought(reference=reference, whole=whole)
    words = one_spelling(_sought_name(told)).split() if _NAME.fullmatch(told) else []
    return Sought(
        identifiers=(*addresses(text).keys, *numbers(text).keys),
        text=told.lower(),
        address=None if re.search(r"\s", told) else told.lower(),
        # The words of a name's key stand in the order of the alphabet: these follow each other in it, others between.
        words="".join(f"% {word}" for word in words) + "%" if words else None,
        digits=_part_of_a_number(told),
        reference=reference,
        whole=whole,
        fixed=max(_WITHOUT_CASE.findall(told), key=len, default=""),
        unspelled=max((part for word in words for part in _IN_ONE_SPELLING.split(word)), key=len, default=""),
    )


def _sought_name(told: str) -> str:
    """A name's key; whoever seeks the elder finds the younger too, and who is called neither."""
    key = name_key(told) or ""
    return without_generation(key) or key


def _part_of_a_number(text: str) -> str | None:
    """The digits of what is nothing but a number, or a part of one, without a zero before the area code."""
    if _NUMBER.fullmatch(text) is None:
        return None
    digits = "".join(re.findall(r"\d", text.replace("(0)", ""))).lstrip("0")
    return digits if len(digits) >= _DIGITS_AT_LEAST else None
