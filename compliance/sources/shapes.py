"""What the values of a column look like: addresses, numbers, dates, names, words that mean something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from importlib import import_module

from phonenumbers import NumberParseException, is_possible_number
from phonenumbers import parse as parse_number
from stdnum import get_cc_module
from stdnum import iban as ibans

from compliance.sources.header_words import special_words, value_words

_EMAIL = re.compile(r"[^\s@<]+@[^\s@>]+\.[^\s@>]+")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?: .*)?"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|\d{1,2}\.?[ /-][^\W\d]{3,9}\.?[ /,-]+(?:\d{4}|\d{2})(?: .*)?"
    r"|[^\W\d]{3,9}\.? \d{1,2},? \d{4}(?: .*)?"
)
# Days from 1900 of the years 1950 to 2099, digits of a short year, and seconds or milliseconds.
_COUNTED_DATE = re.compile(r"(?:1[89]|[2-6]\d|7[0-3])\d{3}(?:[.,]\d+)?|\d{6}|\d{9,10}|\d{12,13}")
_CLOCK = re.compile(r"[T ](\d{1,2}[:.]\d{2})")
_NUMBER = re.compile(r"[-+]?\d{1,3}(?:[ \u00a0.,]\d{3})*(?:[.,]\d+)?|[-+]?\d+(?:[.,]\d+)?")
_DIALLED = re.compile(r"(?:p:)?[+(0][\d ()/.\-]{6,24}|\d[\d ()/.\-]*[ ()/.\-][\d ()/.\-]{4,20}\d")
_WORDS_ONLY = re.compile(r"[^\W\d_]+(?:[ .,'’\-]+[^\W\d_]+)*\.?")
_KEY = re.compile(r"[\w.#:/\-]+")
_STATE = re.compile(r"[A-Z]{2}")
_SOCIAL = re.compile(r"(?:linkedin|facebook|twitter|instagram|xing)\.", re.IGNORECASE)
# As they are written: without its hyphen a Danish one, which has no check digit, may be a telephone number.
_IDENTITY_NUMBERS = (
    ("se", "personnummer", re.compile(r"(?:\d{2})?\d{6}[-+]?\d{4}")),
    ("no", "fodselsnummer", re.compile(r"\d{6} ?\d{5}")),
    ("dk", "cpr", re.compile(r"\d{6}-\d{4}")),
    ("fi", "hetu", re.compile(r"\d{6}[-+A-FU-Y]\d{3}\w")),
)
_NET_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PLACE = re.compile(r"[^\W\d_][\w .\-]*\s\d{1,4}\s?[A-Za-z]?(?:,.*)?|\d{3}\s?\d{2}(?:\s+[^\W\d].*)?")


@cache
def _lexicon() -> tuple[frozenset[str], frozenset[str]]:
    """First and last names of six countries, in small letters, from the lists of the library that invents persons."""
    first: set[str] = set()
    last: set[str] = set()
    for place in ("sv_SE", "en_US", "de_DE", "no_NO", "da_DK", "fi_FI"):
        provider = import_module(f"faker.providers.person.{place}").Provider
        first.update(name.casefold() for name in provider.first_names)
        last.update(name.casefold() for name in provider.last_names)
    return frozenset(first), frozenset(last)


class Shape:
    """What the filled values of a column look like, as shares from 0 to 1, each found when it is asked for."""

    def __init__(self, values: Iterable[str | None]) -> None:
        everything = [(value or "").strip() for value in values]
        self.values = [value for value in everything if value]
        self.filled = len(self.values) / len(everything) if everything else 0.0
        self._small = [value.casefold() for value in self.values]
        self.distinct = len(set(self._small))

    def share(self, holds: Callable[[str], object]) -> float:
        """How many of the filled values are so."""
        return sum(bool(holds(value)) for value in self.values) / len(self.values) if self.values else 0.0

    def among(self, words: frozenset[str]) -> float:
        """How many of the filled values are among these words."""
        return sum(value in words for value in self._small) / len(self._small) if self._small else 0.0

    @cached_property
    def emails(self) -> float:
        """Values with an e-mail address."""
        return self.share(_EMAIL.search)

    @cached_property
    def dates(self) -> float:
        """Values written as dates, whatever way."""
        return self.share(_DATE.fullmatch)

    @cached_property
    def counted_dates(self) -> float:
        """Numbers that may be a date: days of a spreadsheet, seconds from 1970, or a date written close together."""
        return self.share(_COUNTED_DATE.fullmatch)

    @cached_property
    def numbers(self) -> float:
        """Plain numbers."""
        return self.share(_NUMBER.fullmatch)

    @cached_property
    def phones(self) -> float:
        """Telephone numbers, written as such."""
        return self.share(lambda value: _is_phone(value))

    @cached_property
    def digits(self) -> float:
        """Plain digits that may be a phone number."""
        return self.share(lambda value: value.lstrip("+").isdigit() and 7 <= len(value) <= 15)

    @cached_property
    def identity_numbers(self) -> float:
        """Personal identity numbers of the Nordic countries, by their check digits."""
        return self.share(_is_identity_number)

    @cached_property
    def organisation_numbers(self) -> float:
        """Swedish organisation numbers, by their check digit."""
        # None of them begins with a zero, as telephone numbers do.
        return self.share(
            lambda value: value[0] not in "0+" and not _is_identity_number(value) and _valid("se", "orgnr", value)
        )

    @cached_property
    def unique(self) -> float:
        """How many different values there are per value."""
        return self.distinct / len(self.values) if self.values else 0.0

    @cached_property
    def keys(self) -> float:
        """Values that can be a key: no spaces."""
        return self.share(_KEY.fullmatch)

    @cached_property
    def organisations(self) -> float:
        """Names with a mark of a company or an authority."""
        marks = value_words("organisation")
        return self.share(lambda value: " " in value and marks & set(value.casefold().replace(",", " ").split()))

    @cached_property
    def letters(self) -> float:
        """Values of letters alone."""
        return self.share(_WORDS_ONLY.fullmatch)

    @cached_property
    def full_names(self) -> float:
        """First and last names together, in either order, of people whose first name is known."""
        return self.share(_is_full_name)

    @cached_property
    def several_words(self) -> float:
        """Values of two to five words."""
        return self.share(lambda value: 2 <= len(value.split()) <= 5)

    @cached_property
    def first_names(self) -> float:
        """Known first names."""
        return self.share(lambda value: _is_one_of(value, _lexicon()[0]))

    @cached_property
    def last_names(self) -> float:
        """Known last names."""
        return self.share(lambda value: _is_one_of(value, _lexicon()[1]))

    @cached_property
    def yes_or_no(self) -> bool:
        """Whether all say yes or no."""
        return bool(self.values) and self.distinct <= 3 and self.among(value_words("yes") | value_words("no")) == 1.0

    @cached_property
    def social(self) -> float:
        """Addresses of profiles in social media."""
        return self.share(_SOCIAL.search)

    @cached_property
    def net_addresses(self) -> float:
        """IP addresses."""
        return self.share(_NET_ADDRESS.fullmatch)

    @cached_property
    def places(self) -> float:
        """Streets with a number, and Swedish postal codes."""
        return self.share(_PLACE.fullmatch)

    @cached_property
    def ibans(self) -> float:
        """International bank account numbers."""
        return self.share(ibans.is_valid)

    @cached_property
    def states(self) -> float:
        """Two capitals."""
        return self.share(_STATE.fullmatch)

    @cached_property
    def wordy(self) -> float:
        """Values of more than four words."""
        return self.share(lambda value: len(value.split()) > 4)

    @cached_property
    def clocked(self) -> bool:
        """Whether the dates have the times of day at which something happened, rather than a few of the clock's own."""
        times = [found[1] for value in self.values if (found := _CLOCK.search(value))]
        return len(times) >= 0.5 * len(self.values) and len(set(times)) > max(2, 0.3 * len(times))

    @cached_property
    def special(self) -> str | None:
        """The special category that most of the values are words of, or have a term of several words of."""
        for kind, words in special_words().items():
            terms = [word for word in words if " " in word]
            told = self.share(lambda value: _has_term(value.casefold(), terms))  # noqa: B023 - asked at once
            if max(self.among(words), told) >= 0.7 and (self.distinct > 1 or len(self.values) > 2):
                return kind
        return None


