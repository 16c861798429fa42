"""The many ways in which people write one address, one number or one name."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

_WIDE = {ord(sign): ord(sign) + 0xFEE0 for sign in map(chr, range(0x21, 0x7F))}
_CASES = (str, str.lower, str.upper, str.title, str.swapcase)


def _idn(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def addresses(address: str, name: str = "Någon Annan") -> st.SearchStrategy[str]:
    """A cell with an address, alone in it or with words around it; `name` is written before it."""
    local, _, domain = address.partition("@")
    written = st.sampled_from(
        [
            address,
            f"{local}+nyhetsbrev@{domain}",
            _idn(address),
            unicodedata.normalize("NFD", address),
            address.translate(_WIDE),
            address.replace("@", "＠"),
            address.replace("@", " @ "),
            address.replace("@", "(at)"),
            f"{local[:1]}\u200b{local[1:]}@{domain}",
            f"\ufeff{address}",
        ]
    )
    around = st.sampled_from(
        [
            "{}", " {} ", "{};", "{}.", "{},", "'{}'", '"{}"', "<{}>", "\t{}\r\n", "mailto:{}", "e-post: {}",
            "{} (privat)", name + " <{}>", '"' + ", ".join(reversed(name.split())) + '" <{}>', "{}\u00a0",
        ]
    )  # fmt: skip
    return st.builds(lambda cell, case, cover: cover.format(case(cell)), written, st.sampled_from(_CASES), around)


def numbers(national: str) -> st.SearchStrategy[str]:
    """A cell with a Swedish number, given by its digits with the zero before the area code."""
    bare = national[1:]
    start = st.sampled_from([national[:1], "+46", "+46 ", "0046", "0046 (0)", "+46 (0)", "+46(0)"])
    marks = st.lists(st.sampled_from(["", "", " ", "-", "\u2013", "."]), min_size=len(bare) - 2, max_size=len(bare) - 2)
    around = st.sampled_from(
        ["{}", " {} ", "{} (mobil)", "mobil: {}", "tel. {}", "{} ankn. 12", "{} ext 3", "{} (1)", "{}\t"]
    )

    def write(start: str, marks: list[str], cover: str) -> str:
        # Between the area code's first digits nobody puts anything.
        spaced = bare[:2] + "".join(f"{mark}{digit}" for mark, digit in zip(marks, bare[2:], strict=True))
        return cover.format(start + spaced)

    return st.builds(write, start, marks, around)


def names(name: str) -> st.SearchStrategy[str]:
    """A name of two words or more, of which the last is the family name."""
    *given, family = name.split()
    first = " ".join(given)
    order = st.sampled_from([f"{first} {family}", f"{family}, {first}", f"{family} {first}", f"  {first}   {family} "])
    around = st.sampled_from(["{}", "Dr. {}", "{} (slutat)", "Herr {}", "{}\u00a0", "{}, MBA"])
    form = st.sampled_from(["NFC", "NFD"])
    return st.builds(
        lambda told, case, cover, form: unicodedata.normalize(form, cover.format(case(told))),
        order, st.sampled_from(_CASES), around, form,
    )  # fmt: skip
