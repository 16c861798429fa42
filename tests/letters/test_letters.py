"""Letters are filled in by the facts of the case and nothing else; what is unknown keeps them from leaving."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
import sqlalchemy as sa
from jinja2 import Environment, meta

from compliance.ledger.tables import ledger as lines
from compliance.letters import case, documents, verbs
from compliance.letters.wording import MISSING, PLACEHOLDERS, Kind, Letter
from compliance.register.engine import engine
from compliance.requests import desk as requests_desk
from compliance.requests.desk import Asked
from compliance.requests.facts import RequestFacts, facts_of
from compliance.requests.tables import Step
from compliance.show.extract import Stamp
from compliance.words.refusal import Refused
from compliance.words.settings import ROOT, Settings
from compliance.words.texts import has, refusal, say
from compliance.words.vocabulary import LANGUAGES
from tests import begun
from tests.purging import Desk
from tests.world import TODAY, shipped_parameters

FOLDER = ROOT / "data" / "letters"
EVERY = [(kind, language) for kind in Kind for language in LANGUAGES]
RECEIVED = TODAY - dt.timedelta(days=15)
UNTIL = dt.date(2033, 12, 31)
BARE, ERASURE, ENV, PAUSED, OPT_OUT = 1, 2, 3, 4, 5


def _begin(settings: Settings) -> None:
    """Five requests: a bare one, one that was partly refused, a customer's, one whose sender is unknown, an opt-out."""
    desk = Desk(settings.store)

    def asked(kind: str, **more: Any) -> int:
        told = Asked(kind, "phone", RECEIVED, **{"name": "Nina Namn", "email": "nina@bolaget.example", **more})
        return requests_desk.register(desk.at(desk.petra), None, told)

    def step(number: int, what: Step, **facts: Any) -> None:
        requests_desk.write(desk.at(desk.petra), number, what, TODAY, facts)

    asked("access")
    number = asked("erasure", name="{{ 7 * 7 }} #strong[x] <b>")
    step(number, Step.EXTENDED, reason="complex")
    step(number, Step.DECIDED, decision="erase", category="PROSPECT")
    step(number, Step.DECIDED, decision="keep", category="VOUCHER", why="bookkeeping", until_on=UNTIL)
    step(number, Step.DECIDED, decision="refuse", category="EMPLOYEE", why="claims")
    number = asked("erasure", requester="env_user", customer="Kund AB", name=None, email=None)
    step(number, Step.FORWARDED, customer="Kund AB")
    number = asked("erasure")
    step(number, Step.IDENTITY_ASKED, doubt="several_persons")
    number = asked("opt_out")
    step(number, Step.EFFECTIVE)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(begun.copied(_begin, tmp_path_factory.mktemp("letters"), None).store)


@pytest.fixture
def own(tmp_path: Path) -> Desk:
    return Desk(begun.copied(_begin, tmp_path, None).store)


def facts(desk: Desk, number: int, day: dt.date = TODAY) -> RequestFacts:
    with desk.register.connect() as connection:
        return facts_of(connection, number, shipped_parameters(), day)


def letter(desk: Desk, number: int, kind: Kind, language: str = "sv", name: str | None = None) -> Letter:
    return case.write(desk.settings, facts(desk, number), kind, language, shipped_parameters(), TODAY, name)


def unblanked(text: str) -> str:
    return re.sub(r"[\s­-]+", "", text)


# The texts


def test_every_letter_has_a_text_in_each_language_and_every_text_is_a_letters() -> None:
    texts = {path.name for path in FOLDER.glob("*.txt")}
    assert texts == {f"{kind}.{language}.txt" for kind, language in EVERY}


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_word_that_a_text_names_can_be_filled_in(kind: Kind, language: str) -> None:
    other, named = (
        meta.find_undeclared_variables(Environment(autoescape=True).parse((FOLDER / name).read_text(encoding="utf-8")))
        for name in sorted((f"{kind}.{one}.txt" for one in LANGUAGES), key=f"{kind}.{language}.txt".__eq__)
    )
    assert named and named <= {*PLACEHOLDERS, MISSING}
    # The same is said in both languages.
    assert named == other


def test_every_word_has_a_text_is_told_to_who_writes_texts_and_is_used() -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    whole = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))
    for word in PLACEHOLDERS:
        assert has(f"letter_word.{word}") and f"`{word}`" in told
        # One that no shipped text needs is for those of others.
        assert word == "today" or re.search(rf"\b{word}\b", whole), word


