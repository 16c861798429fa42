"""The list of who may not be mailed: what the register says or a source, the stricter; by digest or by address."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from compliance import ledger
from compliance.holds import verbs as holds
from compliance.marks import commands, listing, mailing
from compliance.marks import verbs as marks
from compliance.marks.tables import Ending, Kind
from compliance.reading import copy
from compliance.register.engine import writing
from compliance.requests import desk as requests_desk
from compliance.requests.desk import Asked
from compliance.requests.tables import Step
from compliance.suppression import verbs as suppression
from compliance.words import keys
from compliance.words.refusal import Refused
from tests.marks.desk import ANNA, BO, TOVE, Marked, copied, stored
from tests.world import TODAY


@pytest.fixture
def desk(tmp_path: Path) -> Marked:
    return copied(tmp_path)


def told(desk: Marked, *, plain: bool) -> dict[str, str]:
    """Why each address or digest is on the list."""
    chunks = mailing.may_not_be_mailed(desk.at(desk.petra), desk.reading(), "en", plain=plain)()
    name = "address" if plain else "address_digest"
    return {row[name]: row["no_mail_because"] for chunk in chunks for row in chunk}


def digest(desk: Marked, address: str) -> str:
    return keys.suppression(desk.settings)[0].digest(f"email|{address}")


def test_whoever_may_not_be_mailed_is_on_it_and_why(desk: Marked) -> None:
    # What the source says of Tove counts as what the register says.
    assert told(desk, plain=True) == {"tove@wik.example": "opted out"}
    desk.place("Anna Berg", Kind.OPTED_OUT)
    desk.place("Anna Berg", Kind.RESTRICTED)
    desk.place("Bo Dahl", Kind.OBJECTED)
    reading = desk.reading()
    terms = holds.Terms("legal_claim", "legal", TODAY + dt.timedelta(days=90))
    holds.place(desk.at(desk.petra), reading, holds.Target("person", desk.whom("Eva Sten").person_id), terms)
    expected = {
        "anna@berg.example": "opted out, restricted",
        "bo@dahl.example": "objected",
        "eva@sten.example": "kept for a hold or the law only",
        "tove@wik.example": "opted out",
    }
    assert told(desk, plain=True) == expected
    assert told(desk, plain=False) == {digest(desk, address): why for address, why in expected.items()}
    assert mailing.only_digests(desk.at(), desk.reading()) == 0


def test_an_address_of_two_counts_as_the_ones_who_may_not_be_mailed(tmp_path: Path) -> None:
    desk = Marked(tmp_path / "store")
    shared = stored("P9", "Bo Holm", "anna@berg.example")
    tagged = stored("P8", "Cia Alm", "Cia.Alm+nyheter@ALM.example")
    desk.export(tmp_path / "one", ANNA, shared, tagged)
    desk.place("Bo Holm", Kind.OPTED_OUT)
    desk.place("Cia Alm", Kind.OPTED_OUT)
    # As it is compared by, and as it is written.
    assert set(told(desk, plain=True)) == {
        "anna@berg.example", "cia.alm@alm.example", "cia.alm+nyheter@alm.example",
    }  # fmt: skip
    desk.register.dispose()


def test_an_objection_is_honoured_where_nothing_is_stored_any_more(desk: Marked, tmp_path: Path) -> None:
    desk.place("Anna Berg", Kind.OPTED_OUT)
    desk.place("Bo Dahl", Kind.OPTED_OUT)
    # One is purged; of the other the source says nothing any more.
    assert desk.purge([desk.whom("Anna Berg")]).deleted == 1
    desk.export(tmp_path / "one", ANNA, TOVE)
    assert "anna@berg.example" not in told(desk, plain=True) and "bo@dahl.example" not in told(desk, plain=True)
    assert told(desk, plain=False) == {
        digest(desk, "anna@berg.example"): "erased",
        digest(desk, "bo@dahl.example"): "opted out",
        digest(desk, "tove@wik.example"): "opted out",
    }
    assert mailing.only_digests(desk.at(), desk.reading()) == 2


def test_an_address_of_nobody_who_is_stored_is_kept_from_being_mailed_all_the_same(desk: Marked) -> None:
    terms = marks.Terms(Kind.OPTED_OUT, TODAY)
    with writing(desk.register) as connection:
        number = marks.place_address_in(connection, desk.at(desk.petra), "Nils <NILS+x@annan.example>", terms)
    assert told(desk, plain=False)[digest(desk, "nils@annan.example")] == "opted out"
    assert "nils@annan.example" not in told(desk, plain=True)
    (row,) = listing.listing(desk.register, TODAY)
    assert (row.entry.mark_id, row.persons, row.lost_at) == (number, (), None)
    for address, kind, code in (
        ("nils@annan.example", Kind.OPTED_OUT, "mark_twice"),
        ("070-174 06 05", Kind.OPTED_OUT, "mark_address_unreadable"),
        ("ove@annan.example", Kind.OBJECTED, "mark_kind_unknown"),
    ):
        with writing(desk.register) as connection, pytest.raises(Refused) as said:
            marks.place_address_in(connection, desk.at(desk.petra), address, marks.Terms(kind, TODAY))
        assert said.value.code == code


def test_of_several_addresses_those_are_kept_that_are_not_yet(desk: Marked) -> None:
    placed = desk.place("Anna Berg", Kind.OPTED_OUT)
    # Known by the key of then, whatever key has come since.
    suppression.rotate(desk.at())
    both = "anna@berg.example; nils@annan.example"
    wish = Asked("opt_out", "mail", TODAY, "prospect", name="", email=both)
    number = requests_desk.register(desk.at(desk.petra), desk.reading(), wish)
    requests_desk.write(desk.at(desk.petra), number, Step.EFFECTIVE, TODAY, reading=desk.reading())
    assert told(desk, plain=False)[digest(desk, "nils@annan.example")] == "opted out"
    terms = marks.Terms(Kind.OPTED_OUT, TODAY)
    for address, mark in ((both, placed), ("nils@annan.example", placed + 1)):
        with writing(desk.register) as connection, pytest.raises(Refused) as said:
            marks.place_address_in(connection, desk.at(desk.petra), address, terms)
        assert (said.value.code, said.value.values["mark"]) == ("mark_twice", str(mark))


def test_a_key_that_opt_outs_are_known_by_is_kept(desk: Marked) -> None:
    desk.place("Bo Dahl", Kind.OPTED_OUT)
    old = keys.suppression(desk.settings)[0]
    suppression.rotate(desk.at())
    assert suppression.prune(desk.at()) == []
    # By the new key whom the copy has, and by the old one what was kept before.
    rows = [row for chunk in mailing.may_not_be_mailed(desk.at(desk.petra), desk.reading(), "en", plain=False)()
            for row in chunk]  # fmt: skip
    assert {row["key_id"] for row in rows if row["address_digest"] == old.digest("email|bo@dahl.example")} == {
        old.key_id
    }  # fmt: skip
    assert len(rows) == 3
    (number,) = (one.entry.mark_id for one in listing.listing(desk.register, TODAY))
    marks.lift(desk.at(desk.petra), number, Ending.WITHDRAWN)
    assert suppression.prune(desk.at()) == [old.key_id]


def test_a_list_of_addresses_is_for_whoever_may_take_out_names(desk: Marked) -> None:
    for actor in (desk.axel, desk.gun, desk.olle):
        for plain in (True, False):
            with pytest.raises(Refused) as said:
                mailing.may_not_be_mailed(desk.at(actor), desk.reading(), "sv", plain=plain)
            assert said.value.code == "not_allowed"


def test_the_command_line_writes_it_with_lines_of_the_ledger(
    desk: Marked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    desk.place("Bo Dahl", Kind.OPTED_OUT)
    path = tmp_path / "list.csv"
    assert commands.main(["--language", "sv", "may-not-mail", "--out", str(path)]) == 0
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert {row["address_digest"] for row in rows} == {
        digest(desk, BO["E-post"]), digest(desk, TOVE["E-post"]),
    }  # fmt: skip
    assert {row["key_id"] for row in rows} == {keys.suppression(desk.settings)[0].key_id}
    assert desk.lines(ledger.Event.EXTRACT_MADE) == [
        {"what": "may_not_mail", "rows": 2, "persons": False, "flavour": "plain"}
    ]


def test_an_opt_out_that_takes_effect_is_on_the_list_whoever_it_is_from(desk: Marked) -> None:
    for email in ("anna@berg.example", "nils@annan.example"):
        wish = Asked("opt_out", "mail", TODAY, "prospect", name="", email=email)
        number = requests_desk.register(desk.at(desk.petra), desk.reading(), wish)
        reading = desk.reading()
        requests_desk.write(desk.at(desk.petra), number, Step.EFFECTIVE, TODAY, reading=reading)
    found = told(desk, plain=False)
    assert found[digest(desk, "nils@annan.example")] == "opted out"
    assert found[digest(desk, "anna@berg.example")] == "opted out"


def test_a_list_that_a_purge_overtakes_is_written_from_the_copy_of_now(
    desk: Marked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    path, times, write = tmp_path / "no_mail.csv", [1], mailing.write

    def overtaken(*given: Any, **more: Any) -> int:
        if times:
            times.pop()
            raise copy.Retired
        return write(*given, **more)

    monkeypatch.setattr(mailing, "write", overtaken)
    assert commands.main(["may-not-mail", "--out", str(path)]) == 0
    assert times == [] and path.exists()
