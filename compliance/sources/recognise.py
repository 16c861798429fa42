"""What the columns of an unknown file probably are, by their names and by a sample of their values; never assumed.

Each column is told with how sure that is, and why. The same look finds what a known mapping must not leave out: a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from compliance.sources import systems
from compliance.sources.catalogue import LEFT_OUT_FIELDS, REQUIRED, Dataset, from_columns
from compliance.sources.header_words import (
    PERHAPS,
    by_name,
    category_words,
    folded,
    says_entered,
    says_joined,
    says_member,
    status_words,
    synonyms,
    value_words,
)
from compliance.sources.shapes import Shape
from compliance.sources.systems import System
from compliance.words.refusal import Refused
from compliance.words.vocabulary import (
    DATE_FIELDS,
    FURTHER_FIELDS,
    INSTANT_FIELDS,
    PERSONNUMMER_FIELD,
    SPECIAL_CATEGORY_FIELDS,
    STORED_FIELDS,
    Category,
    RecordType,
    StatedStatus,
)

# So many rows tell what a column holds; all of a million would tell the same.
SAMPLE = 200
LEFT_OUT = "left_out:"
_OTHER = f"{LEFT_OUT}other"
_NAMES = ("name", "given_name", "family_name")
# What only records of these kinds have.
_OWN: Mapping[RecordType, frozenset[str]] = {
    RecordType.CONTRACT: frozenset({"contract_key"}),
    RecordType.VOUCHER: frozenset({"fiscal_year", "relation_key"}),
    RecordType.WEB_LEAD: frozenset({"cookie_name", "set_at"}),
    RecordType.ERASURE_REQUEST: frozenset(
        {"reference", "request_kind", "requester", "received_at", "identity_asked_on", "identity_answered_on",
         "extended_on", "extension_reason", "forwarded_on", "closed_on", "outcome"}
    ),
    RecordType.MAILING: frozenset({"mailing_key", "sent_on"}),
    RecordType.OPT_OUT: frozenset({"effective_on"}),
    RecordType.ENVIRONMENT: frozenset(
        {"agreement", "default_settings", "auto_clean", "period_customised", "default_days", "period_days",
         "period_changed_on", "cleaned_on", "restore_tested_on"}
    ),
    RecordType.ACCESS_GRANT: frozenset(
        {"environment_key", "holder", "account", "purpose", "ticket", "approver", "granted_on", "valid_until",
         "reviewed_on", "revoked_on"}
    ),
}  # fmt: skip
# What a column is by its name in other records, and what it is in records of these kinds.
_AS: Mapping[RecordType, Mapping[str, str]] = {
    # Whatever came in about somebody: they are known of since then.
    RecordType.PERSON: {"received_at": "registered_on"},
    RecordType.ENVIRONMENT: {"environment_key": "source_key", "contract_key": "contract_key"},
    RecordType.ACCESS_GRANT: {"starts_on": "granted_on", "ends_on": "valid_until", "reference": "ticket"},
}
_SURE, _LIKELY = 0.85, 0.5
_FURTHER = "further_"
# Of the names in a column so many are in the lists of names of six countries, which know no rare ones.
_KNOWN_NAMES = 0.35


class Level(StrEnum):
    """How sure it is what a column is. Texts: `intake.level.<value>`."""

    SURE = "sure"
    LIKELY = "likely"
    UNKNOWN = "unknown"


class Because(StrEnum):
    """Why a column is taken for what it is. Texts: `intake.because.<value>`."""

    MAPPING = "mapping"
    NAME = "name"
    VALUES = "values"
    BOTH = "both"
    CONTRADICTION = "contradiction"
    FURTHER = "further"
    SAID = "said"
    NOTHING = "nothing"


class Column(BaseModel):
    """What one column is: a field, or `left_out:<kind>`; how sure that is, from 0 to 1, and why."""

    model_config = ConfigDict(frozen=True)

    header: str
    field: str
    confidence: float
    because: Because

    @property
    def level(self) -> Level:
        """The confidence in three words."""
        if self.because is Because.CONTRADICTION or self.confidence < _LIKELY:
            return Level.UNKNOWN
        return Level.SURE if self.confidence >= _SURE else Level.LIKELY


class Proposal(BaseModel):
    """What an unknown file probably is, for a person to correct.

    `system` is which of the known sources it is probably from. `category_values` and `status_values` are the words of
    the sample that are understood. With `key_is_email` no column is a key, and the addresses are to tell the rows
    apart.
    """

    model_config = ConfigDict(frozen=True)

    record: RecordType
    columns: tuple[Column, ...]
    system: System
    category: Category | None = None
    category_values: Mapping[str, Category] = {}
    status_values: Mapping[str, StatedStatus] = {}
    key_is_email: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The field of each column, in their order."""
        return tuple(column.field for column in self.columns)