@pytest.mark.parametrize(("kind", "language"), EVERY)
@pytest.mark.parametrize("number", [BARE, ERASURE, ENV, PAUSED, OPT_OUT])
def test_every_letter_can_be_filled_in_for_every_case(shared: Desk, number: int, kind: Kind, language: str) -> None:
    made = letter(shared, number, kind, language)
    whole = f"{made.heading}\n{made.text}"
    assert not re.search(r"[{}]|None|\bFalse\b|\n\n\n", whole)
    left = len(case.gaps(made, language))
    assert left == whole.count("[")
    assert "Antura AB" in made.text


def test_a_letter_says_what_was_kept_why_and_until_when_and_where_to_complain(shared: Desk) -> None:
    made = letter(shared, ERASURE, Kind.PARTLY, "sv")
    assert case.gaps(made, "sv") == []
    why = say("letter_why.bookkeeping", "sv")
    kept = f"- uppgifter om dig i verifikationer, till och med den {UNTIL}, eftersom {why}."
    assert kept in made.text.splitlines()
    # What was refused is kept, too.
    assert say("letter_why.claims", "sv") in made.text
    assert "Det vi hade om dig som potentiell köpare är raderat." in made.text
    assert "IMY" in made.text and "domstol" in made.text
    refused = letter(shared, ERASURE, Kind.REFUSED, "en")
    assert f"- what we have about you as employee: {say('letter_why.claims', 'en')}." in refused.text
    assert "complain" in refused.text and "court" in refused.text


def test_days_are_those_of_the_law_and_of_the_case(shared: Desk) -> None:
    # Received on 9 November: three months from there, and a month.
    assert "senast den 2027-02-09" in letter(shared, ERASURE, Kind.EXTENSION).text
    assert say("letter_extension.complex", "sv") in letter(shared, ERASURE, Kind.EXTENSION).text
    assert "senast den 2026-12-09" in letter(shared, BARE, Kind.RECEIPT).text
    # What an extension that is told today would give; why is for somebody to say.
    bare = letter(shared, BARE, Kind.EXTENSION, "en")
    assert "by 2027-02-09" in bare.text
    assert case.gaps(bare, "en") == [say("letter.gap", "en", what=say("letter_word.extension_reason", "en"))]
    paused = letter(shared, PAUSED, Kind.IDENTITY)
    assert (
        str(TODAY + dt.timedelta(days=30)) in paused.text and say("letter_doubt.several_persons", "sv") in paused.text
    )
    assert f"sedan den {TODAY}" in letter(shared, OPT_OUT, Kind.OPT_OUT).text
    assert letter(shared, ENV, Kind.REDIRECTION).text.count("Kund AB") == 3


def test_no_day_is_promised_that_has_passed(shared: Desk) -> None:
    late = TODAY + dt.timedelta(days=40)
    for number, kind, word in ((BARE, Kind.RECEIPT, "due_on"), (PAUSED, Kind.IDENTITY, "identity_answer_by"),
                               (BARE, Kind.EXTENSION, "extended_to")):  # fmt: skip
        of = facts(shared, number, late)
        made = case.write(shared.settings, of, kind, "sv", shipped_parameters(), late, None)
        assert say("letter.gap", "sv", what=say(f"letter_word.{word}", "sv")) in case.gaps(made, "sv")


def test_what_is_unknown_is_marked_and_not_made_up(shared: Desk) -> None:
    made = letter(shared, BARE, Kind.PARTLY, "sv")
    assert case.gaps(made, "sv") == [say("letter.gap", "sv", what=say("letter_word.kept", "sv"))]
    assert case.gaps(letter(shared, BARE, Kind.LIFTED, "sv"), "sv")


@pytest.mark.parametrize(
    ("number", "first"),
    [(BARE, Kind.RECEIPT), (ERASURE, Kind.PARTLY), (ENV, Kind.REDIRECTION), (PAUSED, Kind.IDENTITY),
     (OPT_OUT, Kind.OPT_OUT)],
)  # fmt: skip
def test_the_letter_that_comes_next_is_offered_first(shared: Desk, number: int, first: Kind) -> None:
    offered = case.fitting(facts(shared, number))
    assert offered[0] is first and len(set(offered)) == len(offered)


