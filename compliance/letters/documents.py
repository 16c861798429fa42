"""A letter as a file: PDF to print or attach, DOCX to go on writing in."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from pathlib import Path
from typing import Literal

import docx
from docx.shared import Pt

from compliance.letters.wording import Letter
from compliance.show import typeset
from compliance.words.deadlines import STOCKHOLM

Form = Literal["pdf", "docx"]
FORMS: tuple[Form, ...] = ("pdf", "docx")
MIMES: dict[Form, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_TEMPLATE = Path(__file__).parent / "letter.typ"
_ITEM = "- "
# So much of a heading the properties of a DOCX hold.
_TITLE = 255
# What no file can hold, for XML knows no such characters; it comes along when somebody pastes.
_UNHELD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def digest(letter: Letter) -> str:
    """What tells one letter from another: SHA-256 of what it says, as its files say it."""
    letter = held(letter)
    return hashlib.sha256(f"{letter.heading}\n\n{letter.text}".encode()).hexdigest()


def content(letter: Letter, form: Form, language: str, on: dt.date) -> bytes:
    """The letter in a form, dated, without characters that no file can hold."""
    letter = held(letter)
    return _pdf(letter, language, on) if form == "pdf" else _docx(letter, language, on)


def held(letter: Letter) -> Letter:
    """A letter as its files say it: without characters that none of them can hold."""
    return Letter(_UNHELD.sub("", letter.heading), _UNHELD.sub("", letter.text))


def _paragraphs(letter: Letter) -> list[list[str]]:
    return [part.splitlines() for part in letter.text.split("\n\n") if part.strip()]


def _pdf(letter: Letter, language: str, on: dt.date) -> bytes:
    told = {
        "language": language, "heading": letter.heading, "date": on.isoformat(),
        "paragraphs": [
            {"items": [line.removeprefix(_ITEM) for line in lines], "is_list": _is_list(lines)}
            for lines in _paragraphs(letter)
        ],
    }  # fmt: skip
    return typeset.pdf(_TEMPLATE, told, dt.datetime.combine(on, dt.time(), STOCKHOLM))


def _docx(letter: Letter, language: str, on: dt.date) -> bytes:
    document = docx.Document()
    made = dt.datetime.combine(on, dt.time())
    properties = document.core_properties
    # Who wrote it is the company, and when is the date on it.
    properties.author, properties.last_modified_by, properties.comments = "", "", ""
    properties.title, properties.language = letter.heading[:_TITLE], language
    properties.created = properties.modified = made
    document.styles["Normal"].font.size = Pt(11)
    document.add_paragraph(on.isoformat())
    document.add_heading(letter.heading, level=1)
    for lines in _paragraphs(letter):
        if _is_list(lines):
            for line in lines:
                document.add_paragraph(line.removeprefix(_ITEM), style="List Bullet")
        else:
            document.add_paragraph("\n".join(lines))
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _is_list(lines: list[str]) -> bool:
    return all(line.startswith(_ITEM) for line in lines)
