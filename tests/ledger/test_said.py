"""What lines of the ledger say besides their event: in words, also where they have but a code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import compliance
from compliance.cookies.tables import Phase
from compliance.incidents.tables import StepKind
from compliance.marks.tables import Ending, Ground, Kind
from compliance.requests.tables import Resumed
from compliance.review.ledger import details_in_words
from compliance.sources.tables import Reason
from compliance.words.vocabulary import LANGUAGES

# Whatever may end an intake or a purge.
CODES = sorted(
    {
        code
        for path in Path(compliance.__file__).parent.rglob("*.py")
        for code in re.findall(r'Refused\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    | {"intake_failed", "purge_failed", "intake_died"}
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reason_is_told_as_a_code(language: str) -> None:
    told = {code: details_in_words({"reason": code}, language) for code in (*CODES, *map(str, Reason))}
    assert len(CODES) > 100
    for code, said in told.items():
        assert not said.endswith(f": {code}") and not re.search(r"\{\w", said), code
    assert "…" in told["proof_failed"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_marks_incidents_scans_and_requests_say_is_told_in_words(language: str) -> None:
    told = (
        ("kind", Kind), ("ground", Ground), ("because", Ending), ("kind", StepKind), ("phase", Phase),
        ("resumes", Resumed),
    )  # fmt: skip
    for name, codes in told:
        for code in codes:
            assert not details_in_words({name: str(code)}, language).endswith(f": {code}"), code
