"""Text that was written in UTF-8, read as something else and written again is told, and put right where somebody says
so and it is certain; letters that are lost are told.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.build import garbled
from compliance.findings import minimisation
from compliance.intake import commands
from tests.purging import Desk, prospect, prospects

NAMES = ["Åsa Öberg", "Lisa Björk", "Jürgen Müller", "Søren Ærø", "Zoë D’Arcy", "Łukasz Żak", "Ελένη", "José Núñez"]
TAKEN_FOR = ["cp1252", "mac_roman", "cp850", "cp437"]


def twice(text: str, taken_for: str = "cp1252") -> str:
    """A text as a program writes that takes UTF-8 for something else."""
    if taken_for != "cp1252":
        return text.encode().decode(taken_for)
    # As Windows has it: a byte without a sign of its own is that of Latin-1.
    return "".join(bytes([one]).decode("cp1252", errors="ignore") or chr(one) for one in text.encode())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("taken_for", TAKEN_FOR)
def test_what_was_written_twice_goes_back(name: str, taken_for: str) -> None:
    assert garbled.meant(twice(name, taken_for)) == name


def test_what_was_written_three_times_goes_back_and_the_example_of_the_guidance() -> None:
    assert garbled.meant(twice(twice("Åsa Öberg"))) == "Åsa Öberg"
    assert garbled.meant("Ã…sa Ã–berg") == "Åsa Öberg"
    assert garbled.meant("Ã¥") == "å"


@pytest.mark.parametrize(
    "text",
    [
        *NAMES, "", "Anna Berg", "JOÃO ÂNGELO", "São Paulo", "Ã", "Â", "100 €", "½ – ¼", "naïve café", "Ångström • Öl",
        "ÅÄÖ åäö", "Bj\ufffdrk",
        # Within a word nobody knows what the rest was.
        "Ã…sÖ",
    ],
)  # fmt: skip
def test_what_is_as_it_was_meant_stays(text: str) -> None:
    assert garbled.meant(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Ã…sa – Öberg", "Åsa – Öberg"),
        ("Åsa Ã–berg", "Åsa Öberg"),
        (f"{twice('Åsa')}\nÖberg {twice(twice('Hälsö'))}", "Åsa\nÖberg Hälsö"),
        # Half of this letter is a space that breaks no line.
        (f"{twice('à la')} Öl", "à la Öl"),
    ],
)
def test_of_a_cell_that_is_garbled_in_part_the_words_that_are_go_back(text: str, meant: str) -> None:
    assert garbled.meant(text) == meant


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20))
def test_whatever_comes_back_writes_the_same_again(text: str) -> None:
    if (told := garbled.meant(text)) is not None:
        assert text in {twice(told, one) for one in TAKEN_FOR} | {
            twice(twice(told, one), two) for one in TAKEN_FOR for two in TAKEN_FOR
        }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "store")


ROWS = [
    prospect(1, Namn=twice("Åsa Öberg")),
    prospect(2, Namn="Anna Åberg", **{"Titel": twice("Säljare")}),
    prospect(3, Namn="Bj\ufffdrk Lisa"),
    prospect(4, Namn=twice("Åsa Öberg")),
]


def findings(desk: Desk) -> set[tuple[str, int]]:
    judged = minimisation.judged(desk.reading(), desk.policy)
    return {
        (one.code, int(one.told["count"]))
        for one in judged.findings
        if one.code in ("twice_written", "letters_lost", "unread_cells")
    }


def test_it_is_taken_in_as_it_stands_and_told_until_it_is_gone(desk: Desk, tmp_path: Path) -> None:
    (file,) = desk.take_in(prospects(tmp_path / "1", [*ROWS[:1], *ROWS[2:]], "2026-11-24T0100")).files
    assert (file.taken[0].twice, file.taken[0].lost, file.taken[0].put_right) == ({"name": 2}, {"name": 1}, {})
    assert twice("Åsa Öberg") in {one.name for one in desk.entries()}
    assert findings(desk) == {("twice_written", 2), ("letters_lost", 1)}
    desk.take_in(prospects(tmp_path / "2", [prospect(1, Namn="Åsa Öberg")], "2026-11-24T0200"))
    assert findings(desk) == set()


def test_explain_tells_it_with_what_it_would_be_and_the_word_puts_it_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "store")
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", "2026-11-24")
    path = str(prospects(tmp_path / "1", ROWS, "2026-11-24T0100"))
    assert commands.main(["--explain", "--json", path]) == 0
    told = json.loads(capsys.readouterr().out)[0]["tables"][0]["rows"]
    assert told["garbled_cells"][:2] == [
        {"field": "name", "rows": 2, "example": twice("Åsa Öberg"), "meant": "Åsa Öberg"},
        {"field": "name", "rows": 1, "example": "Bj\ufffdrk Lisa", "meant": None},
    ]
    assert commands.main(["--explain", path]) == 0
    assert f"“{twice('Åsa Öberg')}” should probably be “Åsa Öberg”" in capsys.readouterr().out
    assert commands.main(["--put-right", path]) == 0
    assert "2 cells are read as they are meant" in capsys.readouterr().out
    assert sorted(one.name or "" for one in desk.entries()) == [
        "Anna Åberg",
        "Bj\ufffdrk Lisa",
        "Åsa Öberg",
        "Åsa Öberg",
    ]
    assert findings(desk) == {("letters_lost", 1)}