def test_a_name_is_there_only_when_it_is_given_and_is_never_a_text_of_its_own(shared: Desk) -> None:
    name = "{{ 7 * 7 }} #strong[x] <b>"
    assert letter(shared, ERASURE, Kind.PARTLY).text.startswith("Hej!")
    made = letter(shared, ERASURE, Kind.PARTLY, name=name)
    assert made.text.startswith(f"Hej {name}!")
    read = pypdf.PdfReader(io.BytesIO(documents.content(made, "pdf", "sv", TODAY)))
    assert unblanked(name) in unblanked(read.pages[0].extract_text())


# Texts of one's own


def with_text(desk: Desk, folder: Path, text: str, name: str = "receipt.sv.txt") -> Desk:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    changed = Desk(desk.settings.store)
    changed.settings = dataclasses.replace(changed.settings, letters=folder)
    return changed


def test_a_text_of_ones_own_goes_before_the_one_that_is_shipped(shared: Desk, tmp_path: Path) -> None:
    desk = with_text(shared, tmp_path / "own", "Vår rubrik\n\nÄrende {{ number }} hos {{ company }}.")
    with_text(shared, tmp_path / "own", 'company = "Bolaget AB"\ncontact = "a@bolaget.example"', "sender.toml")
    assert letter(desk, BARE, Kind.RECEIPT) == Letter("Vår rubrik", "Ärende 1 hos Bolaget AB.")
    assert letter(desk, BARE, Kind.RECEIPT, "en").heading.startswith("We have received")


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("Rubrik\n\n{{ nummer }}", "letter_word_unknown", {"word": "nummer"}),
        ("Rubrik\n\n{% if effect_on %}{{ nummer }}{% endif %}", "letter_word_unknown", {"word": "nummer"}),
        ("Rubrik\n\n{{ number", "letter_wrong", {"line": 3}),
        ("Rubrik\n\n{% if number %}", "letter_wrong", {"line": 3}),
        ("Rubrik\n\n{{ number|nothing }}", "letter_wrong", {"line": 3}),
        ("Rubrik\n\n{{ number.__class__ }}", "letter_forbidden", {}),
        ("Rubrik\n\n{{ kept.append(1) }}", "letter_forbidden", {}),
        ("Rubrik\n\n{% for one in kept %}{% else %}{{ number.when }}{% endfor %}", "letter_unfillable", {}),
        ("Rubrik\n\n{{ number + 1 }}", "letter_unfillable", {}),
        ("Rubrik\n\n{% include 'done.sv.txt' %}", "letter_unfillable", {}),
        ("Rubrik\n\n{{ range(9) }}", "letter_word_unknown", {"word": "range"}),
        ("", "letter_empty", {}),
        ("Bara en rubrik", "letter_empty", {}),
    ],
)
def test_a_text_that_cannot_be_used_is_told_by_its_file_and_what_is_wrong(
    shared: Desk, tmp_path: Path, text: str, code: str, told: dict[str, Any]
) -> None:
    desk = with_text(shared, tmp_path / "own", text)
    with pytest.raises(Refused) as refused:
        letter(desk, BARE, Kind.RECEIPT)
    assert (refused.value.code, refused.value.values) == (code, {"file": "receipt.sv.txt", **told})
    for language in LANGUAGES:
        assert "receipt.sv.txt" in refusal(code, language, refused.value.values)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("receipt.sv.txt", "Rubrik\n\nå".encode("latin-1"), "letter_unreadable"),
     ("sender.toml", b'company = "A"', "letter_sender_wrong"), ("sender.toml", b"company", "letter_sender_wrong"),
     ("sender.toml", b'company = "A"\ncontact = 3', "letter_sender_wrong")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told(shared: Desk, tmp_path: Path, name: str, text: Any, code: str) -> None:
    with pytest.raises(Refused, match=code):
        letter(with_text(shared, tmp_path / "own", text, name), BARE, Kind.RECEIPT)


# Files, and what is recorded


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_files_say_what_the_letter_says_and_nothing_of_who_made_them(shared: Desk, language: str) -> None:
    made = letter(shared, ERASURE, Kind.PARTLY, language)
    read = pypdf.PdfReader(io.BytesIO(documents.content(made, "pdf", language, TODAY)))
    pdf = unblanked("".join(page.extract_text() for page in read.pages))
    opened = docx.Document(io.BytesIO(documents.content(made, "docx", language, TODAY)))
    paragraphs = [one.text for one in opened.paragraphs]
    assert paragraphs[:2] == [TODAY.isoformat(), made.heading]
    for line in made.text.splitlines():
        assert unblanked(line.removeprefix("- ")) in pdf
        assert line.removeprefix("- ") in "\n".join(paragraphs)
    items = [one.text for one in opened.paragraphs if one.style and one.style.name == "List Bullet"]
    assert len(items) == 2 and str(UNTIL) in items[0]
    assert opened.core_properties.author == "" and not (read.metadata and read.metadata.author)
    assert documents.content(made, "pdf", language, TODAY) == documents.content(made, "pdf", language, TODAY)


