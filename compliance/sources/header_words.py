"""What the name of a column says it may be: words of six languages, however they are put together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from compliance.words.vocabulary import PERSONNUMMER_FIELD, SPECIAL_CATEGORY_FIELDS, Category, StatedStatus

# What a header may mean among other things.
PERHAPS = 0.55


@cache
def synonyms() -> dict[str, Any]:
    """synonyms.toml as it is."""
    return tomllib.loads((Path(__file__).parent / "synonyms.toml").read_text(encoding="utf-8"))


@cache
def value_words(kind: str) -> frozenset[str]:
    """Words that stand as values, in small letters: `yes`, `gender`, `country` and the like."""
    return frozenset(synonyms()["value"][kind])


@cache
def special_words() -> Mapping[str, frozenset[str]]:
    """Words, in small letters, that tell each special category."""
    return {kind: frozenset(told) for kind, told in synonyms()["special"].items()}


# Systems without our letters write them in one of two ways.
_SPELLINGS: tuple[Mapping[int, str], ...] = (
    {},
    str.maketrans({"å": "a", "ä": "a", "ö": "o", "æ": "a", "ø": "o", "ü": "u", "ß": "ss"}),
    str.maketrans({"å": "aa", "ä": "ae", "ö": "oe", "æ": "ae", "ø": "oe", "ü": "ue", "ß": "ss"}),
)
_BARE = frozenset({"id", "nr", "no", "key", "nyckel"})
_CAPITALS = re.compile(
    r"(?<=[a-zåäöæøéü])(?=[A-ZÅÄÖÆØ])|(?<=[A-ZÅÄÖ])(?=[A-ZÅÄÖ][a-zåäö])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
)
_MARKED = re.compile(r"^\s*\*\s*|\s*[*:]+\s*$")
_REMARK = re.compile(r"\s*[\[(]([^\])]*)[\])]\s*$")
_TELLING = 7
_ALIKE = 6
_CUT_SHORT = re.compile(r"([^\W\d_]{5,})\.")
# What is somebody's own of what they are reached by.
_OWN = {"email": "private_email", "phone": "private_phone"}
_SIGNS = re.compile(r"[^\w#]+|_+")
_JOINED = {("e", "post"): "epost", ("e", "mail"): "email", ("e", "postadress"): "epostadress", ("e", "mails"): "email"}


@lru_cache(maxsize=4096)
def words_in(header: str) -> tuple[str, ...]:
    """The words of a header: split at capitals, signs and digits, small letters, "e-mail" one word."""
    plain = header.replace("'s", "").replace("’s", "")
    words = [word for word in _SIGNS.split(_CAPITALS.sub(" ", plain).casefold()) if word]
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1], word) in _JOINED:
            joined[-1] = _JOINED[joined[-1], word]
        else:
            joined.append(word)
    return tuple(joined)


def without_remarks(header: str) -> str:
    """A header without what is said behind it of how it is filled in: "[Required]", "(yyyy-mm-dd)", "(UTC)", "*"."""
    header = _MARKED.sub("", header)
    shown = _REMARK.search(header)
    remarks = synonyms()["beside"]["remarks"]
    if shown and all(word in remarks for word in words_in(shown[1])):
        return _MARKED.sub("", header[: shown.start()])
    return header


def folded(header: str) -> str:
    """A header without case and surplus spaces."""
    return " ".join(header.split()).casefold()


@dataclass(frozen=True)
class _Dictionary:
    """Header words of every field: by their letters alone, and by their tokens."""

    letters: Mapping[str, str]
    phrases: Mapping[tuple[str, ...], str]
    perhaps: Mapping[str, tuple[str, ...]]
    events: Mapping[str, str]
    apart: Mapping[str, str]
    beside: frozenset[str]
    first: frozenset[str]
    private: frozenset[str]
    organisation: frozenset[str]


@cache
def _dictionary() -> _Dictionary:
    told = synonyms()
    letters: dict[str, str] = {}
    phrases: dict[tuple[str, ...], str] = {}
    for spelt in _SPELLINGS:
        for field, names in told["field"].items():
            for name in names:
                # A short word that is spelt otherwise is another one: "lon" is no wage.
                if not spelt or len(name) > 3:
                    tokens = words_in(name.translate(spelt))
                    phrases.setdefault(tokens, field)
                    letters.setdefault("".join(tokens), field)
    perhaps: dict[str, tuple[str, ...]] = {}
    for field, names in told["perhaps"].items():
        for name in names:
            key = "".join(words_in(name))
            perhaps[key] = (*perhaps.get(key, ()), field)
    return _Dictionary(
        letters,
        phrases,
        perhaps,
        {
            word.translate(spelt): field
            for field, words in told["event"].items()
            for word in words
            for spelt in _SPELLINGS
        },
        {word: kind for kind, names in told["apart"].items() for word in names},
        frozenset(told["beside"]["words"]),
        *(frozenset(told["beside"][words]) for words in ("first", "private", "organisation")),
    )


@lru_cache(maxsize=4096)
def by_name(header: str) -> Mapping[str, float]:
    """How well a header's name fits each field or kind, from 0 to 1; only those that it fits at all."""
    dictionary = _dictionary()
    tokens = words_in(without_remarks(header))
    found: dict[str, float] = {}

    def told(words: Sequence[str], score: float) -> None:
        letters = "".join(words)
        if letters in dictionary.letters:
            field = dictionary.letters[letters]
            # Anything has an id: what says whose is likelier.
            found[field] = max(found.get(field, 0.0), min(score, 0.9) if letters in _BARE else score)
        for field in dictionary.perhaps.get(letters, ()):
            found[field] = max(found.get(field, 0.0), min(score, PERHAPS))

    told(tokens, 1.0)
    if found:
        return found
    start = 1 if len(tokens) > 1 and tokens[0] in dictionary.first else 0
    told(tokens[start:], 0.97)
    if not found and _whole_name(tokens, dictionary):
        found["name"] = 0.97
    # Of whom comes before of what: a lead's owner is somebody. But what may not be kept is that of whomever.
    apart = (
        None
        if any(_is_special(dictionary.phrases.get((token,)), token) for token in tokens)
        else _apart(tokens, dictionary)
    )
    if not found and apart is None:
        # From the front or from behind, without what changes nothing.
        told(bare := [token for token in tokens[start:] if token not in dictionary.beside], 0.92)
        if _numbered(tokens):
            # The number of a company is no name.
            found = {field: score for field, score in found.items() if field not in ("name", "org_name")}
        if not found and bare and bare[-1].endswith(tuple(synonyms()["ending"]["salary"])):
            found["salary"] = 0.9
    if not found and apart is not None:
        found[apart] = 0.88
    if not found and (event := _event(tokens[start:], dictionary) or _event(tokens, dictionary)):
        found[event] = 0.9
    if not found:
        found.update(_contained(tokens[start:], dictionary))
    if not found:
        found.update(_similar(tokens[start:], dictionary))
    if not found:
        found.update(_abbreviated(header, dictionary))
    if not found and _numbered(tokens):
        # It is the key where nothing else is, if its values can be one.
        found["source_key"] = 0.5
    if dictionary.private & set(tokens):
        found = {_OWN.get(field, field): score for field, score in found.items()}
    return _of_mailings(found, tokens)


