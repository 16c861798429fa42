"""Which column of an export is what: the catalogue in data/sources.toml, and proposals for files it does not know."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from compliance.sources import tables as sources_tables
from compliance.sources.header_words import by_name, folded, without_remarks
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import (
    COUNTED_FIELDS,
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

LEFT_OUT_FIELDS = (*COUNTED_FIELDS, PERSONNUMMER_FIELD, *SPECIAL_CATEGORY_FIELDS, *FURTHER_FIELDS)
REQUIRED: Mapping[RecordType, tuple[str, ...]] = {
    RecordType.ORGANISATION: ("source_key",),
    RecordType.CONTRACT: ("contract_key", "org_key"),
    RecordType.PERSON: ("source_key",),
    RecordType.VOUCHER: ("source_key", "relation_key", "fiscal_year"),
    RecordType.WEB_LEAD: ("source_key", "cookie_name", "set_at"),
    RecordType.ERASURE_REQUEST: ("reference", "received_at"),
    RecordType.ENVIRONMENT: ("source_key",),
    RecordType.MAILING: ("source_key", "email", "sent_on"),
    RecordType.OPT_OUT: ("source_key", "email", "opted_out_on"),
    RecordType.ACCESS_GRANT: ("source_key", "environment_key", "holder"),
}
# Without them a person is not found again, or their clock is another.
_DECISIVE = frozenset({*DATE_FIELDS, "status", "email", "phone", "mail_consent"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# How an overwritten column is emptied; TOML has no word for it.
NULL = "null"


@lru_cache(maxsize=4096)
def _folded(header: str) -> str:
    # A header that says of itself that it must be filled in is the same header.
    return folded(without_remarks(header)) or folded(header)


class Source(BaseModel):
    """A system that exports come from. Older than `max_age_hours` its export is stale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Mapping[str, str]
    max_age_hours: int