@pytest.mark.parametrize("form", documents.FORMS)
def test_what_no_file_can_hold_and_was_pasted_along_is_left_out_of_it(form: documents.Form) -> None:
    pasted = Letter("Ru\x0bbrik", "Hej\x00 d\ufffeu\x1b!\n\nRad\tett\x0c 👋")
    plain = Letter("Rubrik", "Hej du!\n\nRad\tett 👋")
    says = {
        "pdf": lambda file: [page.extract_text() for page in pypdf.PdfReader(file).pages],
        "docx": lambda file: [one.text for one in docx.Document(file).paragraphs],
    }[form]
    of_pasted, of_plain = (says(io.BytesIO(documents.content(one, form, "sv", TODAY))) for one in (pasted, plain))
    assert of_pasted == of_plain
    assert documents.digest(pasted) == documents.digest(plain)


def test_a_heading_may_be_longer_than_what_a_file_calls_its_title() -> None:
    long = "Svar på din begäran " * 14
    opened = docx.Document(io.BytesIO(documents.content(Letter(long, "Hej!"), "docx", "sv", TODAY)))
    assert opened.paragraphs[1].text == long and long.startswith(opened.core_properties.title)


def test_what_went_out_is_a_step_and_a_line_by_its_digest_alone(own: Desk) -> None:
    made = letter(own, BARE, Kind.RECEIPT, name="Nina Namn")
    verbs.sent(own.at(own.petra), BARE, Kind.RECEIPT, made, "sv", TODAY)
    ((day, told),) = facts(own, BARE).letters
    assert (day, told.letter, told.language, told.digest) == (TODAY, "receipt", "sv", documents.digest(made))
    with engine(own.settings).connect() as connection:
        whole = list(connection.scalars(sa.select(lines.c.details).order_by(lines.c.seq)))
    assert documents.digest(made) in whole[-1] and not any("Nina" in one for one in whole)
    # Another text has another digest.
    assert documents.digest(dataclasses.replace(made, text=made.text + " ")) != documents.digest(made)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (Letter("Rubrik", "Hej [fyll i: skälet]!"), "letter_gaps"),
        (Letter("", "Hej!"), "letter_empty_text"),
        (Letter("Rubrik", " \n"), "letter_empty_text"),
        (Letter("Rubrik", "\x00\x0b"), "letter_empty_text"),
        (Letter("Rubrik", "x" * 20_001), "letter_long"),
    ],
)
def test_what_is_not_finished_neither_leaves_nor_is_said_to_have_been_sent(own: Desk, made: Letter, code: str) -> None:
    stamp = Stamp(None, TODAY, "")
    with pytest.raises(Refused, match=code):
        verbs.sent(own.at(own.petra), BARE, Kind.RECEIPT, made, "sv", TODAY)
    with pytest.raises(Refused, match=code):
        verbs.leave(own.at(own.petra), BARE, made, "sv", stamp, "pdf", own.clock, named=False)
    assert facts(own, BARE).letters == ()


@pytest.mark.parametrize("named", [False, True])
def test_a_letter_that_leaves_is_recorded_with_its_request_and_digest(own: Desk, named: bool) -> None:
    made = letter(own, BARE, Kind.RECEIPT)
    stamp = Stamp(None, TODAY, "")
    written = verbs.leave(own.at(own.petra), BARE, made, "sv", stamp, "docx", own.clock, named=named)
    assert b"".join(written).startswith(b"PK")
    with engine(own.settings).connect() as connection:
        found = connection.execute(
            sa.select(lines.c.event, lines.c.details).where(lines.c.event.like("extract:%")).order_by(lines.c.seq)
        ).all()
    assert [event for event, _ in found] == ["extract:begun", "extract:made"]
    told = json.loads(found[1].details)
    assert (told["request"], told["digest"], told["persons"]) == (BARE, documents.digest(made), named)
    name = verbs.name(BARE, Kind.RECEIPT, "sv", stamp, "docx")
    assert name == f"mottagningsbekraftelse-1-{TODAY}-sv.docx"