def _of_mailings(found: dict[str, float], tokens: Sequence[str]) -> dict[str, float]:
    """What a header names, where it is of mailings, with the noes beside it: "Kein Newsletter" and "Reserverad mot
    marknadsföring" say the opposite of what they name, a second such word takes that back, and where both answers stand
    none of them is said: "Nyhetsbrev ja/nej".
    """
    beside = synonyms()["beside"]
    noes = sum(token in beside["against"] for token in tokens)
    is_choice = bool(set(tokens) & set(beside["either"]))
    if "mail_consent" in found and noes % 2 == 1 and not is_choice:
        found["opted_out_on"] = max(found.get("opted_out_on", 0.0), found.pop("mail_consent"))
    elif "opted_out_on" in found and noes == 2:
        found["mail_consent"] = max(found.get("mail_consent", 0.0), found.pop("opted_out_on"))
    return found


@cache
def _joining(how: str) -> frozenset[str]:
    return frozenset(
        "".join(words_in(name.translate(spelt))) for name in synonyms()["joined"][how] for spelt in _SPELLINGS
    )


def says_joined(header: str) -> bool:
    """Whether a header says when somebody joined, as it is said of members."""
    return _says(header, "words")


def says_entered(header: str) -> bool:
    """Whether a header says when somebody joined, as it is said of the employed as well."""
    return _says(header, "either")


