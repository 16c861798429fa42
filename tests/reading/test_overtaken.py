"""A build that goes while somebody decides by what it says: they are told that the copy is another by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest
import sqlalchemy as sa

from compliance.access.at import At
from compliance.environments import verbs as environments
from compliance.holds import verbs as holds
from compliance.identity import verbs as identity
from compliance.identity.tables import Answer
from compliance.ledger.tables import ledger
from compliance.marks import verbs as marks
from compliance.marks.tables import Kind
from compliance.reading.copy import Reading, Retired
from compliance.rectification import verbs as rectification
from compliance.requests import desk as requests_desk
from compliance.requests import verbs as requests
from compliance.requests.tables import request
from compliance.words.refusal import Refused
from tests.purging import Desk
from tests.world import TODAY


class _Gone:
    """A reading of a build that another has taken the place of."""

    build, as_of = 1, TODAY

    def rows(self, *_: object, **__: object) -> NoReturn:
        raise Retired

    one = known_as = window_of = rows


GONE = cast(Reading, _Gone())
LATER = TODAY + dt.timedelta(days=30)
PROSPECT = requests_desk.Asked("erasure", "phone", TODAY, name="Eva Sten", email="eva@sten.example")
DECIDED: dict[str, Callable[[At], Any]] = {
    "hold_build_changed": lambda at: holds.place(
        at, GONE, holds.Target("person", "p1"), holds.Terms("legal_claim", "legal", LATER)
    ),
    "mark_build_changed": lambda at: marks.place(at, GONE, "p1", marks.Terms(Kind.OBJECTED, TODAY)),
    "pair_build_changed": lambda at: identity.decide(at, GONE, "p1", "p2", Answer.SAME),
    "rectification_build_changed": lambda at: rectification.ask(
        at, GONE, "p1", rectification.Wanted("r1", "phone", "0701740615", "T-1")
    ),
    "grants_build_changed": lambda at: environments.review(at, GONE, [("support", "G1")], keep=True, reason="ok"),
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An installation whose copy does not matter."""
    return Desk(tmp_path / "store")


def lines(desk: Desk) -> int:
    with desk.register.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(ledger)) or 0


@pytest.mark.parametrize("code", DECIDED)
def test_whoever_decides_is_told_and_nothing_is_written(desk: Desk, code: str) -> None:
    before = lines(desk)
    with pytest.raises(Refused) as told:
        DECIDED[code](desk.at(desk.petra))
    assert (told.value.code, lines(desk)) == (code, before)


def test_a_request_is_entered_and_whom_it_is_from_is_left_to_the_next_build(desk: Desk) -> None:
    number = requests_desk.register(desk.at(desk.petra), GONE, PROSPECT)
    other = {"name": "Bo Dahl", "email": "bo@dahl.example"}
    assert requests_desk.give_sender(desk.at(desk.petra), GONE, number, other) == 0
    with desk.register.connect() as connection:
        row = connection.execute(sa.select(request.c.reference, request.c.email)).one()
    assert row.email == "bo@dahl.example"
    with pytest.raises(Refused, match="request_build_changed"):
        requests_desk.match(desk.at(desk.petra), GONE, number)
    with pytest.raises(Refused, match="request_build_changed"):
        requests.choose(
            desk.at(desk.petra), GONE, requests_desk.SOURCE, row.reference, "p1", requests.Verdict.CONFIRMED
        )