class Treatment(BaseModel):
    """What is done to the rows of one table whose `key` holds a purged record's key; `table` may be schema.table.

    `overwrite` says what `anonymise` writes into which column, the word "null" for nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    table: str = Field(min_length=1)
    key: str = Field(min_length=1)
    mode: Literal["delete", "anonymise"]
    overwrite: Mapping[str, StrictStr | StrictBool | StrictInt | StrictFloat] = {}

    @model_validator(mode="after")
    def _something_to_write(self) -> Treatment:
        if (self.mode == "anonymise") != bool(self.overwrite):
            raise ValueError(f"{self.table}: anonymise needs overwrite, and delete has none")
        return self


class Erase(Treatment):
    """How records are erased in their own system: `related` tables first, in their order, then this one.

    `url` names the environment variable that holds the database's SQLAlchemy URL.
    """

    url: str
    related: tuple[Treatment, ...] = ()

    @field_validator("url")
    @classmethod
    def _name_of_a_variable(cls, url: str) -> str:
        # A URL holds a password, and this file does not keep secrets.
        if "://" in url:
            raise ValueError("url is the name of an environment variable that holds the URL, never the URL itself")
        if not _VARIABLE.fullmatch(url):
            raise ValueError("url is the name of an environment variable: letters, digits and _")
        return url

    @model_validator(mode="after")
    def _key_stays(self) -> Erase:
        # By its key an interrupted erasure finds out how far it came.
        if self.key in self.overwrite:
            raise ValueError(f"{self.table}: the key {self.key} cannot be overwritten")
        return self


class Dataset(BaseModel):
    """One kind of export and what its columns mean. Headers are compared without case and surplus spaces.

    With `key_is_email` the export has no key of its own, and the address is the key. A file has one of `marks`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    source: str
    record: RecordType
    files: tuple[str, ...] = ()
    sheet: str | None = None
    product: str | None = None
    category: Category | None = None
    category_values: Mapping[str, Category] = {}
    status_values: Mapping[str, StatedStatus] = {}
    key_is_email: bool = False
    marks: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, tuple[str, ...]] = {}
    dates: Mapping[str, str] = {}
    erase: Erase | None = None

    @field_validator("headers")
    @classmethod
    def _known_fields(cls, headers: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        for name in headers:
            if name not in STORED_FIELDS:
                raise ValueError(f"no such field: {name}")
        return headers

    @field_validator("left_out")
    @classmethod
    def _known_kinds(cls, left_out: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        for name in left_out:
            if name not in LEFT_OUT_FIELDS:
                raise ValueError(f"no such left-out field: {name}")
        return left_out

    @model_validator(mode="after")
    def _consistent(self) -> Dataset:
        for name in self.required:
            if name not in self.headers:
                raise ValueError(f"{self.record.value} needs the field {name}")
        if self.key_is_email and self.record is not RecordType.PERSON:
            raise ValueError("only persons may have their address as their key")
        if self.erase and "source_key" not in self.headers:
            raise ValueError("erase needs the field source_key")
        for name in self.dates:
            if name not in (*DATE_FIELDS, *INSTANT_FIELDS):
                raise ValueError(f"not a date field: {name}")
        seen: dict[str, str] = {}
        for field, names in (*self.headers.items(), *self.left_out.items()):
            for header in names:
                if seen.setdefault(_folded(header), field) != field:
                    raise ValueError(f"the header {header} means two fields")
        return self

    @property
    def required(self) -> tuple[str, ...]:
        """The fields without which its rows cannot be told apart."""
        wanted = REQUIRED[self.record]
        return tuple("email" if name == "source_key" else name for name in wanted) if self.key_is_email else wanted

    def needs_category(self, headers: Sequence[str]) -> bool:
        """Whether nothing of a file tells in what capacity its persons are stored."""
        if self.record is not RecordType.PERSON or self.category is not None:
            return False
        return "category" not in self.fields_for(headers)

    def fields_for(self, headers: Sequence[str]) -> list[str]:
        """For each column the field it is read into, `left_out_<n>` where it is not read.

        Of several columns for one field it is the one that the mapping names first.
        """
        rank = {
            _folded(header): (place, field)
            for field, names in self.headers.items()
            for place, header in reversed([*enumerate(names)])
        }
        best: dict[str, tuple[int, int]] = {}
        for column, header in enumerate(headers):
            if _folded(header) in rank:
                place, field = rank[_folded(header)]
                best[field] = min(best.get(field, (place, column)), (place, column))
        read = {column: field for field, (_, column) in best.items()}
        return [read.get(column, f"left_out_{column}") for column in range(len(headers))]

    def fits(self, headers: Sequence[str]) -> float:
        """How well a header row fits, from 0 (a required column is missing) to 1 (every column is known)."""
        fields = self.fields_for(headers)
        if any(name not in fields for name in self.required):
            return 0.0
        if self.marks and not {_folded(mark) for mark in self.marks} & {_folded(header) for header in headers}:
            return 0.0
        if self.record is RecordType.PERSON and not {"name", "given_name", "family_name", "email"} & set(fields):
            return 0.0
        known = {_folded(name) for names in self.left_out.values() for name in names}
        hits = sum(
            not field.startswith("left_out_") or _folded(header) in known
            for field, header in zip(fields, headers, strict=True)
        )
        return hits / len(headers)

    def misses(self, headers: Sequence[str]) -> list[str]:
        """Headers that the mapping does not know although their names say surely that they decide something: of a
        product's mapping anything that does, of others what they read under another name and do not find.
        """
        fields = self.fields_for(headers)
        sought = _DECISIVE if self.product else _DECISIVE & self.headers.keys()
        known = {_folded(name) for names in self.left_out.values() for name in names}
        return [
            header
            for field, header in zip(fields, headers, strict=True)
            if field.startswith("left_out_")
            and _folded(header) not in known
            and any(score >= 0.9 and told in sought - {*fields} for told, score in by_name(header).items())
        ]


class Catalogue(BaseModel):
    """All sources and the datasets that are known of them, saved ones before shipped ones."""

    model_config = ConfigDict(frozen=True)

    sources: Mapping[str, Source]
    datasets: tuple[Dataset, ...]

    def match(self, name: str, headers: Sequence[str], sheet: str | None = None) -> Dataset | None:
        """The dataset that a table of a file is, by its headers first and its name second; None if none fits.

        A mapping is none, whatever the file is called, where a column that it does not know is surely one that is to
        be read: a column that was given another name would be left out, and whoever left be employed for ever.
        """
        best: tuple[float, Dataset] | None = None
        for dataset in self.datasets:
            fit = dataset.fits(headers)
            if fit == 0.0 or (dataset.sheet and sheet and _folded(dataset.sheet) != _folded(sheet)):
                continue
            named = any(fnmatch.fnmatch(name.casefold(), pattern.casefold()) for pattern in dataset.files)
            if dataset.misses(headers):
                continue
            score = fit + (1.0 if named else 0.0)
            # Without its name a file must be recognised by most of its columns.
            if (named or fit >= 0.7) and (best is None or score > best[0]):
                best = (score, dataset)
        return best[1] if best else None

    def find(self, dataset_id: str) -> Dataset:
        """A dataset by its id. Raises Refused `dataset_unknown`."""
        for dataset in self.datasets:
            if dataset.id == dataset_id:
                return dataset
        raise Refused("dataset_unknown", dataset=dataset_id)


def load_catalogue(path: Path, saved: Iterable[Dataset] = ()) -> Catalogue:
    """The catalogue of a sources.toml, with saved mappings before its own.

    Who saves a mapping does not decide what is erased in a system: that is the file's word alone.
    Raises Refused `sources_unreadable` that says where the file contradicts itself.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Refused("config_missing", file=path.name) from None
    except UnicodeDecodeError as error:
        raise Refused("config_unreadable", file=path.name, where=str(error)) from None
    catalogue = _shipped(path.name, text)
    kept = tuple(saved)
    return _with(catalogue, kept) if kept else catalogue


# Every page asks for the sources' names up to three times. By the file's whole content, which is read each time: a date
# of change would miss what is changed twice within one tick of the clock.
@lru_cache(maxsize=8)
def _shipped(name: str, text: str) -> Catalogue:
    try:
        content: dict[str, Any] = tomllib.loads(text)
        sources = {name: Source.model_validate(table) for name, table in content.get("source", {}).items()}
        datasets = tuple(Dataset.model_validate(table) for table in content.get("dataset", []))
    except ValidationError as error:
        raise Refused("sources_unreadable", file=name, where=error.errors()[0]["msg"]) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused("config_unreadable", file=name, where=str(error)) from None
    if not sources:
        raise Refused("config_unreadable", file=name, where="[source]")
    ids: set[str] = set()
    for dataset in datasets:
        if dataset.id in ids or dataset.source not in sources:
            raise Refused("sources_unreadable", file=name, where=dataset.id)
        ids.add(dataset.id)
    return Catalogue(sources=sources, datasets=datasets)


def _with(catalogue: Catalogue, saved: Iterable[Dataset]) -> Catalogue:
    shipped = {dataset.id: dataset for dataset in catalogue.datasets}
    kept = tuple(one.model_copy(update={"erase": _erase_of(one, shipped.get(one.id))}) for one in saved)
    own = {dataset.id for dataset in kept}
    return Catalogue(
        sources=catalogue.sources, datasets=(*kept, *(one for one in catalogue.datasets if one.id not in own))
    )


def _erase_of(saved: Dataset, shipped: Dataset | None) -> Erase | None:
    if shipped is None or saved.source != shipped.source:
        return None
    # Another column as the key may hold other records' keys.
    key = {_folded(header) for header in saved.headers.get("source_key", ())}
    return (
        shipped.erase if key and key <= {_folded(header) for header in shipped.headers.get("source_key", ())} else None
    )


def from_columns(
    *,
    dataset_id: str,
    source: str,
    record: RecordType,
    category: Category | None,
    headers: Sequence[str],
    fields: Sequence[str],
    files: Sequence[str] = (),
    dates: Mapping[str, str] | None = None,
    category_values: Mapping[str, Category] | None = None,
    status_values: Mapping[str, StatedStatus] | None = None,
    key_is_email: bool = False,
) -> Dataset:
    """A dataset from a person's choice of field per column (`left_out:<kind>` for those not to be read).

    The words of a column that tells the category, or the status, are given with what they mean.

    Raises Refused `mapping_invalid` with what is wrong.
    """
    read: dict[str, tuple[str, ...]] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    for header, field in zip(headers, fields, strict=True):
        target = left_out if field.startswith("left_out:") else read
        kind = field.removeprefix("left_out:")
        if target is read and kind in read:
            raise Refused("mapping_twice", field=kind)
        target[kind] = (*target.get(kind, ()), header)
    for name in REQUIRED[record]:
        if (name if not key_is_email or name != "source_key" else "email") not in read:
            raise Refused("mapping_missing", field=name)
    if record is RecordType.PERSON and category is None and "category" not in read:
        raise Refused("mapping_category")
    try:
        return Dataset(
            id=dataset_id,
            source=source,
            record=record,
            files=tuple(files),
            category=category,
            headers=read,
            left_out=left_out,
            dates=dates or {},
            category_values=category_values or {},
            status_values=status_values or {},
            key_is_email=key_is_email,
        )
    except ValidationError as error:
        raise Refused("mapping_invalid", where=error.errors()[0]["msg"]) from None


def saved_mappings(register: sa.Engine) -> list[Dataset]:
    """The mappings that people saved, newest first."""
    with register.connect() as connection:
        bodies = connection.execute(
            sa.select(sources_tables.saved_mapping.c.body).order_by(sources_tables.saved_mapping.c.saved_at.desc())
        ).scalars()
        return [Dataset.model_validate_json(body) for body in bodies]


def catalogue_of(settings: Settings, register: sa.Engine, source: str | None = None) -> Catalogue:
    """The shipped and the saved mappings, of one source or of all. Raises Refused `source_unknown`."""
    catalogue = load_catalogue(settings.config / "sources.toml", saved_mappings(register))
    if source is None:
        return catalogue
    if source not in catalogue.sources:
        raise Refused("source_unknown", source=source, known=", ".join(catalogue.sources))
    own = tuple(dataset for dataset in catalogue.datasets if dataset.source == source)
    return catalogue.model_copy(update={"datasets": own})
