"""Rows in the house's format, written as other systems write them, and damaged: each by a seed, always alike."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import openpyxl

HEADERS = (
    "Prospekt-ID", "Namn", "E-post", "Telefon", "Befattning", "Företag", "Källa", "Registrerad", "Senaste möte",
)  # fmt: skip
FIELDS = (
    "source_key", "name", "email", "phone", "role", "org_name", "origin", "registered_on", "met_on",
)  # fmt: skip
Row = tuple[str, ...]

_GIVEN = ("Eva", "Bo", "Åsa", "Total", "Örjan", "Anna-Lisa", "D'Arcy", "Summa", "Zoë", "Copyright")
_FAMILY = ("Ek", "Al", "Öberg", "Andersson", "Berg", "von Ångström", "Rader", "Header")
_COMPANIES = ("Bolaget AB", "Total", "Summa Förvaltning", 'Kalle "Kula" AB', "A; B & C", "Åkeri, Norr", "")
_ROLES = ("Chef", "Säljare, inköp", "Systemägare", "", "Page 1 of 2")
_TITLES = ("Rapport: Kontakter", "Alla kontakter", "Skapad 2026-11-20", "Export av prospekt", "Notes:")
_FOOTERS = (
    "Totalt: {n} rader", "Grand Totals ({n} records)", "Copyright (c) 2000-2026 Systemet, inc.",
    "Confidential Information - Do Not Distribute", "({n} rows affected)", "Antal: {n}",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A file, what was done to make it, and the rows that must come out of it: loaded and kept out by their keys.

    Where `rows` is None the file was damaged, and nothing is known of its rows.
    """

    content: bytes
    how: tuple[str, ...]
    rows: tuple[Row, ...] | None
    kept_out: tuple[str, ...] = ()
    no_data: int | None = None


def house_rows(rng: random.Random, count: int | None = None) -> list[Row]:
    """Persons as the house's own format has them, each with a key and an address."""
    rows: list[Row] = []
    width = rng.choice((0, 3, 6))
    for number in range(count or rng.choice((1, 2, 3, 5, 12, 40, 90))):
        key = f"{rng.choice(('P', '', 'KUND-'))}{number + 1:0{width}d}" if width else f"P{number + 1}"
        day = f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
        rows.append(
            (
                key,
                f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}",
                f"p{number + 1}@bolaget.example",
                rng.choice(("", "070-1740605", "+46 70 174 06 05")),
                rng.choice(_ROLES),
                rng.choice(_COMPANIES),
                rng.choice(("Mässa", "Webb", "rad ett\nrad två", "")),
                day,
                rng.choice(("", day)),
            )
        )
    return rows


def house_format(rows: Sequence[Row]) -> bytes:
    """The rows in the house's own format."""
    return _delimited([HEADERS, *rows], ";", "\r\n", csv.QUOTE_MINIMAL).encode("utf-8-sig")


def made(seed: int) -> Made:
    """The file of a seed: rows in some shape, and in every third case damage."""
    rng = random.Random(seed)
    whole = _in_some_shape(rng)
    if rng.random() < 0.65:
        return whole
    return _damaged(rng, whole)


def _in_some_shape(rng: random.Random) -> Made:
    rows = house_rows(rng)
    kind = rng.choices(("text", "zip", "gzip", "xlsx", "ods"), (80, 6, 6, 5, 3))[0]
    if kind in ("xlsx", "ods"):
        return _workbook(rng, rows, kind)
    found = _text(rng, rows)
    if kind == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr(rng.choice(("a.csv", "mapp/å.txt", "../a.csv")), found.content)
            if rng.random() < 0.3:
                package.writestr("__MACOSX/._a.csv", b"\x00\x05\x16\x07")
        return Made(packed.getvalue(), ("zip", *found.how), found.rows, found.kept_out, found.no_data)
    if kind == "gzip":
        return Made(gzip.compress(found.content), ("gzip", *found.how), found.rows, found.kept_out, found.no_data)
    return found


def _delimited(rows: Sequence[Sequence[str]], delimiter: str, newline: str, quoting: int) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