def propose(name: str, headers: Sequence[str], sample: Sequence[Sequence[str | None]] = ()) -> Proposal:
    """What an unknown file's columns are, by their names and by its first rows; `name` helps to tell the records' kind.

    No field is given twice: the likelier column has it, and the other is left out, as a further one of its kind.
    """
    shapes = _shapes(headers, sample)
    scored = [_scores(header, shape, place) for place, (header, shape) in enumerate(zip(headers, shapes, strict=True))]
    columns, record = _assigned_of(name, headers, shapes, scored, sample)
    system = systems.likely(name, headers, [column.field for column in columns], record)
    if record is RecordType.PERSON and system.source == systems.HR and any(map(says_joined, headers)):
        since = [_employed_since(told) if says_joined(one) else told for one, told in zip(headers, scored, strict=True)]
        columns, record = _assigned_of(name, headers, shapes, since, sample)
    elif record is RecordType.PERSON and system.source != systems.HR and any(map(says_member, headers)):
        since = [_known_since(told) if says_entered(one) else told for one, told in zip(headers, scored, strict=True)]
        columns, record = _assigned_of(name, headers, shapes, since, sample)
    fields = [column.field for column in columns]
    return Proposal(
        record=record,
        columns=tuple(columns),
        system=system,
        category=_category(name, headers, fields, system.source) if record is RecordType.PERSON else None,
        category_values=words_of(sample, fields, "category", category_words()),
        status_values=words_of(sample, fields, "status", status_words()),
        key_is_email=record is RecordType.PERSON and "source_key" not in fields and "email" in fields,
    )


def _renamed(columns: Sequence[Column], names: Mapping[str, str]) -> list[Column]:
    """The columns by the names that their fields have in such records, where no other column is that already."""
    taken = {column.field for column in columns}
    return [
        column.model_copy(update={"field": names[column.field]})
        if names.get(column.field, column.field) not in taken
        else column
        for column in columns
    ]


def _assigned_of(
    name: str,
    headers: Sequence[str],
    shapes: Sequence[Shape],
    scored: Sequence[Mapping[str, _Score]],
    sample: Sequence[Sequence[str | None]],
) -> tuple[list[Column], RecordType]:
    """What each column is, and of what kind the records are that have such columns."""
    filled = [shape.filled for shape in shapes]
    everything = _assigned(headers, scored, filled, set(STORED_FIELDS))
    record = _record(name, headers, {column.field for column in everything})
    others = {field for kind, own in _OWN.items() if kind is not record for field in own}
    allowed = set(STORED_FIELDS) - (
        others - _OWN.get(record, frozenset()) - set(REQUIRED[record]) - {*_AS.get(record, ())}
    )
    columns = _renamed(_assigned(headers, scored, filled, allowed), _AS.get(record, {}))
    if "source_key" in REQUIRED[record] and "source_key" not in {column.field for column in columns}:
        # Of an organisation, and where every row has its own, the customer's number is the row's key.
        columns = [
            column.model_copy(update={"field": "source_key"})
            if column.field == "org_key" and (record is RecordType.ORGANISATION or _as_key(shape) == 1.0)
            else column
            for column, shape in zip(columns, shapes, strict=True)
        ]
    return _names_told_apart(columns, shapes, sample), record


def _employed_since(scores: Mapping[str, _Score]) -> dict[str, _Score]:
    """When somebody joined, as the start of an employment, as long as no column is called just that."""
    found = dict(scores)
    since = found.pop("registered_on", None)
    return found if since is None else {"starts_on": _Score(0.95 * since.score, since.because), **found}


def _known_since(scores: Mapping[str, _Score]) -> dict[str, _Score]:
    """When a member joined, as the day since when they are known of, as long as no column is called just that."""
    found = dict(scores)
    since = found.pop("starts_on", None)
    return found if since is None else {"registered_on": _Score(0.95 * since.score, since.because), **found}


