"""The report as a file: in each form, and written where the command line wants it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from compliance import ledger
from compliance.access.at import At
from compliance.report import document
from compliance.report.content import Report, of
from compliance.show.extract import Part, file_name, to_file
from compliance.show.together import workbook, zipped
from compliance.sources.freshness import freshness
from compliance.words.texts import say

Form = Literal["pdf", "xlsx", "zip"]
FORMS: tuple[Form, ...] = ("pdf", "xlsx", "zip")


def parts(report: Report, form: Form) -> Iterable[Part]:
    """The file with how many rows it has; a PDF has those of its figures."""
    if form == "pdf":
        return [(document.pdf(report), len(report.measured))]
    return zipped(report.tables(), report.language) if form == "zip" else [workbook(report.tables(), report.language)]


def name(report: Report, form: Form) -> str:
    """A name for the file: the snapshot, the day, the build, the language."""
    stem = f"{say('report.title', report.language)} {report.named}"
    return file_name(stem, report.stamp, report.language, form)


def write(at: At, number: int | None, form: Form, language: str, path: Path) -> Report:
    """Writes the report of a snapshot, or of the newest, into a new file, with lines of the ledger, and returns it.

    Raises Refused `command_line_only` for somebody, as compliance.report.content.of does, and where the file cannot be
    written or is there.
    """
    at.require_nobody()
    sources = {one.source: one.name for one in freshness(at.settings, None, at.now, language)}
    report = of(at.register, number, at.parameters, language, sources)
    told: dict[str, ledger.Detail] = {
        "what": "report",
        "snapshot": report.snapshot.number,
        "persons": False,
        "flavour": form,
    }
    to_file(at, report.snapshot.build, told, path, parts(report, form))
    return report
