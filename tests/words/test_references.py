"""A reference stands for a digest, survives a spreadsheet, and is found again in its old writing too."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.words.references import digest_start, is_whole, reference

DIGESTS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(digest=DIGESTS)
def test_a_reference_has_letters_only_and_leads_back_to_its_digest(digest: str) -> None:
    told = reference(digest)
    # No digit and no e: no spreadsheet makes a number of it. No vowel: no word either.
    assert re.fullmatch("[g-z]{12}", told) and not re.search("[aeiouy]", told)
    assert digest_start(told.upper()) == digest[:12]
    assert is_whole(told)


@pytest.mark.parametrize("digest", ["00123456", "1234e567", "12345678"])
def test_a_reference_in_the_oldest_writing_still_resolves(digest: str) -> None:
    assert digest_start(digest.upper()) == digest
    assert is_whole(digest)
    assert not reference(digest)[0].isdigit()


@given(digest=DIGESTS)
def test_a_reference_of_eight_letters_still_resolves(digest: str) -> None:
    told = reference(digest)[:8]
    assert digest_start(told) == digest[:8]
    assert is_whole(told)


def test_of_a_million_no_two_have_the_same() -> None:
    digests = [hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest() for number in range(1_000_000)]
    assert len({reference(digest) for digest in digests}) == len(digests)


@pytest.mark.parametrize("told", ["", "Berit", "berit@ett.example", "%", "________", "ghj", "ab g", "12-34"])
def test_other_words_are_no_reference(told: str) -> None:
    assert digest_start(told) is None
    assert not is_whole(told)


def test_a_part_is_taken_from_the_beginning_and_is_not_whole() -> None:
    told = reference("0123456789abcdef")
    assert digest_start(told[:5]) == "01234"
    assert not is_whole(told[:7])