def _names_told_apart(
    columns: Sequence[Column], shapes: Sequence[Shape], sample: Sequence[Sequence[str | None]]
) -> list[Column]:
    """The columns, with what a column of names is beside those of first and last names."""
    found = list(columns)
    at = {column.field: place for place, column in enumerate(columns)}
    if "name" not in at:
        return found
    place = at["name"]
    given, family = at.get("given_name"), at.get("family_name")
    told: dict[str, object] | None = None
    if (given is None) != (family is None):
        # "Name" beside a first name is the last one, and beside a last name the first, where it is no whole name.
        if shapes[place].values and shapes[place].several_words < 0.3:
            missing = "given_name" if given is None else "family_name"
            told = {"field": missing, "confidence": _SURE, "because": Because.BOTH}
    elif given is not None and family is not None:
        rows = [row for row in sample[:SAMPLE] if len(row) == len(columns) and row[place]]
        by_values = columns[place].because is Because.VALUES
        whole = all if by_values else any
        own = sum(whole((row[part] or "-") in str(row[place]) for part in (given, family)) for row in rows)
        if 2 * own < len(rows):
            # Neither part of the names is in it: it is the name of somebody else, or of the club.
            told = {"field": f"{LEFT_OUT}other_person"}
            if not by_values and shapes[place].full_names < _KNOWN_NAMES and "org_name" not in at:
                told = {"field": "org_name", "confidence": _LIKELY, "because": Because.VALUES}
    if told:
        found[place] = columns[place].model_copy(update=told)
    return found


def judged(dataset: Dataset, headers: Sequence[str], sample: Sequence[Sequence[str | None]]) -> tuple[Column, ...]:
    """What a mapping makes of each column, and whether the values of the sample speak against it."""
    shapes = _shapes(headers, sample)
    kinds = kinds_of(dataset, headers, sample)
    read = dataset.fields_for(headers)
    # A header that the mapping does not name is judged like one of an unknown file.
    named = {folded(one) for names in (*dataset.headers.values(), *dataset.left_out.values()) for one in names}
    columns: list[Column] = []
    for header, field, kind, shape in zip(headers, read, kinds, shapes, strict=True):
        if not field.startswith("left_out_"):
            agrees = _agrees(field, shape)
            against = agrees is not None and agrees <= -1
            columns.append(
                Column(
                    header=header,
                    field=field,
                    confidence=0.3 if against else 1.0,
                    because=Because.CONTRADICTION if against else Because.MAPPING,
                )
            )
        elif folded(header) in named:
            columns.append(Column(header=header, field=LEFT_OUT + kind, confidence=1.0, because=Because.MAPPING))
        else:
            guess = _alone(header, len(columns), sample)
            because = guess.because if guess.field == LEFT_OUT + kind else Because.NOTHING
            confidence = guess.confidence if guess.field == LEFT_OUT + kind else 0.0
            columns.append(Column(header=header, field=LEFT_OUT + kind, confidence=confidence, because=because))
    return tuple(columns)


def unread_name(dataset: Dataset, headers: Sequence[str], sample: Sequence[Sequence[str | None]]) -> str | None:
    """The column that holds the persons' names and that the mapping leaves out; None where there is none such."""
    if dataset.record is not RecordType.PERSON:
        return None
    read = dataset.fields_for(headers)
    if "name" in read or {"given_name", "family_name"} <= set(read):
        return None
    # What a person or the shipped catalogue said is somebody else's name, or nobody's, is.
    said = {folded(one) for kind, names in dataset.left_out.items() if kind not in ("other", "name") for one in names}
    for place, (header, field) in enumerate(zip(headers, read, strict=True)):
        if not field.startswith("left_out_") or folded(header) in said:
            continue
        guess = _alone(header, place, sample)
        if guess.field in _NAMES and guess.field not in read and guess.level is not Level.UNKNOWN:
            return header
        # Where no name is read at all, a column that is called nothing else is one, however names are written there.
        called = by_name(header)
        if not set(_NAMES) & set(read) and any(called.get(name) == 1.0 for name in _NAMES):
            return header
    return None


