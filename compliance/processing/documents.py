"""A version of the register as a file: PDF to print, and a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from compliance.processing import assigned, rows, state
from compliance.processing.state import Value, Version
from compliance.show import typeset
from compliance.show.columns import Column, Row
from compliance.show.extract import Part, Sheet, Stamp, file_name, parts_of
from compliance.show.together import Table, workbook
from compliance.words import times
from compliance.words.texts import say
from compliance.words.vocabulary import Category

Form = Literal["pdf", "xlsx"]
FORMS: tuple[Form, ...] = ("pdf", "xlsx")
WHAT = "processing_register"
_TEMPLATE = Path(__file__).parent / "register.typ"


@dataclass(frozen=True)
class Document:
    """A version as it leaves. `customers` are the names of those whose an environment is, by its key, as the copy knows
    them; `officer` is the reference of the data protection officer, None where nobody is; `is_whole` is whether what
    people wrote in words of their own leaves too.
    """

    version: Version
    stamp: Stamp
    language: str
    sources: Mapping[str, str]
    customers: Mapping[str, str]
    officer: str | None
    is_whole: bool

    def parts(self, form: Form) -> Iterable[Part]:
        """The file with how many rows it has."""
        if form == "xlsx":
            return [workbook(self._tables(), self.language)]
        return [(typeset.pdf(_TEMPLATE, self._told(), self.version.made_at), len(self.version.content))]

    def name(self, form: Form) -> str:
        """A name for the file: the version, its day, the language."""
        stem = f"{say('processing.title', self.language)} {self.version.version_id}"
        return file_name(stem, self.stamp, self.language, form)

    def _sections(self) -> list[tuple[str, dict[str, Mapping[str, Value]]]]:
        """Both halves, each in the order in which its page shows it: a version itself is kept in none."""
        content = self.version.content
        of_categories = {one.value: content[one.value] for one in Category if one.value in content}
        of_environments = {thing: content[thing] for thing in sorted(content) if thing.startswith(assigned.PREFIX)}
        return [("own", of_categories), ("assigned", of_environments)]

    def _fields(self, part: Mapping[str, Mapping[str, Value]]) -> list[str]:
        found = {field for told in part.values() for field in told}
        of_environments = any(thing.startswith(assigned.PREFIX) for thing in part)
        ordered, free = (assigned.FIELDS, assigned.FREE) if of_environments else (state.FIELDS, state.FREE)
        return [field for field in ordered if field in found and (self.is_whole or field not in free)]

    def _tables(self) -> list[Table]:
        made = []
        for name, part in self._sections():
            fields = self._fields(part)
            shown = [
                Column("category_name", say(f"processing.{name}_thing", self.language), "text"),
                *(
                    Column(f"processing_{field}", say(f"column.processing_{field}", self.language), "text")
                    for field in fields
                ),
            ]
            sheet = Sheet(f"{WHAT}_{name}", shown, self.language, "excel", self.stamp)
            lines = [self._row(thing, told, fields) for thing, told in part.items()]
            made.append(Table(say(f"processing.{name}_title", self.language), sheet, _writer(lines)))
        return made

    def _row(self, thing: str, told: Mapping[str, Value], fields: Iterable[str]) -> Row:
        return {
            "category_name": self._called(thing),
            **{f"processing_{field}": self._in_words(field, told.get(field)) for field in fields},
        }

    def _called(self, thing: str) -> str:
        called = rows.thing_in_words(thing, self.language)
        customer = self.customers.get(thing.removeprefix(assigned.PREFIX)) if thing.startswith(assigned.PREFIX) else ""
        return f"{called}, {customer}" if customer else called

    def _in_words(self, field: str, value: Value) -> str:
        return rows.in_words(field, value, self.language, self.sources)

    def _told(self) -> dict[str, object]:
        tongue, version = self.language, self.version
        officer = self.officer or say("common.unknown", tongue)
        return {
            "language": tongue,
            "title": say("processing.title", tongue),
            "stamp": say(
                "processing.stamp", tongue, version=version.version_id, day=version.as_of,
                made=times.written(version.made_at),
            ),
            "officer": say("processing.officer", tongue, reference=officer),
            "note": version.note if self.is_whole else "",
            "sections": [
                {
                    "title": say(f"processing.{name}_title", tongue),
                    "help": say(f"processing.{name}_help", tongue),
                    "things": [
                        {
                            "name": self._called(thing),
                            "fields": [
                                [say(f"column.processing_{field}", tongue), self._in_words(field, told.get(field))]
                                for field in self._fields(part)
                            ],
                        }
                        for thing, told in part.items()
                    ],
                }
                for name, part in self._sections()
                if part
            ],
        }  # fmt: skip


def _writer(lines: list[Row]) -> Callable[[Sheet], Iterable[Part]]:
    return lambda sheet: parts_of(sheet, [lines])