def _text(rng: random.Random, rows: list[Row]) -> Made:
    how: list[str] = []
    delimiter = rng.choice((";", ",", "\t", "|", "^", "~"))
    encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252"))
    newline = rng.choice(("\r\n", "\n"))
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    how += [repr(delimiter), encoding, repr(newline), f"quoting {quoting}"]
    table: list[tuple[str, ...]] = [HEADERS, *rows]
    kept_out: list[str] = []
    no_data = 0

    def line(text: str) -> tuple[str, ...]:
        """A line about the report, alone or padded to the table's width."""
        return (text, *[""] * (len(HEADERS) - 1)) if padded else (text,)

    padded = rng.random() < 0.4
    if rng.random() < 0.3:
        how.append("headers again")
        for _ in range(rng.randrange(1, 3)):
            table.insert(rng.randrange(2, len(table) + 1), HEADERS)
            no_data += 1
    if rng.random() < 0.2 and len(rows) > 1:
        how.append("nul")
        place = next(at for at in range(1, len(table)) if table[at] == rows[0])
        table[place] = (rows[0][0], f"{rows[0][1]}\x00", *rows[0][2:])
        kept_out.append(rows[0][0])
        rows = rows[1:]
    if rng.random() < 0.2:
        how.append("short row")
        table.insert(rng.randrange(2, len(table) + 1), ("P9999", "kort"))
        kept_out.append("P9999")
    trailing = rng.random() < 0.2
    if trailing:
        how.append("trailing delimiters")
        table = [(*row, "") for row in table]
    if rng.random() < 0.3:
        how.append("blank lines")
        for _ in range(rng.randrange(1, 4)):
            table.insert(rng.randrange(1, len(table) + 1), line("") if padded else ())
            no_data += 1
    if rng.random() < 0.35:
        how.append("titles")
        titles = [line(text) for text in rng.sample(_TITLES, rng.randrange(1, 4))]
        if rng.random() < 0.7:
            titles.append(line("") if padded else ())
        table = [*titles, *table]
        no_data += len(titles)
    if rng.random() < 0.35:
        how.append("footers")
        if rng.random() < 0.5:
            table.append(line("") if padded else ())
            no_data += 1
        footers = [line(text.format(n=len(rows))) for text in rng.sample(_FOOTERS, rng.randrange(1, 4))]
        table += footers
        no_data += len(footers)
    text = _delimited(table, delimiter, newline, quoting)
    if rng.random() < 0.1:
        how.append("each row quoted")
        records = [_delimited([row], delimiter, newline, csv.QUOTE_MINIMAL).removesuffix(newline) for row in table]
        text = "".join(
            f'"{record.replace(chr(34), chr(34) * 2)}"{newline}' if record else newline for record in records
        )
    if rng.random() < 0.25:
        how.append("sep=")
        told = delimiter if rng.random() < 0.8 else next(mark for mark in (";", ",") if mark != delimiter)
        text = f"sep={told}{newline}{text}"
        no_data += 1
    if rng.random() < 0.2:
        how.append("no line end")
        text = text.removesuffix(newline)
        # What was a blank line is the end of the one before.
        if not table[-1]:
            no_data -= 1
    return Made(text.encode(encoding), tuple(how), tuple(rows), tuple(kept_out), no_data)


def _workbook(rng: random.Random, rows: list[Row], kind: str) -> Made:
    how = [kind]
    table: list[Sequence[str]] = [HEADERS, *rows]
    no_data = 0
    if rng.random() < 0.5:
        how.append("titles")
        table = [("Rapport: Kontakter",), (), *table]
        no_data += 2
    if rng.random() < 0.5:
        how.append("footers")
        table += [("Totalt", str(len(rows))), ("Confidential Information - Do Not Distribute",)]
        no_data += 2
    if kind == "ods":
        return Made(opendocument(table), tuple(how), tuple(rows), (), no_data)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in table:
        sheet.append(list(row))
    if rng.random() < 0.3:
        how.append("hidden sheet")
        book.create_sheet("hiddenSheet").sheet_state = "veryHidden"
    content = io.BytesIO()
    book.save(content)
    return Made(content.getvalue(), tuple(how), tuple(rows), (), no_data)


def opendocument(rows: Sequence[Sequence[str]], *, dates: bool = False) -> bytes:
    """A small OpenDocument spreadsheet, with the rows and columns of nothing that office programs write after it.

    With `dates`, what begins with 20 is a date to the spreadsheet, and not a text that looks like one.
    """

    def kind(cell: str) -> str:
        return f'"date" office:date-value="{cell}"' if dates and cell[:2] == "20" else '"string"'

    told = "".join(
        "<table:table-row>"
        + "".join(
            f"<table:table-cell office:value-type={kind(cell)}><text:p>{_escaped(cell)}</text:p></table:table-cell>"
            for cell in row
        )
        + '<table:table-cell table:number-columns-repeated="16300"/></table:table-row>'
        for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Blad1">{told}'
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", "<manifest/>")
    return packed.getvalue()


def _escaped(cell: str) -> str:
    text = cell.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return text.replace("\n", "</text:p><text:p>")


def _damaged(rng: random.Random, whole: Made) -> Made:
    """The same file with damage, of whose rows nothing is known."""
    name, damage = rng.choice(_DAMAGES)
    content = whole.content
    for _ in range(rng.randrange(1, 4)):
        content = damage(rng, content) if content else content
    return Made(content, (*whole.how, name), None)


def _cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content))]


def _flipped(rng: random.Random, content: bytes) -> bytes:
    place = rng.randrange(len(content))
    return content[:place] + bytes([rng.randrange(256)]) + content[place + 1 :]


def _inserted(rng: random.Random, content: bytes) -> bytes:
    place = rng.randrange(len(content) + 1)
    told = rng.choice(
        (b'"', b"\n", b"\r", b"\r\n", b"\x00", b"\x1a", b";", b",,,,,", b"\xff\xfe", b"\xef\xbb\xbf", b"'", b"\xc3",
         b"sep=,\n", b"1,23457E+11", b"Totalt\n", b"<html>", b"\x85", b"\xe2\x80\xa8", b"=cmd()")
    )  # fmt: skip
    return content[:place] + told + content[place:]


def _removed(rng: random.Random, content: bytes) -> bytes:
    place = rng.randrange(len(content))
    return content[:place] + content[place + rng.randrange(1, 40) :]


def _doubled(rng: random.Random, content: bytes) -> bytes:
    begin = rng.randrange(len(content))
    return content[:begin] + content[begin : begin + rng.randrange(1, 400)] * 2 + content[begin:]


def _noise(rng: random.Random, content: bytes) -> bytes:
    return rng.randbytes(rng.randrange(1, 600)) if rng.random() < 0.5 else content + rng.randbytes(20)


_DAMAGES: tuple[tuple[str, Callable[[random.Random, bytes], bytes]], ...] = (
    ("cut", _cut),
    ("flipped", _flipped),
    ("inserted", _inserted),
    ("removed", _removed),
    ("doubled", _doubled),
    ("noise", _noise),
)
