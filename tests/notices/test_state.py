"""Where prospects come from and who is still to be told: each bound a day before, on and after, and each finding."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from compliance import access
from compliance.access.at import At
from compliance.ledger.tables import ledger
from compliance.notices import facts, state, verbs
from compliance.notices.asks import PROSPECTS_BY_ORIGIN, Prospects
from compliance.notices.facts import Facts, Informed, Meant, Origin, Struck
from compliance.notices.state import Code, Entry, Known
from compliance.notices.tables import EntryKind
from compliance.register.engine import engine
from compliance.words.finding import Finding, Severity
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import has, refusal, say
from compliance.words.vocabulary import LANGUAGES, Category, Role
from tests.mailings.test_state import Tool
from tests.world import TODAY, acting, shipped_policy

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
NOBODY = Known(())
BOUGHT = "köpt lista"


def row(
    word: str = BOUGHT,
    registered: str | None = "2026-11-01",
    persons: int = 1,
    *,
    met: bool = False,
    mailed: str | None = None,
) -> Prospects:
    days = [None if one is None else dt.date.fromisoformat(one) for one in (registered, mailed)]
    return Prospects("crm", word, met, days[0], days[1], persons)


def recorded(*told: Facts) -> Known:
    return Known(tuple(Entry(number, one.KIND, one, None, NOW, None, None) for number, one in enumerate(told, 1)))


def informed(on: str, registered: tuple[str, str], word: str = "Köpt  Lista", source: str = "crm") -> Informed:
    first, last = (dt.date.fromisoformat(day) for day in registered)
    return Informed(
        source=source, word=word, registered_from=first, registered_until=last,
        informed_on=dt.date.fromisoformat(on), how="Brev.",
    )  # fmt: skip


def found(known: Known, *rows: Prospects, as_of: dt.date = TODAY) -> dict[str, Finding]:
    groups = state.groups(known, rows, as_of)
    return {one.code: one for one in state.judged(groups, shipped_policy(), as_of).findings}


@pytest.mark.parametrize(
    ("as_of", "code"),
    [("2026-03-05", Code.DUE), ("2026-03-06", Code.DUE), ("2026-03-07", Code.LATE)],
)
def test_a_bought_list_is_a_finding_with_its_day_of_article_14(as_of: str, code: Code) -> None:
    got = found(NOBODY, row(registered="2026-02-06", persons=3), as_of=dt.date.fromisoformat(as_of))
    assert set(got) == {Code.NOT_MET, code}
    assert got[Code.NOT_MET].severity is Severity.MAJOR and got[Code.NOT_MET].told["persons"] == 3
    assert got[code].told["day"] == dt.date(2026, 3, 6)
    # The owner of prospects answers for it.
    assert got[code].owner == shipped_policy().rules[Category.PROSPECT].owner
    if code is Code.LATE:
        assert got[code].severity is Severity.CRITICAL and got[code].since == dt.date(2026, 3, 7)


@pytest.mark.parametrize(
    ("word", "met", "codes"),
    [
        ("mässa", False, set()),
        ("Säljmöte", False, set()),
        ("kontaktformulär", False, set()),
        # Met since, which a list that was bought before does not undo.
        (BOUGHT, True, {Code.LATE}),
        ("linkedin", False, {Code.NOT_MET, Code.LATE}),
        ("tips", False, {Code.NOT_MET, Code.LATE}),
        ("kundmiljö", False, {Code.ENVIRONMENT, Code.LATE}),
        ("", False, {Code.UNKNOWN, Code.LATE}),
        ("", True, set()),
        ("något annat", False, {Code.UNKNOWN, Code.LATE}),
    ],
)
def test_whoever_is_met_in_person_is_no_finding_and_others_are(word: str, met: bool, codes: set[Code]) -> None:
    assert set(found(NOBODY, row(word, "2026-01-31", met=met))) == codes


def test_q22_the_month_of_a_short_month_ends_on_its_last_day() -> None:
    (group,) = state.groups(NOBODY, [row(registered="2026-01-31")], dt.date(2026, 2, 10))
    assert group.due == {dt.date(2026, 2, 28): 1}


@given(st.dates(dt.date(2015, 1, 1), dt.date(2026, 11, 24)))
def test_the_day_by_which_to_tell_is_what_a_slow_count_says(registered: dt.date) -> None:
    day, wanted = registered, (registered.month % 12 + 1)
    # On day by day until the same date of the next month, or the last day that it has.
    while day.month != wanted or (day.day < registered.day and (day + dt.timedelta(days=1)).month == wanted):
        day += dt.timedelta(days=1)
    (group,) = state.groups(NOBODY, [row(registered=registered.isoformat())], TODAY)
    assert group.next_on == day and group.late(TODAY) == (day < TODAY)


@pytest.mark.parametrize(
    ("told", "waiting", "late", "in_time"),
    [
        # Registered on 10 and 20 October: to be told by 10 and 20 November.
        (informed("2026-11-10", ("2026-10-01", "2026-10-31")), 0, 0, 2),
        (informed("2026-11-11", ("2026-10-01", "2026-10-31")), 0, 1, 1),
        (informed("2026-11-10", ("2026-10-01", "2026-10-19")), 1, 0, 1),
        (informed("2026-11-10", ("2026-10-01", "2026-10-31"), word="mässa"), 2, 0, 0),
        (informed("2026-11-10", ("2026-10-01", "2026-10-31"), source="hr"), 2, 0, 0),
    ],
)
def test_who_was_told_and_in_time_is_counted(told: Informed, waiting: int, late: int, in_time: int) -> None:
    rows = [row(registered="2026-10-10"), row(registered="2026-10-20")]
    (group,) = state.groups(recorded(told), rows, TODAY)
    assert (group.waiting, group.told_late, group.in_time, group.over) == (waiting, late, in_time, 2)
    assert state.figures([group], TODAY) == {
        "notice_coverage": in_time / 2, "notices_late": waiting, "prospects_not_met": 2
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mailed", "tell_by", "late"),
    [
        (None, "2026-12-01", False),
        # The first letter says it, or it is late from the day after.
        ("2026-11-24", "2026-11-24", False),
        ("2026-11-23", "2026-11-23", True),
        # The month is over first.
        ("2026-12-02", "2026-12-01", False),
    ],
)
def test_the_first_mailing_is_the_day_where_it_comes_before_the_month_is_over(
    mailed: str | None, tell_by: str, late: bool
) -> None:
    (group,) = state.groups(NOBODY, [row(registered="2026-11-01", mailed=mailed)], TODAY)
    assert (group.next_on, group.late(TODAY)) == (dt.date.fromisoformat(tell_by), late)
    # Told in that very mailing, nothing is late.
    told = recorded(informed(tell_by, ("2026-11-01", "2026-11-01")))
    (group,) = state.groups(told, [row(registered="2026-11-01", mailed=mailed)], dt.date(2026, 12, 31))
    assert (group.waiting, group.told_late) == (0, 0)


def test_the_share_in_time_is_of_those_whose_month_ended_lately() -> None:
    # Due on 25 and 26 October, yesterday, and today, on which nothing is missed yet.
    days = ("2026-09-25", "2026-09-26", "2026-10-23", "2026-10-24")
    (group,) = state.groups(NOBODY, [row(registered=day) for day in days], TODAY)
    assert (group.over, group.late(TODAY)) == (2, 3)
    assert state.figures([], TODAY) == {"notice_coverage": None, "notices_late": 0, "prospects_not_met": 0}


def test_without_a_day_of_registration_nobody_knows_by_when() -> None:
    got = found(NOBODY, row(registered=None, persons=2))
    assert set(got) == {Code.NOT_MET, Code.UNDATED} and got[Code.UNDATED].told["persons"] == 2


def test_a_word_means_what_somebody_says_of_it() -> None:
    assert set(found(recorded(Meant(word="Kalas", origin=Origin.MET)), row("kalas"))) == set()
    assert Code.NOT_MET in found(recorded(Meant(word="mässa", origin=Origin.BOUGHT)), row("mässa"))


def test_a_rare_word_may_be_a_name_and_is_told_to_nobody() -> None:
    assert found(NOBODY, row("anna andersson", persons=4))[Code.UNKNOWN].thing == "crm"
    assert found(NOBODY, row("kampanj 7", persons=5))[Code.UNKNOWN].thing == "crm: kampanj 7"
    assert found(NOBODY, row("a@b.example", persons=50))[Code.UNKNOWN].thing == "crm"
    # What is not told apart is one.
    rare = found(NOBODY, row("anna", persons=2), row("bo", "2026-11-03", persons=3))
    assert rare[Code.UNKNOWN].told["persons"] == 5
    for code, one in rare.items():
        for language in LANGUAGES:
            assert "{" not in say(f"finding_told.{code}", language, **one.told)


def test_every_word_that_is_known_is_known_once_and_as_words_are_compared() -> None:
    assert all(word == facts.folded(word) for word in facts.words())
    assert Origin.UNKNOWN not in facts.words().values()


def test_the_copy_says_it_by_source_and_word(tmp_path: Path) -> None:
    world = Tool(tmp_path)
    for key, more in {
        "a": {"origin": "Köpt lista", "registered_on": "2026-11-01"},
        "b": {"origin": " köpt lista", "registered_on": "2026-11-01", "met_on": "2026-11-20"},
        # A meeting that has not been is none.
        "c": {"origin": "Köpt lista", "registered_on": "2026-11-01", "met_on": "2026-12-20"},
        "d": {"registered_on": None},
    }.items():
        world.person("PROSPECT", key, **more)
    world.person("PROSPECT", "f", origin="Mejlad", registered_on="2026-11-01")
    for address, sent_on in (
        # Before the data came here, twice after, ahead of today, and to somebody else.
        ("f", "2026-10-31"), ("f", "2026-11-12"), ("f", "2026-11-05"), ("a", "2026-12-24"), ("e", "2026-11-02"),
    ):  # fmt: skip
        world.sent(f"{address}@bolaget.example", sent_on)
    world.person("CUSTOMER_CONTACT", "e", origin="Köpt lista", org_id=world.customer("2020-01-01"))
    rows = world.reading().rows(PROSPECTS_BY_ORIGIN, as_of=TODAY)
    assert set(rows) == {
        row(persons=2), row(met=True), row("", None), row("mejlad", mailed="2026-11-05")
    }  # fmt: skip


class Office:
    """Petra (DPO) records; nobody else may."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.register = settings, engine(settings)
        self.people = {actor.role: actor for actor in access.demo_actors(settings)}

    def at(self, role: Role = Role.DPO) -> At:
        return dataclasses.replace(acting(self.settings, self.register, self.people[role], NOW), today=TODAY)


