"""What people have asked the demo company for by phone, mail and letter: every kind, in every state.

Whoever asks is invented; two of them are in the copy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.access.at import At
from compliance.demo import letters_made
from compliance.reading.copy import Reading
from compliance.requests import desk
from compliance.requests.desk import Asked
from compliance.requests.tables import AT_ONCE, Kind, Step
from compliance.show.entries import entry_binds, entry_page
from compliance.words.deadlines import RequestState, add_working_days
from compliance.words.vocabulary import Category, Status

_Facts = Mapping[str, Any]


@dataclass(frozen=True)
class _Case:
    """A request by the days before today on which it came and its steps happened. Of `stored` somebody in the copy."""

    kind: str
    channel: str
    received: int
    steps: tuple[tuple[int, Step, _Facts], ...] = ()
    requester: str = "prospect"
    customer: str | None = None
    same: bool = False
    stored: bool = False


def _closed(day: int, outcome: str) -> tuple[tuple[int, Step, _Facts], ...]:
    return ((day, Step.ANSWERED, {}), (day, Step.CLOSED, {"outcome": outcome}))


_CASES = (
    _Case("access", "mail", 12, ((9, Step.DECIDED, {"decision": "hand_out"}),), stored=True),
    _Case("access", "phone", 33, ((20, Step.DECIDED, {"decision": "hand_out"}), *_closed(15, "done"))),
    _Case("rectification", "letter", 9, (
        (7, Step.DECIDED, {"decision": "correct"}), (6, Step.EXECUTED, {}),
        (6, Step.RECIPIENT_DUE, {"recipient": "CRM"}), (6, Step.RECIPIENT_DUE, {"recipient": "Utskicksverktyget"}),
        (4, Step.RECIPIENT_TOLD, {"recipient": "CRM", "telling": "told"}),
    ), "customer_contact"),
    _Case("restriction", "mail", 4),
    _Case("objection", "phone", 20, ((20, Step.EFFECTIVE, {}), (18, Step.DECIDED, {"decision": "stop"}))),
    _Case("opt_out", "mail", 0, stored=True),
    _Case("opt_out", "phone", 30, ((30, Step.EFFECTIVE, {}), *_closed(29, "done"))),
    _Case("portability", "mail", 15, (
        (10, Step.DECIDED, {"decision": "refuse", "why": "not_portable"}), *_closed(9, "refused"),
    )),
    _Case("erasure", "phone", 45, ((45, Step.IDENTITY_ASKED, {"doubt": "unknown_address"}),)),
    _Case("erasure", "mail", 80, (
        (80, Step.IDENTITY_ASKED, {"doubt": "for_another"}), *_closed(40, "not_identified"),
    )),
    _Case("erasure", "in_person", 40, ((20, Step.EXTENDED, {"reason": "complex"}),), "representative"),
    _Case("erasure", "customer", 3, requester="env_user", customer="Norrlunda Energi AB"),
    _Case("erasure", "ticket", 12, (
        (10, Step.FORWARDED, {"customer": "Västbo Kommun"}), (9, Step.CLOSED, {"outcome": "redirected"}),
    ), "env_user", "Västbo Kommun"),
    _Case("erasure", "phone", 50, (
        (44, Step.DECIDED, {"decision": "keep", "category": "VOUCHER", "why": "bookkeeping", "until_on": 800}),
    ), "staff"),
    _Case("erasure", "phone", 60, ((55, Step.WITHDRAWN, {}),), same=True),
    _Case("erasure", "mail", 2, same=True),
    _Case("access", "letter", 70, (
        (60, Step.DECIDED, {"decision": "hand_out"}), *_closed(55, "done"), (5, Step.REOPENED, {"clock": "anew"}),
    ), "staff"),
    _Case("access", "mail", 38, _closed(30, "not_found"), "other"),
    _Case("erasure", "letter", 55, (
        (50, Step.DECIDED, {"decision": "keep", "why": "claims", "until_on": 900}), *_closed(49, "partial"),
    ), "representative"),
    _Case("rectification", "mail", 60, (
        (52, Step.DECIDED, {"decision": "correct"}), (45, Step.EXECUTED, {}), *_closed(44, "done"),
    ), "customer_contact"),
    _Case("restriction", "letter", 48, (
        (47, Step.DECIDED, {"decision": "restrict", "ground": "needed_for_claims", "review_on": 60}),
        (47, Step.EXECUTED, {}), *_closed(46, "done"),
    )),
    _Case("objection", "mail", 36, (
        (36, Step.EFFECTIVE, {}), (35, Step.DECIDED, {"decision": "stop"}), *_closed(34, "done"),
    )),
    # What it kept may go by now.
    _Case("erasure", "mail", 75, (
        (70, Step.DECIDED, {"decision": "keep", "why": "claims", "until_on": -4}), *_closed(66, "partial"),
    ), stored=True),
)  # fmt: skip
# How many days ago a request came that stands so today, whatever the month and its holidays.
_CAME = {
    RequestState.OPEN: 6,
    RequestState.DUE_SOON: 28,
    RequestState.OVERDUE: 41,
    RequestState.PAUSED: 12,
    RequestState.REDIRECTED: 2,
}
# In which of these states none of the cases and none of the form's requests of a kind is.
_BESIDES = {
    Kind.ACCESS: (RequestState.DUE_SOON, RequestState.OVERDUE, RequestState.PAUSED, RequestState.REDIRECTED),
    Kind.RECTIFICATION: (RequestState.DUE_SOON, RequestState.OVERDUE, RequestState.PAUSED, RequestState.REDIRECTED),
    Kind.RESTRICTION: (RequestState.DUE_SOON, RequestState.OVERDUE, RequestState.PAUSED, RequestState.REDIRECTED),
    Kind.OBJECTION: (RequestState.DUE_SOON, RequestState.OVERDUE, RequestState.PAUSED, RequestState.REDIRECTED),
    Kind.OPT_OUT: (RequestState.OPEN, RequestState.OVERDUE, RequestState.PAUSED, RequestState.REDIRECTED),
    Kind.PORTABILITY: tuple(_CAME),
}
_NAMES = (
    "Disa Lundmark", "Torkel Wiberg", "Svea Hallin", "Ivar Ekstrand", "Märta Sjödin", "Albin Roos", "Tuva Granath",
    "Viggo Ståhl", "Elsa Norberg", "Hjalmar Berggren", "Saga Lindell", "Melker Åström", "Alva Dahlin", "Sixten Palm",
    "Ebba Wallin", "Ebba Wallin", "Nils Öhrn", "Rut Ahlgren", "Ture Blixt", "Signe Dahl", "Egon Frisk", "Hedda Ling",
    "Runa Hagberg",
)  # fmt: skip
_FIRST = ("Aina", "Bror", "Carin", "Didrik", "Edit", "Folke")
_LAST = ("Grankvist", "Hultén", "Isaksson", "Jernberg", "Kihlman")

_ASCII = str.maketrans("åäö", "aao")


def enter(at: At, reading: Reading) -> None:
    """Enters them all, by who acts, as recorded today."""
    binds = entry_binds({"category": Category.PROSPECT, "status": Status.RETAINED}, named=True)
    stored = iter(
        {"name": row.name, "email": row.email}
        for row in entry_page(reading, binds, 200, 0)
        if row.name and row.email
    )  # fmt: skip
    besides = zip((f"{first} {last}" for last in _LAST for first in _FIRST), _of_each_state(), strict=False)
    for name, case in [*zip(_NAMES, _CASES, strict=True), *besides]:
        given = {"name": name, "email": f"{name.lower().translate(_ASCII).replace(' ', '.')}@hem.example"}
        if case.stored and (one := next(stored, None)) is not None:
            given = one
        received = _day(at, case.received)
        asked = Asked(case.kind, case.channel, received, case.requester, customer=case.customer, **given)
        number = desk.register(at, reading, asked)
        for before, step, told in case.steps:
            facts = {
                key: at.today + dt.timedelta(days=value) if key in ("until_on", "review_on") else value
                for key, value in told.items()
            }
            day = _day(at, before)
            if step is Step.IDENTITY_ASKED:
                # Without undue delay, whatever day it came on.
                day = min(at.today, add_working_days(received, 1))
            desk.write(at, number, step, day, facts, reading=reading)
        letters_made.send(at, number)


def _of_each_state() -> Iterator[_Case]:
    """Of each kind the states in which no other is."""
    for kind, states in _BESIDES.items():
        for state in states:
            came = _CAME[state]
            steps: tuple[tuple[int, Step, _Facts], ...] = ()
            if state is RequestState.PAUSED:
                steps = ((came, Step.IDENTITY_ASKED, {"doubt": "unknown_address"}),)
            elif kind in AT_ONCE and state is not RequestState.REDIRECTED:
                steps = ((came, Step.EFFECTIVE, {}),)
            if state is RequestState.REDIRECTED:
                yield _Case(kind, "customer", came, requester="env_user", customer="Norrlunda Energi AB")
            else:
                yield _Case(kind, "mail", came, steps)


def _day(at: At, before: int) -> dt.date:
    return at.today - dt.timedelta(days=before)
