"""Every text a person reads, in both languages, from each area's texts.toml.

A key is dotted (`weekly.title`); its table holds `sv` and `en` side by side, with `{name}` placeholders that
`say` fills. Numbers are written the way the language does (Babel), dates always as 2026-11-24. `{rows:row|rows}` is the
first word where `rows` is 1 and the second otherwise.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from compliance.words.vocabulary import LANGUAGES

_PACKAGE = Path(__file__).parents[1]
_LOCALES = {"sv": "sv_SE", "en": "en_GB"}


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts: key -> language -> text. Raises ValueError where a key is defined twice."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(_PACKAGE.glob("*/texts.toml")):
        _gather(tomllib.loads(path.read_text(encoding="utf-8")), "", found, path.parent.name)
    return found


def _gather(table: dict[str, Any], prefix: str, found: dict[str, dict[str, str]], area: str) -> None:
    if any(isinstance(table.get(language), str) for language in LANGUAGES):
        if prefix in found:
            raise ValueError(f"text {prefix} is defined twice, the second time in {area}")
        found[prefix] = {str(language): str(text) for language, text in table.items()}
        return
    for name, inner in table.items():
        _gather(inner, f"{prefix}.{name}" if prefix else name, found, area)


class _Told(str):
    """A value in words that can also choose between two wordings, for one and for many."""

    _one: bool

    def __new__(cls, value: Any, language: str) -> _Told:
        told = super().__new__(cls, show(value, language))
        told._one = value == 1
        return told

    def __format__(self, wordings: str) -> str:
        one, either, many = wordings.partition("|")
        return (one if self._one else many) if either else super().__format__(wordings)


def say(key: str, language: str, /, **values: Any) -> str:
    """The text `key` in `language` with its placeholders filled. Raises KeyError for an unknown key.

    int and float values are written by the language's rules, dates as ISO; everything else as it is.
    """
    text = catalogue()[key][language]
    if not values:
        return text
    return text.format(**{name: _Told(values[name], language) for name in _wanted(text) if name in values})


@cache
def _wanted(text: str) -> tuple[str, ...]:
    """The placeholders of a text: whoever says it hands over more than it needs, and each costs its formatting."""
    return tuple({name: None for _, name, _, _ in Formatter().parse(text) if name})


def has(key: str) -> bool:
    """Whether a text of that key exists."""
    return key in catalogue()


def refusal(code: str, language: str, values: Mapping[str, Any], text: Callable[[str], str] = str) -> str:
    """Why something was refused, with codes among the values put in words; a general word for an unknown code.

    `text` writes what is no code, and may be of any file: as it is, or as a page draws it.
    """
    if not has(f"refusal.{code}"):
        return say("refusal.unknown", language)
    part = values.get("of_part")
    told: dict[str, Any] = {name: text(value) if isinstance(value, str) else value for name, value in values.items()}
    for name in ("permission", "role", "field"):
        if has(f"{name}.{values.get(name)}"):
            told[name] = say(f"{name}.{values[name]}", language)
    if isinstance(told.get("stays"), Mapping):
        told["stays"] = counted("stays", told["stays"], language)
    # One part of a file is the reason, which has words of its own.
    if part is not None:
        told["why"] = refusal(
            str(part), language, {name: value for name, value in values.items() if name != "of_part"}, text
        )
    return say(f"refusal.{code}", language, **told)


def counted(prefix: str, counts: Mapping[str, int], language: str) -> str:
    """Codes with how often each occurs, in words: `<prefix>.<code>: 3; ...`."""
    return "; ".join(
        f"{say(f'{prefix}.{code}', language)}: {show(count, language)}" for code, count in sorted(counts.items())
    )


def show(value: Any, language: str) -> str:
    """A value as a reader of `language` expects it; None is a dash, never zero."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return say("common.yes" if value else "common.no", language)
    if isinstance(value, int | float):
        return _number(value, language)
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


@lru_cache(maxsize=4096)
def _number(value: float, language: str) -> str:
    return str(format_decimal(value, locale=_LOCALES[language]))


def listed(words: Sequence[str], language: str) -> str:
    """Words one after the other, the last after an "and"."""
    return format_list(words, locale=_LOCALES[language])


def show_share(value: float | None, language: str) -> str:
    """A share between 0 and 1 as per cent with one decimal; None is a dash."""
    if value is None:
        return "–"
    return _share(value, language)


@lru_cache(maxsize=4096)
def _share(value: float, language: str) -> str:
    return str(format_percent(value, format="0.0 %" if language == "sv" else "0.0%", locale=_LOCALES[language]))


def period_in_words(period: str, language: str) -> str:
    """P10Y as "ten years" would be read: a number and its unit."""
    parts = {sign: int(number) for number, sign in re.findall(r"([0-9]+)([YMD])", period)}
    if parts.get("Y") and parts.get("M"):
        parts = {"M": parts["Y"] * 12 + parts["M"]}
    sign, number = next((sign, number) for sign, number in parts.items() if number)
    unit = {"Y": "years", "M": "months", "D": "days"}[sign]
    return say(f"period.{unit}", language, number=number)


def rule_in_words(period: str | None, section: str | None, language: str) -> str:
    """A rule by its period and the part of the policy that it comes from; a dash where there is none."""
    if not period or not section:
        return "–"
    told = {"period": period_in_words(period, language), "section": say(f"section.{section}", language)}
    return say("rule_told", language, **told)