@pytest.fixture
def office(settings: Settings) -> Office:
    return Office(settings)


def refused(work: object, code: str, field: str | None = None) -> None:
    assert callable(work)
    with pytest.raises(Refused) as told:
        work()
    assert (told.value.code, told.value.values.get("field")) == (code, field)
    for language in LANGUAGES:
        assert "{" not in refusal(code, language, told.value.values)


def test_an_entry_is_corrected_and_struck_and_never_unwritten(office: Office) -> None:
    given_on = informed("2026-11-10", ("2026-10-01", "2026-10-31"))
    number = verbs.record(office.at(), given_on)
    mended = verbs.record(office.at(), given_on.model_copy(update={"how": "Mejl."}), corrects=number)
    refused(lambda: verbs.record(office.at(), given_on, corrects=number), "notice_entry_unknown")
    refused(
        lambda: verbs.record(office.at(), Meant(word="x", origin=Origin.MET), corrects=mended), "notice_entry_unknown"
    )
    refused(lambda: verbs.record(office.at(), Struck(reason="Fel.")), "notice_entry_unknown")
    verbs.record(office.at(), Struck(reason="Fel."), corrects=mended)
    known = state.known(office.register)
    assert [one.kind for one in known.entries] == [EntryKind.INFORMED, EntryKind.INFORMED, EntryKind.STRUCK]
    assert not known.standing and not state.as_known(known, NOW - dt.timedelta(seconds=1)).entries
    with office.register.connect() as connection:
        asked = sa.select(ledger.c.event, ledger.c.details).where(ledger.c.event.like("notice:%"))
        lines = connection.execute(asked.order_by(ledger.c.seq))
        assert [(event, json.loads(details)) for event, details in lines] == [
            ("notice:given", {"entry": 1}), ("notice:given", {"corrects": 1, "entry": 2}),
            ("notice:struck", {"corrects": 2, "entry": 3}),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        (informed("2026-11-10", ("2026-10-31", "2026-10-01")), "notice_order", "registered_until"),
        (informed("2026-11-25", ("2026-10-01", "2026-10-31")), "notice_ahead", "informed_on"),
        (informed("2026-09-30", ("2026-10-01", "2026-10-31")), "notice_before", "informed_on"),
        (informed("2026-10-15", ("2026-10-01", "2026-10-31")), "notice_after", "registered_until"),
        (Meant(word="KALAS", origin=Origin.BOUGHT), "notice_meant", "word"),
        (Meant(word="a@b.example", origin=Origin.MET), "notice_personal", "word"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_beside_its_field(
    office: Office, told: Facts, code: str, field: str
) -> None:
    verbs.record(office.at(), Meant(word="Kalas", origin=Origin.MET))
    refused(lambda: verbs.record(office.at(), told), code, field)
    assert len(state.known(office.register).entries) == 1


def test_only_the_dpo_records_who_was_told(office: Office) -> None:
    for role in Role:
        if role is not Role.DPO:
            refused(lambda: verbs.record(office.at(role), Meant(word="x", origin=Origin.MET)), "not_allowed")  # noqa: B023


@pytest.mark.parametrize("code", list(Code))
def test_each_finding_has_a_name_and_a_help(code: Code) -> None:
    for language in LANGUAGES:
        assert all(has(f"finding_{part}.{code}") and say(f"finding_name.{code}", language) for part in ("told", "help"))