def _has_term(value: str, terms: Iterable[str]) -> bool:
    padded = f" {value} "
    return any(f" {term} " in padded for term in terms) and len(value.split()) <= 6


def _valid(country: str, number: str, value: str) -> bool:
    module = get_cc_module(country, number)
    return module is not None and bool(module.is_valid(value))


def _is_identity_number(value: str) -> bool:
    return any(
        pattern.fullmatch(value) and _valid(country, number, value) for country, number, pattern in _IDENTITY_NUMBERS
    )


def _is_phone(value: str) -> bool:
    if not _DIALLED.fullmatch(value) or _DATE.fullmatch(value) or _is_identity_number(value):
        return False
    if _valid("se", "orgnr", value) and not value.startswith(("0", "+")):
        return False
    try:
        return is_possible_number(parse_number(value.removeprefix("p:"), "SE"))
    except NumberParseException:
        return False


def _is_full_name(value: str) -> bool:
    words = value.replace(",", " ").split()
    if not 2 <= len(words) <= 5 or not _WORDS_ONLY.fullmatch(value):
        return False
    return any(_is_one_of(word, _lexicon()[0]) for word in words)


def _is_one_of(value: str, names: frozenset[str]) -> bool:
    small = value.casefold()
    return small in names or ("-" in small and small.split("-")[0] in names)
