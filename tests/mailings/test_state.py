"""What was sent that should not have been: by each word, a day before, on and after; opt-outs, silence, and lists."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest

from compliance.mailings import asks, state
from compliance.mailings.asks import OptOuts, Sent
from compliance.mailings.state import Code, Mailed, Why, Wrong
from compliance.marks.listing import Entry, MarkRow
from compliance.marks.tables import Kind
from compliance.reading.copy import Reading
from compliance.show import findings as listed
from compliance.words.finding import Finding, Severity
from compliance.words.policy import Parameters
from compliance.words.texts import has, say
from compliance.words.vocabulary import LANGUAGES, Category
from tests.world import TODAY, World, shipped_policy

SINCE = dt.date(2025, 11, 24)


class Tool(World):
    """A world with a mailing tool."""

    def sent(
        self, address: str | None, on: str | None, key: str = "Nyheter", use: str | None = "mailing", **more: Any
    ) -> None:
        self._add(
            "mailing", dataset="mailings", source="mailing_tool", send_key=f"U{len(self._rows)}", mailing_key=key,
            address=address, sent_on=None if on is None else dt.date.fromisoformat(on), use=use,
            **{"is_erased": False, "unread": [], **more},
        )  # fmt: skip

    def opted_out(self, address: str, asked: str, acts: str | None = None) -> None:
        self._add(
            "opt_out", dataset="opt_outs", source="mailing_tool", opt_out_key=f"A{len(self._rows)}", address=address,
            received_on=dt.date.fromisoformat(asked), is_erased=False, unread=[],
            effective_on=None if acts is None else dt.date.fromisoformat(acts),
        )  # fmt: skip


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    tool = Tool(tmp_path_factory.mktemp("tool"))
    for key, more in {
        "told": {"opted_out_on": "2026-05-04"}, "tool": {}, "clean": {}, "other": {}, "silent": {}, "new": {},
        "quiet": {"opted_out_on": "2026-05-04"}, "nowhere": {"email": None}, "kept": {},
    }.items():  # fmt: skip
        registered = "2026-01-20" if key == "new" else "2015-01-20" if key == "kept" else "2024-01-20"
        tool.person("PROSPECT", key, **{"registered_on": registered, **more})
    tool.hold("person", tool_id("kept"), "2026-03-01")
    # In its source since 4 May: on the day itself nobody can tell.
    for day in ("2026-05-03", "2026-05-04", "2026-05-05"):
        tool.sent("told@bolaget.example", day, key=f"Maj {day[-1]}")
    # In the tool since 10 May.
    tool.opted_out("tool@bolaget.example", "2026-05-10", "2026-05-12")
    tool.sent("tool@bolaget.example", "2026-05-11", key="Maj 11")
    tool.sent("clean@bolaget.example", "2026-05-11", key="Maj 11")
    # Older than what is judged.
    tool.sent("told@bolaget.example", "2025-11-24", key="Gammalt")
    tool.sent("other@bolaget.example", "2026-06-01", key="Lista", use="other")
    tool.sent("clean@bolaget.example", "2026-06-01", key="Okänt", use=None)
    tool.sent(None, "2026-06-02", key="Maj 11", unread=["email"])
    # Kept by a hold since 1 March, and by nothing else.
    for day in ("2026-03-01", "2026-03-02"):
        tool.sent("kept@bolaget.example", day, key=f"Mars {day[-1]}")
    for day in ("2026-07-01", "2026-07-02"):
        tool.sent(None, day, key=f"Juli {day[-1]}", is_erased=True, erased_on=dt.date(2026, 7, 1))
    return tool.reading()


def tool_id(key: str) -> str:
    """The id that a person will have who has nothing but an address of their own."""
    return hashlib.md5(f"{key}@bolaget.example".encode()).hexdigest()


@pytest.fixture(scope="module")
def found(reading: Reading) -> Mailed:
    return state.mailed(reading, (), Parameters())


def by_code(found: Mailed) -> dict[tuple[str, str], Finding]:
    return {one.known_as: one for one in state.judged(found, shipped_policy(), Parameters()).findings}


def test_what_was_sent_after_an_opt_out_is_found_wherever_it_was_told(found: Mailed) -> None:
    assert {(one.mailing_key, one.why): one.sends for one in found.wrong} == {
        ("Maj 5", Why.OPTED_OUT): 1, ("Maj 11", Why.OPTED_OUT): 1, ("Juli 2", Why.ERASED): 1,
        ("Mars 2", Why.HELD): 1,
    }  # fmt: skip
    told = by_code(found)[Code.AFTER_OPT_OUT, "mailing_tool: Maj 5 (opted_out)"]
    assert (told.severity, told.since, told.told["sends"]) == (Severity.CRITICAL, dt.date(2026, 5, 5), 1)
    assert told.owner == shipped_policy().rules[Category.CUSTOMER_CONTACT].owner
    assert (Code.TO_UNWANTED, "mailing_tool: Juli 2 (erased)") in by_code(found)
    figures = state.figures(found, Parameters())
    assert (figures["sent_after_opt_out"], figures["sent_to_unwanted"]) == (2, 2)


def test_who_hears_nothing_is_counted_once_they_have_been_stored_that_long(found: Mailed) -> None:
    # Silent, nowhere and quiet; who is new has not been stored for long, and all others were mailed.
    assert found.unmailed == (asks.Unmailed("PROSPECT", 3, 1, 1),)
    assert by_code(found)[Code.UNMAILED, "PROSPECT"].told["persons"] == 2
    assert state.figures(found, Parameters())["unmailed"] == 2


def test_a_list_for_something_else_is_found_and_one_for_nobody_knows_what_is_asked_about(found: Mailed) -> None:
    told = by_code(found)
    assert told[Code.OTHER_USE, "mailing_tool: Lista"].severity is Severity.MAJOR
    assert (Code.NO_USE, "mailing_tool: Okänt") in told and (Code.UNREAD, "mailing_tool: Maj 11 (mailing)") in told
    assert state.figures(found, Parameters())["mailings_other_use"] == 1


def test_every_finding_has_its_words(found: Mailed) -> None:
    for one in state.judged(found, shipped_policy(), Parameters()).findings:
        for language in LANGUAGES:
            assert "{" not in listed.told(one, language, {})


@pytest.mark.parametrize(
    ("asked", "acts", "is_late", "days"),
    [
        # Friday to Monday is a working day, to Tuesday two.
        ("2026-11-20", "2026-11-20", False, 0),
        ("2026-11-20", "2026-11-23", False, 3),
        ("2026-11-20", "2026-11-24", True, 4),
        # One that does not act yet.
        ("2026-11-23", None, False, None),
        ("2026-11-20", None, True, None),
        (None, "2026-11-20", False, None),
        # Blocked before it was asked for.
        ("2026-11-20", "2026-11-19", False, 0),
    ],
)
def test_an_opt_out_may_take_a_working_day(
    asked: str | None, acts: str | None, is_late: bool, days: int | None
) -> None:
    row = OptOuts("mailing_tool", *(None if day is None else dt.date.fromisoformat(day) for day in (asked, acts)), 2)
    assert state.is_late(row, Parameters(), TODAY) is is_late and state.days_to_effect(row) == days
    found = Mailed(True, (Sent("t", "x", "mailing", None, None, 1, 0),), (), (row,), (), SINCE, TODAY)
    told = by_code(found)
    assert ((Code.OPT_OUT_LATE, "mailing_tool") in told) is is_late
    figures = state.figures(found, Parameters())
    assert (figures["tool_opt_out_days"], figures["tool_opt_outs_late"]) == (days, 2 if is_late else 0)


def test_the_days_of_a_late_opt_out_are_its_own() -> None:
    rows = (
        OptOuts("mailing_tool", dt.date(2026, 11, 2), dt.date(2026, 11, 5), 1),
        OptOuts("mailing_tool", dt.date(2026, 11, 16), None, 2),
    )
    told = by_code(Mailed(True, (), (), rows, (), SINCE, TODAY))[Code.OPT_OUT_LATE, "mailing_tool"]
    # 3 days, and 8 until today: not as many as from the first to today.
    assert (told.since, told.told["opt_outs"], told.told["days"]) == (dt.date(2026, 11, 2), 3, 8)


def test_opt_outs_are_judged_where_nothing_says_what_was_sent() -> None:
    row = OptOuts("mailing_tool", dt.date(2026, 11, 2), None, 1)
    judged = state.judged(Mailed(False, (), (), (row,), (), SINCE, TODAY), shipped_policy(), Parameters())
    assert {one.code for one in judged.findings} == {Code.OPT_OUT_LATE, Code.NONE_TAKEN_IN}
    assert Code.OPT_OUT_LATE not in judged.unjudged and Code.UNMAILED in judged.unjudged
    # And the other way round.
    sent = Mailed(True, (), (), (), (), SINCE, TODAY)
    assert state.judged(sent, shipped_policy(), Parameters()).unjudged == {Code.OPT_OUT_LATE}


def test_mailings_of_one_name_are_as_many_as_their_sources_and_none_is_lost() -> None:
    day = dt.date(2026, 6, 1)
    sent = tuple(Sent(source, "Lista", "other", day, day, 5, 2) for source in ("a", "b"))
    # Called by somebody's address, two of one source are told as one, with all that was sent.
    sent += tuple(Sent("a", f"{name}@bolaget.example", "other", day, day, 3, 1) for name in ("x", "y"))
    wrong = tuple(Wrong("a", f"{name}@bolaget.example", Why.ERASED, 1, day, day) for name in ("x", "y"))
    found = Mailed(True, sent, wrong, (), (), SINCE, TODAY)
    told = by_code(found)
    assert {thing: one.told["sends"] for (code, thing), one in told.items() if code == Code.OTHER_USE} == {
        "a: Lista": 5, "b: Lista": 5, "a": 6,
    }  # fmt: skip
    assert told[Code.UNREAD, "a (other)"].told["rows"] == 2
    assert told[Code.TO_UNWANTED, "a (erased)"].told["sends"] == 2
    assert state.figures(found, Parameters())["mailings_other_use"] == 4


def test_what_was_sent_long_ago_is_no_list_of_today_and_known_all_the_same(tmp_path: Path) -> None:
    tool = Tool(tmp_path)
    tool.sent("other@bolaget.example", "2025-11-24", key="Gammalt", use="other")
    found = state.mailed(tool.reading(), (), Parameters())
    assert (found.is_known, found.sent) == (True, ())
    assert not {code for code, _ in by_code(found)} & {Code.NONE_TAKEN_IN, Code.OTHER_USE}
    assert state.figures(found, Parameters())["mailings_other_use"] == 0


def test_without_mailings_nothing_is_said_to_be_well() -> None:
    nothing = Mailed(False, (), (), (), (), SINCE, TODAY)
    assert {code for code, _ in by_code(nothing)} == {Code.NONE_TAKEN_IN}
    told = state.judged(nothing, shipped_policy(), Parameters())
    assert {Code.AFTER_OPT_OUT, Code.UNMAILED, Code.OTHER_USE} <= told.unjudged
    assert set(state.figures(nothing, Parameters()).values()) == {None}


ENTRY = Entry(
    mark_id=1, kind=Kind.OPTED_OUT.value, ground=None, received_on=dt.date(2026, 5, 4),
    placed_at=dt.datetime(2026, 5, 6, 8, tzinfo=dt.UTC), case_ref=None, review_on=None,
    told_on=None, ended_at=None, ending=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "sent_on", "ended", "whys"),
    [
        # An opt-out counts from when it was asked for, not from when somebody entered it.
        (Kind.OPTED_OUT, "2026-05-04", None, set()),
        (Kind.OPTED_OUT, "2026-05-05", None, {Why.OPTED_OUT}),
        (Kind.OBJECTED, "2026-05-06", None, set()),
        (Kind.OBJECTED, "2026-05-07", None, {Why.OBJECTED}),
        (Kind.RESTRICTED, "2026-05-07", None, {Why.RESTRICTED}),
        # Over by then.
        (Kind.RESTRICTED, "2026-06-02", dt.datetime(2026, 6, 2, 8, tzinfo=dt.UTC), set()),
        (Kind.RESTRICTED, "2026-06-01", dt.datetime(2026, 6, 2, 8, tzinfo=dt.UTC), {Why.RESTRICTED}),
    ],
)
def test_what_the_register_marks_counts_from_its_own_day(
    kind: Kind, sent_on: str, ended: dt.datetime | None, whys: set[Why]
) -> None:
    mark = MarkRow(dataclasses.replace(ENTRY, kind=kind.value, ended_at=ended), TODAY, ("p",))
    row = asks.Against("t", "m", "1", dt.date.fromisoformat(sent_on), None, None, None, "p,q")
    assert {one.why for one in state.wrong([row], [mark])} == whys


def test_the_words_of_uses_and_reasons_are_those_of_the_codes() -> None:
    for code, prefix in ((Why, "mailing_why"), (state.Use, "mailing_use")):
        for one in code:
            for language in LANGUAGES:
                assert say(f"{prefix}.{one}", language)


@pytest.mark.parametrize("code", list(Code))
def test_each_finding_has_a_name_and_a_help(code: Code) -> None:
    for language in LANGUAGES:
        assert all(has(f"finding_{part}.{code}") and say(f"finding_name.{code}", language) for part in ("told", "help"))