def says_member(header: str) -> bool:
    """Whether a header is of a membership."""
    return any(token.startswith(tuple(synonyms()["joined"]["member"])) for token in words_in(header))


def _says(header: str, how: str) -> bool:
    tokens = words_in(without_remarks(header))
    ending = synonyms()["ending"]["date"]
    return bool(_joining(how) & {"".join(tokens), "".join(token for token in tokens if token not in ending)})


def _whole_name(tokens: Sequence[str], dictionary: _Dictionary) -> bool:
    """Whether a header names two parts of a name: "Name, Vorname" is the whole of it, and no first name."""
    parts: list[str | None] = []
    start = 0
    while start < len(tokens):
        length = next((size for size in (3, 2, 1) if tuple(tokens[start : start + size]) in dictionary.phrases), 1)
        parts.append(dictionary.phrases.get(tuple(tokens[start : start + length])))
        start += length
    named = [part for part in parts if part is not None]
    return (
        len(parts) <= 3
        and len(named) == 2
        and set(named) <= {"given_name", "family_name", "name"}
        and len(set(named)) == 2
    )


def _is_special(field: str | None, letters: str) -> bool:
    """Whether a word tells what may not be kept: an identity number, or a special category by a word that is so long
    that it means nothing else.
    """
    return field == PERSONNUMMER_FIELD or (field in SPECIAL_CATEGORY_FIELDS and len(letters) >= _TELLING)


def _apart(tokens: Sequence[str], dictionary: _Dictionary) -> str | None:
    """Whether a header is of somebody else, or of something else: the last word says what, the others of whom."""
    long = [word for word in dictionary.apart if len(word) >= 6]
    kinds = [
        dictionary.apart.get(token) or next((dictionary.apart[word] for word in long if token.endswith(word)), None)
        for token in tokens
    ]
    return next(
        (kind for kind in (*kinds[-1:], "other_person", "next_of_kin", "other") if kind and kind in kinds), None
    )


def _event(tokens: Sequence[str], dictionary: _Dictionary) -> str | None:
    """The field of a date that is named by what somebody did on it: "Date of joining", "ExitDate", "termdate"."""
    ending = synonyms()["ending"]["date"]
    span = synonyms()["span"]
    told_of = [token for token in tokens if token not in ending and token not in dictionary.beside]
    lasting = [token for token in told_of if token in span["of"]]
    if lasting:
        # One word of when, before or after what lasted: "Contract expiry date", "Beginn Tätigkeit".
        rest = [token for token in told_of if token not in span["of"]]
        for field in ("starts_on", "ends_on"):
            if len(rest) == 1 and rest[0] in span[field]:
                return field
    words: list[str] = []
    for token in tokens:
        end = next((one for one in ending if len(one) > 3 and token.endswith(one) and len(token) > len(one) + 2), None)
        words.extend((token.removesuffix(end), end) if end and token not in dictionary.events else (token,))
    fields = {
        dictionary.events.get(word, dictionary.events.get(word.removesuffix("s")))
        for word in words
        if word not in ending and word not in dictionary.beside
    }
    # "Joined" says by itself that it is when.
    told = any(word in ending for word in words) or (len(words) == 1 and words[0].endswith("ed"))
    return fields.pop() if len(fields) == 1 and told else None


def _numbered(tokens: Sequence[str]) -> bool:
    """Whether a header ends as the number of something, whatever that is: "Agentnummer", "Startnr"."""
    return bool(tokens) and tokens[-1].endswith(tuple(synonyms()["ending"]["number"]))


