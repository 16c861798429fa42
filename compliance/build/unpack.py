"""What a file is, by its content and not by its name, and the tables that lie packed in it as plain files.

Workbooks and archives are unpacked into a folder of the caller's, within bounds; names from inside them are shown to
people and never used as paths.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import re
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from compliance.build import workbook
from compliance.build.limits import BLOCK, Limits
from compliance.words.files import private
from compliance.words.refusal import Refused

Kind = Literal["csv", "workbook", "parquet", "database"]
# Why a part of a file is not read. Texts: `aside.<value>`.
AsideReason = Literal["hidden", "empty", "not_a_table"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP = b"\x1f\x8b"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET = b"PAR1"
_PACKED = (b"BZh", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", b"{\\rtf", b"SQLite format 3")
# What the members of an archive of exports may be called; the rest is told and left aside.
_TABLES = {"", ".csv", ".txt", ".tsv", ".tab", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".dat", ".skv", ".gz", ".zip"}
_LITTER = re.compile(r"(^|/)(__MACOSX/|\.[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)

# What is raised of a damaged archive: each way to compress has its own, and a member's name need be no text any more.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(NotImplementedError, RuntimeError, UnicodeDecodeError),
)


class _Stream(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class Part:
    """One table of a file as a file of its own. `name` is what its sheet or member is called; `file_name` is set where
    it was a file, by whose name it may be known. `by_row`: its lines are the rows of a sheet. `place` is its place in
    the file, from 1. `from_1904`: its workbook counts days from 1904. `unworked`: it has formulas without what they
    give, in place of which workbook.UNWORKED stands.
    """

    path: Path
    name: str | None = None
    file_name: str | None = None
    by_row: bool = False
    place: int = 1
    from_1904: bool = False
    unworked: bool = False


@dataclass(frozen=True)
class Aside:
    """A part of a file that is not read: its place in the file, from 1, its name, and why."""

    place: int
    name: str
    reason: AsideReason


@dataclass(frozen=True)
class Unpacked:
    """What a file is, and its tables. Parquet is no table of text, and its part is the file itself."""

    kind: Kind
    parts: tuple[Part, ...]
    aside: tuple[Aside, ...] = ()


def is_packed(path: Path) -> bool:
    """Whether a file's tables have to be unpacked before they can be read."""
    with path.open("rb") as file:
        return file.read(8).startswith((*_ZIP, _GZIP, _OLE))


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_part(refused: Refused, place: int) -> Refused:
    """The refusal of a file by what is wrong with one of its parts."""
    return Refused("file_part_unreadable", **{**refused.values, "place": place, "of_part": refused.code})


def unpack(path: Path, folder: Path, limits: Limits) -> Unpacked:
    """The tables of a file; what has to be unpacked lies in `folder` then, which is made.

    Raises Refused `file_...` with what the file is and what to do.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(_ZIP):
        return _archive(path, folder, limits)
    if head.startswith(_GZIP):
        return _inside(_gunzipped(path, private(folder) / "unpacked", limits), folder, limits)
    if head.startswith(_OLE):
        return _workbook(path, folder, limits)
    if head.startswith(_PARQUET):
        return Unpacked("parquet", (Part(path),))
    _refuse_known(head)
    return Unpacked("csv", (Part(path),))


def _refuse_known(head: bytes) -> None:
    """Refuses what is no table, by what it is."""
    if head.startswith(_PACKED):
        raise Refused("file_packed")
    if head.startswith(_BINARY):
        raise Refused("file_binary")
    wide = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2])
    text = head.decode(wide or "utf-8", errors="replace").lstrip("\ufeff \t\r\n").casefold()
    if text.startswith(("<?xml", "<workbook", "<ss:workbook")):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text:
            raise Refused("file_xml_spreadsheet")
        raise Refused("file_web_page" if "<html" in text else "file_xml")
    if re.match(r"<(!--|(!doctype html|html|head|body|meta|style|div|table|script)\b)", text) or (
        text.startswith(("mime-version:", "from:")) and "text/html" in text
    ):
        raise Refused("file_web_page")
    if re.match(r"[\[{]\s*[\"{\[]", text):
        raise Refused("file_json")
    if text.startswith(("begin:vcard", "begin:vcalendar")):
        raise Refused("file_cards")


def _inside(path: Path, folder: Path, limits: Limits, name: str | None = None) -> Unpacked:
    """What lies in an archive: a table or a workbook, and no other archive."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith((_GZIP, *_PACKED)) or head[257:262] == b"ustar":
        raise Refused("file_nested")
    if head.startswith(_PARQUET):
        raise Refused("file_packed")
    if head.startswith(_ZIP):
        with _opened(path) as package:
            if not _is_workbook(package):
                raise Refused("file_nested")
    found = unpack(path, folder / "sheets", limits)
    if found.kind == "csv":
        return Unpacked("csv", (Part(path, file_name=name),))
    return found