def kinds_of(dataset: Dataset, headers: Sequence[str], sample: Sequence[Sequence[str | None]] = ()) -> tuple[str, ...]:
    """What kind of data each column that the mapping does not read holds, "" where it is read.

    What its values or its name tell to be a special category is one, whatever the mapping calls it.
    """
    told = {folded(header): kind for kind, names in dataset.left_out.items() for header in names}
    kinds: list[str] = []
    for place, (header, field) in enumerate(zip(headers, dataset.fields_for(headers), strict=True)):
        if not field.startswith("left_out_"):
            kinds.append("")
            continue
        kind = told.get(folded(header), "")
        if kind in ("", "other", "free_text"):
            # The lists of names are read for this by nobody: every intake comes by here.
            guess = _alone(header, place, sample, people=False)
            guessed = guess.field.removeprefix(LEFT_OUT)
            special = guessed in (*SPECIAL_CATEGORY_FIELDS, PERSONNUMMER_FIELD)
            if special or (not kind and guess.field.startswith(LEFT_OUT) and guess.level is not Level.UNKNOWN):
                kind = guessed
        kinds.append(kind or "other")
    return tuple(kinds)


def provisional(proposal: Proposal, dataset_id: str, source: str, category: Category | None = None) -> Dataset | None:
    """The mapping that a proposal is as it stands; None while a column is lacking that the rows need."""
    chosen = category or proposal.category
    fields = proposal.fields
    try:
        return from_columns(
            dataset_id=dataset_id,
            source=source,
            record=proposal.record,
            category=chosen or (None if "category" in fields else Category.UNCLASSIFIED),
            headers=[column.header for column in proposal.columns],
            fields=fields,
            category_values=proposal.category_values,
            status_values=proposal.status_values,
            key_is_email=proposal.key_is_email,
        )
    except Refused:
        return None


def words_of(
    sample: Sequence[Sequence[str | None]], fields: Sequence[str], field: str, known: Mapping[str, Any]
) -> dict[str, Any]:
    """The different values of a field's column in the sample that are among the known words, with what they mean."""
    if field not in fields:
        return {}
    place = list(fields).index(field)
    found = {(row[place] or "").strip() for row in sample[:SAMPLE] if len(row) > place}
    return {word: known[word.casefold()] for word in sorted(found) if word.casefold() in known}


def _alone(header: str, place: int, sample: Sequence[Sequence[str | None]], *, people: bool = True) -> Column:
    """What one column is without those beside it. It is never taken for a key: nothing says that the file lacks one."""
    shape = Shape(row[place] if place < len(row) else None for row in sample[:SAMPLE])
    (column,) = _assigned([header], [_scores(header, shape, -1, people=people)], [shape.filled], set(STORED_FIELDS))
    return column


def _shapes(headers: Sequence[str], sample: Sequence[Sequence[str | None]]) -> list[Shape]:
    rows = sample[:SAMPLE]
    return [Shape(row[place] if place < len(row) else None for row in rows) for place in range(len(headers))]


def _agrees(field: str, shape: Shape) -> float | None:
    """How much the values speak for a field (1) or against it (-1); None where there are none to speak."""
    if not shape.values:
        return None
    if field in ("email", "private_email"):
        return 1.0 if shape.emails >= 0.6 else -1.0 if shape.emails < 0.2 else 0.0
    if field in ("phone", "private_phone"):
        return 1.0 if shape.phones >= 0.6 else 0.3 if shape.phones + shape.digits >= 0.5 else -1.0
    if field == "opted_out_on":
        return 1.0 if shape.dates >= 0.6 else 0.8 if shape.yes_or_no or shape.among(_answers()) >= 0.9 else -0.6
    if field == "mail_consent":
        return 1.0 if shape.among(_answers()) >= 0.9 else -1.0
    if field in ("starts_on", "ends_on") and shape.clocked:
        # Nobody is employed at 12:51:45: somebody answered a form then.
        return -1.0
    if field in (*DATE_FIELDS, *INSTANT_FIELDS):
        return 1.0 if shape.dates >= 0.5 else 0.2 if shape.dates + shape.counted_dates >= 0.5 else -1.0
    if field == "birth_date":
        return 1.0 if shape.dates >= 0.5 else 0.2 if shape.numbers >= 0.5 else 0.0
    check = _CHECKS.get(field)
    return check(shape) if check else 0.0


