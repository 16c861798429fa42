"""What a person is told: all that is stored of them and nothing of others, as the page has it; recorded, not kept."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa

from compliance.access import Actor
from compliance.ledger.tables import ledger
from compliance.person import bundle, files, rows
from compliance.person.bundle import Bundle
from compliance.requests import desk as requests_desk
from compliance.requests import verbs as requests
from compliance.requests.desk import Asked
from compliance.requests.tables import SOURCE, Verdict, request
from compliance.suppression import known
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES
from tests.person.company import ANNA, company, stated, who
from tests.purging import Desk
from tests.world import TODAY

SOURCES = {"crm": "CRM", "hr": "HR"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return company(tmp_path_factory.mktemp("bundle"))


def made(desk: Desk, text: str, language: str = "en", *, wanted: bool = False) -> Bundle:
    """What somebody is told."""
    statement, reading = stated(desk, text), desk.reading()
    theirs = bundle.others(reading, statement, wanted=wanted)
    return bundle.of(desk.at(desk.petra), reading, statement, theirs, language, SOURCES)


def values(told: Bundle) -> set[str]:
    """Every value in it."""
    return {str(one.value) for entry in told.entries for row in entry.rows for one in row.values}


def leave(desk: Desk, actor: Actor, told: Bundle, form: files.Form, number: int | None = None) -> bytes:
    """The file as it leaves."""
    return b"".join(files.write(desk.at(actor), lambda _: told, form, number, desk.clock))


def lines(desk: Desk, event: str) -> list[dict[str, Any]]:
    with desk.register.connect() as connection:
        found = connection.scalars(sa.select(ledger.c.details).where(ledger.c.event == event).order_by(ledger.c.seq))
        return [json.loads(one) for one in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_what_article_15_demands_by_what_the_page_shows(desk: Desk, language: str) -> None:
    told, page = made(desk, "Anna Berg", language), stated(desk, "Anna Berg")
    assert [one.category for one in told.entries] == [one.entry.category for one in page.bases]
    for entry, basis in zip(told.entries, page.bases, strict=True):
        shown = rows.basis_row(basis, language, SOURCES)
        assert (entry.until, entry.purpose_name, entry.ground_name) == (
            shown["why"], shown["purpose_name"], shown["ground_name"]
        )  # fmt: skip
        assert entry.last_day_on == basis.entry.ceiling_on and entry.recipients
    assert (told.entries[0].article, told.entries[1].article) == ("6.1 f", "6.1 b")
    assert {"Anna Berg", ANNA["E-post"], "Ekens Bygg AB", "Utvecklare", "2010-03-21", "E77"} <= values(told)
    assert told.left_out == 0 and any("IMY" in one for one in told.rights)
    assert [one.reference for one in told.requests] == ["R1"] and told.erased == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_says_what_the_json_says(desk: Desk, language: str) -> None:
    told = made(desk, "Anna Berg", language)
    pages = pypdf.PdfReader(io.BytesIO(files.content(told, "pdf"))).pages
    # Lines are broken within a word, too.
    text = re.sub(r"\s+|-\n", "", "".join(page.extract_text() for page in pages)).replace("-", "")
    for one in [*values(told), *(entry.until for entry in told.entries), *told.rights, *told.notes]:
        assert re.sub(r"\s+|-", "", one) in text, one
    assert files.content(told, "pdf") == files.content(made(desk, "Anna Berg", language), "pdf")


def test_what_tells_of_others_is_left_out_and_counted_unless_somebody_says_that_it_may_go_along(desk: Desk) -> None:
    # The mailbox is the household's: what is Cia's alone stays.
    told = made(desk, "Cia Ek")
    assert "familjen.ek@hem.example" not in str(told) and "cia@hem.example" in values(told)
    assert told.left_out == 1 and "Bo Ek" not in str(told)
    assert "familjen.ek@hem.example" in str(made(desk, "Cia Ek", wanted=True))
    assert made(desk, "Cia Ek", wanted=True).left_out == 0
    assert made(desk, "Bo Ek").left_out == 1 and "Cia" not in str(made(desk, "Bo Ek"))


def test_what_a_request_gives_that_is_others_too_is_left_out_of_it(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(desk.settings.store, tmp_path / "own")
    own = Desk(tmp_path / "own")
    wish = Asked("access", "mail", TODAY, "prospect", name="Cia Ek", email="familjen.ek@hem.example; cia@hem.example")
    number = requests_desk.register(own.at(own.petra), own.reading(), wish)
    with own.register.connect() as connection:
        name = connection.scalars(sa.select(request.c.reference).where(request.c.request_id == number)).one()
    at, person = own.at(own.petra), who(own, "Cia Ek")
    requests.choose(at, own.reading(), SOURCE, name, person, Verdict.CONFIRMED)
    told = made(own, "Cia Ek")
    assert [[str(value.value) for value in one.values] for one in told.requests] == [["Cia Ek", "cia@hem.example"]]
    assert "familjen.ek@hem.example" not in str(told)
    assert "familjen.ek@hem.example" in str(made(own, "Cia Ek", wanted=True).requests)
    own.register.dispose()


@pytest.mark.parametrize("name", ["Eva & Ola Sund", "Eva och Ola Sund", "Eva/Ola Sund", "Eva Sund; Ola Sund"])
def test_a_name_of_several_is_left_out(name: str) -> None:
    nobody = bundle.Others(frozenset())
    assert nobody.without(bundle.Stored("name", name)) == (None, True)
    assert nobody.without(bundle.Stored("name", "Candy Anders-Land")) == (
        bundle.Stored("name", "Candy Anders-Land"),
        False,
    )


def test_numbers_of_others_are_left_out_and_keys_that_are_addresses(desk: Desk) -> None:
    assert desk.register
    theirs = bundle.Others(frozenset({("phone", "+46812345601"), ("email", "info@bolaget.example")}))
    told = theirs.without(bundle.Stored("phone", "070-174 06 15 / 08-123 456 01"))
    assert told == (bundle.Stored("phone", "+46701740615"), True)
    assert theirs.without(bundle.Stored("source_key", "Info@bolaget.example")) == (None, True)
    assert theirs.without(bundle.Stored("source_key", "P1")) == (bundle.Stored("source_key", "P1"), False)


def test_its_making_is_recorded_with_its_digest_and_what_it_answers_and_nothing_of_it_is_kept(desk: Desk) -> None:
    told = made(desk, "Anna Berg")
    with desk.register.connect() as connection:
        number = connection.scalars(sa.select(request.c.request_id)).one()
    page = stated(desk, "Anna Berg")
    asked = bundle.open_requests(desk.at(desk.petra), desk.reading(), page.person.person_id)
    assert asked == [(number, "R1", "access")] and bundle.answered(asked) == number
    assert bundle.answered([*asked, *asked]) is None
    assert bundle.open_requests(desk.at(desk.petra), desk.reading(), stated(desk, "Bo Ek").person.person_id) == []
    before = {path: path.stat().st_mtime_ns for path in desk.settings.store.rglob("*.json")}
    file = leave(desk, desk.petra, told, "json", number)
    assert Bundle.model_validate_json(file) == told
    (begun, ended) = (lines(desk, "extract:begun")[-1], lines(desk, "extract:made")[-1])
    assert begun["digest"] == ended["digest"] == hashlib.sha256(file).hexdigest()
    assert (begun["what"], begun["persons"], begun["flavour"], begun["request"]) == (
        "person_bundle",
        True,
        "json",
        number,
    )
    assert not any("Anna" in str(one) or "bolaget" in str(one) for one in (begun, ended))
    assert {path: path.stat().st_mtime_ns for path in desk.settings.store.rglob("*.json")} == before


def test_a_part_of_what_is_stored_is_no_answer(desk: Desk) -> None:
    limited = stated(desk, "Anna Berg", desk.olle.category_limit)
    with pytest.raises(ValueError, match="no answer"):
        bundle.of(desk.at(desk.petra), desk.reading(), limited, bundle.Others(frozenset()), "en", SOURCES)
    for actor in (desk.olle, desk.axel, desk.gun):
        with pytest.raises(Refused, match="not_allowed"):
            leave(desk, actor, made(desk, "Anna Berg"), "json")


def test_what_was_erased_before_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    erased = [known.Erased(1, "crm", None, TODAY), known.Erased(1, "crm", "PROSPECT", TODAY)]
    monkeypatch.setattr(known, "of_records", lambda *_: ([*erased, erased[0]], []))
    words = [say("category.PROSPECT", "en"), say("bundle.all", "en")]
    assert sorted(one.category_name for one in made(desk, "Dan Falk").erased) == sorted(words)


def test_its_keys_are_documented() -> None:
    path = Path(__file__).parents[2] / "docs" / "schema.py"
    spec = importlib.util.spec_from_file_location("schema", path)
    assert spec is not None and spec.loader is not None
    schema = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(schema)
    assert schema.SCHEMA.read_text(encoding="utf-8") == schema.written(), "run python docs/schema.py"
    described = json.loads(schema.written())["properties"]
    assert all(one.get("description") for one in described.values())