def _gunzipped(path: Path, target: Path, limits: Limits) -> Path:
    try:
        with gzip.open(path) as source:
            _copied(source, target, limits.unpacked_bytes, limits)
    except (OSError, EOFError, zlib.error):
        raise Refused("file_damaged_archive") from None
    return target


def _copied(source: _Stream, target: Path, allowed: int, limits: Limits) -> int:
    """Unpacks one stream, whatever it says of its size, as far as is allowed."""
    size = 0
    target.touch(mode=0o600)
    with target.open("wb") as sink:
        while block := source.read(BLOCK):
            size += len(block)
            if size > allowed:
                _refuse_size(size, limits)
            sink.write(block)
    return size


def _refuse_size(size: int, limits: Limits) -> None:
    raise Refused("file_unpacks_too_large", megabytes=size // 1024**2, allowed=limits.unpacked_bytes // 1024**2)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refused("file_truncated_workbook") from None


def _is_workbook(package: zipfile.ZipFile) -> bool:
    names = set(package.namelist())
    if {"xl/workbook.xml", "xl/workbook.bin"} & names:
        return True
    return "content.xml" in names and "mimetype" in names and b"spreadsheet" in package.read("mimetype")[:200]


def _archive(path: Path, folder: Path, limits: Limits) -> Unpacked:
    with _opened(path) as package:
        members = [one for one in package.infolist() if not one.is_dir()]
        unpacked = sum(member.file_size for member in members)
        if unpacked > limits.unpacked_bytes:
            _refuse_size(unpacked, limits)
        if any(member.flag_bits & 0x1 for member in members):
            raise Refused("file_locked")
        try:
            if _is_workbook(package):
                return _workbook(path, folder, limits)
            if {"word/document.xml", "ppt/presentation.xml", "content.xml"} & {one.filename for one in members}:
                raise Refused("file_binary")
            return _members(package, members, private(folder), limits)
        except _DAMAGED:
            raise Refused("file_damaged_archive") from None


def _members(package: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, limits: Limits) -> Unpacked:
    """The exports of an archive. One workbook alone may lie in it, or any number of text files."""
    members = [member for member in members if not _LITTER.search(member.filename)]
    aside: list[Aside] = []
    tables: list[zipfile.ZipInfo] = []
    for place, member in enumerate(members, start=1):
        if PurePosixPath(member.filename).suffix.casefold() not in _TABLES:
            aside.append(Aside(place, _name(member), "not_a_table"))
        elif not member.file_size:
            aside.append(Aside(place, _name(member), "empty"))
        else:
            tables.append(member)
    if not tables:
        raise Refused("file_nothing_inside")
    if len(tables) > limits.members:
        raise Refused("file_too_many_inside", files=len(tables), allowed=limits.members)
    places = {one.filename: place for place, one in enumerate(members, start=1)}
    left = limits.unpacked_bytes
    parts: list[Part] = []
    for number, member in enumerate(tables):
        target = folder / f"{number}.member"
        with package.open(member) as source:
            left -= _copied(source, target, left, limits)
        try:
            found = _inside(target, folder / str(number), limits, _name(member))
        except Refused as refused:
            if len(tables) == 1:
                raise
            raise of_part(refused, places[member.filename]) from None
        if len(tables) > 1 and found.kind != "csv":
            raise Refused("file_workbooks_inside")
        if found.kind != "csv":
            return Unpacked(found.kind, found.parts, (*aside, *found.aside))
        name = _name(member) if len(tables) > 1 else None
        parts.append(Part(target, name, _name(member), place=places[member.filename]))
    return Unpacked("csv", tuple(parts), tuple(aside))


def _name(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename.replace("\\", "/")).name or member.filename


def _workbook(path: Path, folder: Path, limits: Limits) -> Unpacked:
    """The sheets of a workbook, each as a file of its own."""
    done = subprocess.run(  # noqa: S603 - a module of ours; the file's name is one word, and no option
        [
            sys.executable, "-I", str(workbook.__file__),
            str(path.resolve()), str(private(folder).resolve()), str(limits.workbook_bytes),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    if done.returncode == workbook.LOCKED:
        raise Refused("file_locked")
    # Ended by a signal: it asked for more memory than a workbook may take.
    if done.returncode < 0:
        raise Refused("file_workbook_too_large")
    if done.returncode:
        raise Refused("file_truncated_workbook")
    parts: list[Part] = []
    aside: list[Aside] = []
    for place, sheet in enumerate(json.loads(done.stdout), start=1):
        if "file" in sheet:
            told, unworked = bool(sheet["from_1904"]), bool(sheet["unworked"])
            table = folder / sheet["file"]
            parts.append(Part(table, sheet["name"], by_row=True, place=place, from_1904=told, unworked=unworked))
        else:
            aside.append(Aside(place, sheet["name"], "hidden"))
    return Unpacked("workbook", tuple(parts), tuple(aside))