@cache
def _answers() -> frozenset[str]:
    """What is answered to whether mailings are wanted."""
    return frozenset().union(*map(value_words, ("yes", "no", "wanted", "unwanted", "unsaid")))


def _against_text(shape: Shape) -> bool:
    return max(shape.emails, shape.dates, shape.phones, shape.numbers) >= 0.6 or shape.yes_or_no


def _is_constant(shape: Shape) -> bool:
    """Whether all say the same: that is nobody's own."""
    return shape.distinct == 1 and len(shape.values) > 3


def _as_name(shape: Shape) -> float:
    if _is_constant(shape) or _against_text(shape) or shape.organisations >= 0.3 or shape.letters < 0.5:
        return -1.0
    if shape.full_names >= _KNOWN_NAMES:
        return 1.0
    return 0.2 if shape.several_words >= 0.5 else -0.4


def _as_given(shape: Shape) -> float:
    if _against_text(shape) or shape.letters < 0.5:
        return -1.0
    return 1.0 if shape.first_names >= _KNOWN_NAMES else 0.1


def _as_family(shape: Shape) -> float:
    if _against_text(shape) or shape.letters < 0.5:
        return -1.0
    return 1.0 if shape.last_names >= 0.2 else 0.1


def _as_organisation(shape: Shape) -> float:
    if _against_text(shape):
        return -1.0
    return 1.0 if shape.organisations >= 0.25 else -0.5 if shape.full_names >= 0.6 else 0.1


def _as_role(shape: Shape) -> float:
    if _against_text(shape) or shape.among(value_words("title")) >= 0.6:
        return -1.0
    return -0.5 if shape.full_names >= 0.6 else 0.3


def _as_key(shape: Shape) -> float:
    if shape.dates >= 0.6 or shape.keys < 0.9:
        return -1.0
    if shape.unique == 1.0:
        return 1.0 if shape.filled == 1.0 and len(shape.values) > 1 else 0.3
    return -1.0 if shape.unique < 0.9 else 0.0


def _as_other_key(shape: Shape) -> float:
    return -1.0 if shape.dates >= 0.6 or shape.emails >= 0.6 or shape.phones >= 0.6 else 0.2


def _as_category(shape: Shape) -> float:
    if _against_text(shape) or (shape.unique > 0.8 and len(shape.values) > 8):
        return -1.0
    return 1.0 if shape.among(frozenset(category_words())) >= 0.5 else 0.1


def _as_status(shape: Shape) -> float:
    known = shape.among(frozenset(status_words()))
    if shape.states >= 0.6 and known < 0.5:
        return -1.0
    if shape.yes_or_no:
        return -0.5
    return 1.0 if known >= 0.5 else -1.0 if _against_text(shape) or shape.unique > 0.8 else -0.55


def _as_gender(shape: Shape) -> float:
    return 1.0 if shape.among(value_words("gender")) >= 0.8 else 0.3 if shape.distinct <= 4 else -0.8


def _as_address(shape: Shape) -> float:
    if shape.among(frozenset(status_words())) >= 0.6:
        return -1.0
    if shape.states >= 0.6 or shape.among(value_words("country")) >= 0.6 or shape.places >= 0.5:
        return 1.0
    return -1.0 if max(shape.emails, shape.dates) >= 0.6 else 0.1


def _as_other_person(shape: Shape) -> float:
    # Numbers are somebody else's key, which tells of nobody here.
    if shape.numbers >= 0.6 or (shape.keys >= 0.9 and shape.several_words < 0.3 and shape.emails < 0.5):
        return -1.0
    return 1.0 if shape.full_names >= _KNOWN_NAMES else 0.2


def _as_bank_account(shape: Shape) -> float:
    return 1.0 if shape.ibans >= 0.5 else 0.1