def _contained(tokens: Sequence[str], dictionary: _Dictionary) -> dict[str, float]:
    """Fields whose words are in the header among others, and those that a compound begins or ends with."""
    found: dict[str, float] = {}
    for length in range(len(tokens) - 1, 0, -1):
        for start in range(len(tokens) - length + 1):
            field = dictionary.phrases.get(tuple(tokens[start : start + length]))
            if field is None or (length == 1 and len(tokens[start]) < 3):
                continue
            if _belongs_before(tokens, start, dictionary):
                continue
            rest = [*tokens[:start], *tokens[start + length :]]
            strange = sum(word not in dictionary.beside for word in rest)
            # The last words say what something is, the first ones of whom: "Company City" is a city.
            score = 0.9 - 0.15 * strange - (0.1 if start + length < len(tokens) else 0.0)
            if _is_special(field, "".join(tokens[start : start + length])):
                # What may not be kept is found in a whole question too, and before anything else that it asks.
                score = max(score, 0.8)
            # "Sequence name" is the name of something else, unless the values are people's, and so with a category.
            doubt = {"name": 0.4, "category": 0.3}.get(field, 0.0) if strange else 0.0
            found[field] = max(found.get(field, 0.0), score - doubt)
    if "id" in tokens and len(tokens) > 1:
        kept = ("source_key", "org_key", "other", PERSONNUMMER_FIELD)
        found = {field: score for field, score in found.items() if field in kept}
        found["other"] = max(found.get("other", 0.0), 0.6)
        found["source_key"] = min(found.get("source_key", 0.45), 0.55)
        if tokens[-1] == "id" and dictionary.organisation & set(tokens):
            found["org_key"] = max(found.get("org_key", 0.0), 0.85)
    if not found:
        for token in tokens:
            for letters, field in dictionary.letters.items():
                if len(letters) >= 6 and len(letters) >= 0.5 * len(token) and token != letters and (
                    token.startswith(letters) or token.endswith(letters)
                ):  # fmt: skip
                    doubt = 0.4 if field == "name" else 0.0
                    found[field] = max(found.get(field, 0.0), 0.6 + 0.2 * len(letters) / len(token) - doubt)
    return {field: score for field, score in found.items() if score >= 0.4}


def _belongs_before(tokens: Sequence[str], start: int, dictionary: _Dictionary) -> bool:
    """Whether a phrase begins with "to", "from" and the like that belongs to the word before: "Lagt til dato"."""
    span = synonyms()["span"]
    if not start or tokens[start] not in span["before"]:
        return False
    return tokens[start - 1] not in span["of"] and tokens[start - 1] not in dictionary.beside


def _abbreviated(header: str, dictionary: _Dictionary) -> dict[str, float]:
    """The field of the one word that a full stop cuts short: "Staatsang.", "Schwerbeh."."""
    fields = {
        field
        for begun in _CUT_SHORT.findall(header.casefold())
        for letters, field in dictionary.letters.items()
        if letters.startswith(begun)
    }
    return dict.fromkeys(fields, 0.7) if len(fields) == 1 else {}


def _similar(tokens: Sequence[str], dictionary: _Dictionary) -> dict[str, float]:
    """The field whose words are written almost alike."""
    letters = "".join(tokens)
    if len(letters) < 5:
        return {}
    # A short word is another one with a letter within: "LV-Name" is no "lname", but "Namen" is "name".
    likely = [word for word in dictionary.letters if len(word) >= _ALIKE or letters.startswith(word)]
    hit = process.extractOne(letters, likely, scorer=fuzz.ratio, score_cutoff=88)
    return {dictionary.letters[hit[0]]: 0.8 * hit[1] / 100} if hit else {}


@cache
def status_words() -> Mapping[str, StatedStatus]:
    """Words that sources have for a relationship that is open or ended, in small letters."""
    values = synonyms()["value"]
    return {word: status for status in StatedStatus for word in values[status.value]}


@cache
def category_words() -> Mapping[str, Category]:
    """Words that sources have for in what capacity somebody is stored, in small letters."""
    return {word: Category(name) for name, words in synonyms()["category"].items() for word in words}
