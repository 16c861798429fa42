"""Reviews of grants, what they order, and what the next export says of it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.environments import findings, state, verbs
from compliance.environments.tables import grant_review
from compliance.ledger.tables import ledger as lines
from compliance.show.extract import Stamp
from compliance.words.refusal import Refused
from tests.purge.test_grants import grant
from tests.purging import Desk, employees, environments, grants

ONE = ("support_access", "B1")
TWO = ("support_access", "B2")
STAFF = [
    {"Anställningsnummer": number, "Förnamn": name, "Efternamn": "Ek", "E-post": f"{name.lower()}@antura.example",
     "Anställd från": "2020-01-01", "Status": "Anställd"}
    for number, name in (("7", "Bo"), ("17", "Cia"))
]  # fmt: skip
GRANTS = [grant(1, "7"), grant(2, "17", **{"Godkänd av": "7"})]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access")
    desk = Desk(folder / "store", COMPLIANCE_BUILDS="plain")
    taken = desk.take_in(employees(folder, STAFF), environments(folder, [{"Miljö-ID": "M1"}]), grants(folder, GRANTS))
    assert taken.all_taken
    desk.register.dispose()
    return folder / "store"


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Desk:
    return Desk(Path(shutil.copytree(made, tmp_path / "store")), COMPLIANCE_BUILDS="plain")


def review(desk: Desk, *these: tuple[str, str], keep: bool, reason: str = "Ärendet är stängt") -> verbs.Reviewed:
    return verbs.review(desk.at(desk.axel), desk.reading(), these, keep=keep, reason=reason)


def room(desk: Desk) -> state.Room:
    return state.room(desk.at(), desk.reading(), named=False)


def found(desk: Desk, key: str = "B1") -> state.Grant:
    return next(one for one in room(desk).grants if one.row.grant_key == key)


def events(desk: Desk) -> list[str]:
    with desk.register.connect() as connection:
        told = connection.scalars(sa.select(lines.c.event).order_by(lines.c.seq)).all()
    return [event for event in told if event.startswith(("grant:", "revocation:"))]


def states(desk: Desk) -> list[str]:
    return [one.state.value for one in room(desk).orders]


def test_a_review_that_keeps_moves_the_day_of_the_next(desk: Desk) -> None:
    assert review(desk, ONE, TWO, keep=True) == verbs.Reviewed(2, (), ())
    assert found(desk).review_due == dt.date(2027, 2, 22)
    assert events(desk) == ["grant:reviewed", "grant:reviewed"]


def test_a_second_review_stands_beside_the_first(desk: Desk) -> None:
    review(desk, ONE, keep=True, reason="Behövs i ärendet")
    review(desk, ONE, keep=False)
    assert [(one.is_kept, one.reason, one.role) for one in found(desk).reviews] == [
        (True, "Behövs i ärendet", "ciso"),
        (False, "Ärendet är stängt", "ciso"),
    ]


def test_what_is_not_kept_is_ordered_once_and_taken_back_by_keeping_it(desk: Desk) -> None:
    assert review(desk, ONE, keep=False).ordered == (1,)
    assert review(desk, ONE, keep=False).ordered == ()
    assert states(desk) == ["awaited"]
    assert review(desk, ONE, keep=True).withdrawn == (1,)
    assert states(desk) == ["withdrawn"]
    assert review(desk, ONE, keep=False).ordered == (2,)
    assert events(desk).count("revocation:asked") == 2


def test_the_order_has_keys_and_nobody(desk: Desk) -> None:
    review(desk, ONE, TWO, keep=False)
    stamp = Stamp(desk.reading().build, dt.date(2026, 11, 24), "")
    written = verbs.order(desk.at(desk.axel), [1, 2], "sv", stamp, desk.clock)
    content = b"".join(written).decode("utf-8-sig")
    assert "B1" in content and "B2" in content and "M1" in content
    assert not any(text in content for text in ("@", "Bo", "Cia", "fk-1"))
    assert room(desk).orders[0].fetched_at is not None
    with pytest.raises(Refused, match="not_allowed"):
        verbs.order(desk.at(desk.gun), [1], "sv", stamp, desk.clock)
    assert events(desk)[-2:] == ["revocation:ordered", "revocation:ordered"]


@pytest.mark.parametrize(
    ("rows", "stamp", "expected"),
    [
        # Revoked at the source, told by an export after the order.
        ([grant(1, "7", Återkallad="2026-11-24"), GRANTS[1]], "2026-11-25T0500", "verified"),
        # Not in the export any more.
        ([GRANTS[1]], "2026-11-25T0500", "verified"),
        # Nor is one that may be it: a row without its key.
        ([GRANTS[1], {**GRANTS[0], "Behörighets-ID": ""}], "2026-11-25T0500", "awaited"),
        (GRANTS, "2026-11-25T0500", "still_there"),
        # A revocation that is to come is none yet.
        ([grant(1, "7", Återkallad="2027-11-24"), GRANTS[1]], "2026-11-25T0500", "still_there"),
        # When cannot be read: nobody can say.
        ([grant(1, "7", Återkallad="förra veckan"), GRANTS[1]], "2026-11-25T0500", "awaited"),
        # Made before the order, it says nothing of it but where it was revoked already.
        ([*GRANTS, grant(3, "7")], "2026-11-24T0530", "awaited"),
        ([grant(1, "7", Återkallad="2026-11-24"), GRANTS[1]], "2026-11-24T0530", "verified"),
    ],
)
def test_the_next_export_says_whether_it_was_done(
    desk: Desk, tmp_path: Path, rows: list[dict[str, str]], stamp: str, expected: str
) -> None:
    review(desk, ONE, keep=False)
    desk.on(dt.date(2026, 11, 26))
    assert desk.take_in(grants(tmp_path / "in2", rows, stamp)).all_taken
    assert states(desk) == [expected]
    codes = [one.code for one in findings.judged(room(desk)).findings if one.thing == "B1"]
    assert ("access_still_there" in codes) is (expected == "still_there")
    ends = {"verified": "revocation:verified", "still_there": "revocation:not_verified"}
    assert events(desk)[-1] == ends.get(expected, "revocation:asked")


def test_orders_that_wait_are_asked_for_once(desk: Desk) -> None:
    asked: list[str] = []

    def note(*told: Any) -> None:
        # The watch over rows asks by number.
        where = told[2].partition("WHERE ")[2]
        if "FROM revocation" in told[2] and "revocation.grant_key" in where:
            asked.append(told[2])

    sa.event.listen(desk.register, "before_cursor_execute", note)
    review(desk, ONE, TWO, keep=False)
    sa.event.remove(desk.register, "before_cursor_execute", note)
    assert len(asked) == 1
    assert review(desk, ONE, TWO, keep=True).withdrawn == (1, 2)


def test_a_line_that_cannot_be_read_may_be_the_grant(desk: Desk, tmp_path: Path) -> None:
    review(desk, ONE, keep=False)
    desk.on(dt.date(2026, 11, 26))
    export = grants(tmp_path / "in2", [GRANTS[1]], "2026-11-25T0500")
    with export.open("ab") as file:
        file.write(b"B1;kort\r\n")
    taken = desk.take_in(export)
    assert taken.all_taken and [one.unread_keys for one in taken.files[0].taken] == [1]
    assert states(desk) == ["awaited"]


def test_a_key_that_is_not_kept_for_its_address_says_nothing_by_being_away(desk: Desk, tmp_path: Path) -> None:
    named = [GRANTS[0] | {"Behörighets-ID": "M1/bo@antura.example"}, GRANTS[1]]
    assert desk.take_in(grants(tmp_path / "in1", named, "2026-11-24T0700")).all_taken
    review(desk, ("support_access", "M1/bo@antura.example"), keep=False)
    desk.on(dt.date(2026, 11, 26))
    assert desk.take_in(grants(tmp_path / "in2", [GRANTS[1]], "2026-11-25T0500")).all_taken
    assert states(desk) == ["awaited"]


def test_what_was_verified_and_is_there_again_is_told(desk: Desk, tmp_path: Path) -> None:
    review(desk, ONE, keep=False)
    desk.on(dt.date(2026, 11, 26))
    assert desk.take_in(grants(tmp_path / "in2", [GRANTS[1]], "2026-11-25T0500")).all_taken
    assert states(desk) == ["verified"]
    assert desk.take_in(grants(tmp_path / "in2", GRANTS, "2026-11-26T0500")).all_taken
    assert states(desk) == ["still_there"]


def test_a_review_says_nothing_of_another_holder(desk: Desk, tmp_path: Path) -> None:
    review(desk, ONE, keep=True)
    desk.on(dt.date(2026, 11, 26))
    assert desk.take_in(grants(tmp_path / "in2", [grant(1, "17"), GRANTS[1]], "2026-11-25T0500")).all_taken
    assert found(desk).reviews == ()
    # And nothing of it is lost.
    with desk.register.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(grant_review)) == 1


@pytest.mark.parametrize(
    ("these", "reason", "code"),
    [
        ((), "Behövs", "review_nothing"),
        ((ONE,), " ", "field_missing"),
        ((ONE,), "x" * 501, "field_too_long"),
        ((ONE,), "Sagt av bo.ek@antura.example", "review_personal"),
        ((ONE, ("support_access", "B9")), "Behövs", "grant_gone"),
    ],
)
def test_what_cannot_be_reviewed_is_refused_whole(
    desk: Desk, these: tuple[tuple[str, str], ...], reason: str, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        review(desk, *these, keep=True, reason=reason)
    assert events(desk) == []


def test_nobody_reviews_their_own_access_and_only_who_may_reviews(desk: Desk, tmp_path: Path) -> None:
    mine = {**STAFF[0], "E-post": desk.axel.email}
    desk.on(dt.date(2026, 11, 26))
    assert desk.take_in(employees(tmp_path / "in2", [mine, STAFF[1]], "2026-11-25T0500")).all_taken
    with pytest.raises(Refused, match="grant_own"):
        review(desk, ONE, TWO, keep=True)
    assert review(desk, TWO, keep=True).grants == 1
    for actor in (desk.gun, desk.olle):
        with pytest.raises(Refused, match="not_allowed"):
            verbs.review(desk.at(actor), desk.reading(), [TWO], keep=True, reason="Behövs")


def test_what_was_looked_at_is_what_is_reviewed(desk: Desk, tmp_path: Path) -> None:
    seen = desk.reading()
    desk.on(dt.date(2026, 11, 26))
    assert desk.take_in(grants(tmp_path / "in2", [GRANTS[1]], "2026-11-25T0500")).all_taken
    with pytest.raises(Refused, match="grants_build_changed"):
        verbs.review(desk.at(desk.axel), seen, [ONE], keep=True, reason="Behövs")
    assert ledger.Event.GRANT_REVIEWED not in events(desk)