_CHECKS: Mapping[str, Callable[[Shape], float]] = {
    "name": _as_name,
    "given_name": _as_given,
    "family_name": _as_family,
    "org_name": _as_organisation,
    "role": _as_role,
    "source_key": _as_key,
    "contract_key": _as_key,
    "reference": _as_key,
    "org_key": _as_other_key,
    "relation_key": _as_other_key,
    "category": _as_category,
    "status": _as_status,
    "gender": _as_gender,
    "address": _as_address,
    "other_person": _as_other_person,
    "next_of_kin": lambda shape: 1.0 if shape.full_names >= _KNOWN_NAMES else 0.2,
    "bank_account": _as_bank_account,
    "salary": lambda shape: 0.5 if shape.numbers >= 0.6 else 0.0,
    "personnummer": lambda shape: 1.0 if shape.identity_numbers >= 0.5 else 0.0,
    "social_profile": lambda shape: 1.0 if shape.social >= 0.5 else 0.0,
    "ip_address": lambda shape: 1.0 if shape.net_addresses >= 0.6 else -0.5,
    "free_text": lambda shape: (
        -1.0
        if max(shape.emails, shape.phones) >= 0.6 or shape.yes_or_no
        else 0.6
        if shape.wordy >= 0.3
        # A few words that come again and again are chosen from a list.
        else -0.3
        if not shape.wordy and len(shape.values) > 5 and shape.unique < 0.5
        else 0.1
    ),
    "origin": lambda shape: -1.0 if shape.yes_or_no else 0.0,
}


def _by_values(shape: Shape, place: int, *, people: bool) -> dict[str, float]:
    """What a column is by its values alone, whatever it is called; with `people` also by the lists of their names."""
    if not shape.values:
        return {}
    found: dict[str, float] = {}
    if shape.special:
        found[shape.special] = 0.93
    if shape.identity_numbers >= 0.5:
        found[PERSONNUMMER_FIELD] = 0.97
    if shape.emails >= 0.8:
        found["email"] = 0.75
    if shape.phones >= 0.8 and not shape.identity_numbers and not shape.organisation_numbers:
        found["phone"] = 0.7
    if shape.net_addresses >= 0.8:
        found["ip_address"] = 0.85
    if shape.social >= 0.6:
        found["social_profile"] = 0.85
    if shape.organisation_numbers >= 0.6:
        found["other"] = 0.8
    if shape.ibans >= 0.6:
        found["bank_account"] = 0.9
    if people:
        found |= _by_people(shape)
    if shape.organisations >= 0.5:
        found["org_name"] = 0.6
    if shape.among(value_words("country")) >= 0.8:
        found["address"] = 0.6
    if shape.among(value_words("gender")) == 1.0 and 1 < shape.distinct <= 4:
        found["gender"] = 0.7
    if shape.wordy >= 0.6 and shape.unique >= 0.6:
        found["free_text"] = 0.6
    if place == 0 and len(shape.values) > 2 and _as_key(shape) == 1.0 and shape.keys == 1.0:
        found.setdefault("source_key", 0.5)
    return found


def _by_people(shape: Shape) -> dict[str, float]:
    if shape.full_names >= 0.5 and shape.organisations < 0.3 and shape.unique >= 0.3:
        return {"name": 0.7}
    if shape.first_names >= 0.7 and shape.distinct >= 3:
        return {"given_name": 0.6}
    return {"family_name": 0.55} if shape.last_names >= 0.6 and shape.distinct >= 3 else {}


@dataclass(frozen=True)
class _Score:
    """How likely a column is a field, and why."""

    score: float
    because: Because


def _scores(header: str, shape: Shape, place: int, *, people: bool = True) -> dict[str, _Score]:
    found: dict[str, _Score] = {}
    by_values = _by_values(shape, place, people=people)
    for field, name in by_name(header).items():
        if field == "org_name" and name <= PERHAPS and _is_constant(shape):
            continue
        agrees = _agrees(field, shape)
        if field in SPECIAL_CATEGORY_FIELDS or field == PERSONNUMMER_FIELD:
            # Its name is enough: what may be a special category is treated as one.
            agrees = max(agrees or 0.0, 0.0)
        if agrees is None or agrees == 0.0:
            found[field] = _Score(name * 0.95, Because.NAME)
        elif agrees >= 0.8:
            found[field] = _Score(max(name, 0.9) if name > PERHAPS else 0.75, Because.BOTH)
        elif agrees > 0:
            found[field] = _Score(min(1.0, name * (0.95 + 0.1 * agrees)), Because.NAME)
        else:
            found[field] = _Score(name * (1 + 0.8 * agrees), Because.CONTRADICTION)
    contradicted = any(one.because is Because.CONTRADICTION for one in found.values())
    certain = any(one.score >= _SURE and one.because is not Because.CONTRADICTION for one in found.values())
    for field, value in by_values.items():
        special = field in SPECIAL_CATEGORY_FIELDS or field == PERSONNUMMER_FIELD
        # A name that is clear is not outvoted by what its values resemble, but by what they surely are.
        if field not in found and (special or not certain):
            because = Because.CONTRADICTION if contradicted and not special else Because.VALUES
            found[field] = _Score(value, Because.VALUES if because is Because.VALUES or value >= 0.7 else because)
        if special:
            found = {name: one for name, one in found.items() if name == field or one.score < value} | {
                field: _Score(max(value, found[field].score if field in found else 0.0), found[field].because)
            }
    return found


def _assigned(
    headers: Sequence[str], scored: Sequence[Mapping[str, _Score]], filled: Sequence[float], allowed: set[str]
) -> list[Column]:
    """One field per column and one column per field, the likeliest pair first; of two alike the fuller one.

    So no column that is surely something gives it up for the sake of another that is not.
    """
    out = [_best_left_out(scores) for scores in scored]
    pairs = sorted(
        (
            (0.1 * (1 - filled[place]) - scores[field].score, place, field)
            for place, scores in enumerate(scored)
            for field in scores
            if field in allowed and scores[field].score >= _LIKELY and scores[field].score >= out[place][1]
        )
    )
    taken: dict[str, int] = {}
    chosen: dict[int, str] = {}
    for _, place, field in pairs:
        if field not in taken and place not in chosen:
            taken[field] = place
            chosen[place] = field
    columns: list[Column] = []
    for place, (header, scores) in enumerate(zip(headers, scored, strict=True)):
        if place in chosen:
            one = scores[chosen[place]]
            columns.append(
                Column(header=header, field=chosen[place], confidence=round(one.score, 2), because=one.because)
            )
            continue
        kind, score, because = out[place]
        wanted = max(
            (field for field in scores if field in allowed and scores[field].score >= _LIKELY),
            key=lambda field: scores[field].score,
            default=None,
        )
        if wanted and scores[wanted].score > score:
            # It is what another column already is.
            family = "name" if wanted in _NAMES else wanted
            kind = family if family in FURTHER_FIELDS else "other"
            score, because = scores[wanted].score, Because.FURTHER
        columns.append(Column(header=header, field=LEFT_OUT + kind, confidence=round(score, 2), because=because))
    return columns


def _best_left_out(scores: Mapping[str, _Score]) -> tuple[str, float, Because]:
    kinds = [
        (one.score, kind.removeprefix(_FURTHER), one.because)
        for kind, one in scores.items()
        if kind.removeprefix(_FURTHER) in LEFT_OUT_FIELDS and kind not in FURTHER_FIELDS
    ]
    score, kind, because = max(kinds, default=(0.0, "other", Because.NOTHING))
    # What is not read either way is no question for anybody.
    contradicted = any(one.because is Because.CONTRADICTION for field, one in scores.items() if field in STORED_FIELDS)
    if score < 0.4:
        return "other", 0.0, Because.CONTRADICTION if contradicted else Because.NOTHING
    return kind, score, because


def _record(name: str, headers: Sequence[str], fields: set[str]) -> RecordType:
    words = {RecordType(kind): names for kind, names in synonyms()["record"].items()}
    told = folded(f"{name} {' '.join(headers)}")
    of_a_person = {"name", "given_name", "family_name", "email"} & fields
    if {"org_name", "org_key"} <= fields and not of_a_person and "contract_key" not in fields:
        return RecordType.ORGANISATION

    def fits(kind: RecordType) -> tuple[float, int]:
        known = fields | {name for field, name in _AS.get(kind, {}).items() if field in fields}
        whole = all(field in known for field in REQUIRED[kind])
        columns = of_a_person if kind is RecordType.PERSON else _OWN.get(kind, {"org_name"}) & fields
        own = bool(columns)
        count = sum(word in told for word in words.get(kind, ()))
        return (
            2.0 * (whole and own) + (0.1 * count if own else -1.0) + 0.5 * (kind is RecordType.PERSON),
            len(columns),
        )

    return max(RecordType, key=fits)


def _category(name: str, headers: Sequence[str], fields: Sequence[str], source: str) -> Category | None:
    """In what capacity the persons are stored, where no column tells it of each."""
    return None if "category" in fields else systems.likely_category(name, headers, source)
