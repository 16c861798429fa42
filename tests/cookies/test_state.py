"""What scans and the inventory come to: each finding, since when, and what a scan cannot show."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.access.at import At
from compliance.cookies import figures, state, verbs
from compliance.cookies.facts import Consent, Life, Listed, ScanTold, SetAside, Struck, Use
from compliance.cookies.state import Code
from compliance.cookies.tables import Party, Phase, cookie_seen
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.finding import Finding, Severity
from compliance.words.texts import has, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.cookies.made import SITE, entry, har, of_cookies
from tests.world import acting

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LEADS = Listed(
    name="pe#", party=Party.FIRST, life=Life.PERSISTENT, lifetime_days=179, use=Use.COMPANIES, purpose="Företag.",
    provider="Besök AB", consent=Consent.ASKED,
)  # fmt: skip
CHOICE = Listed(
    name="choice", party=Party.FIRST, life=Life.SESSION, use=Use.NECESSARY, purpose="Minns valet.", provider="Vi",
    consent=Consent.NOT_NEEDED,
)  # fmt: skip


class Site:
    """Petra (DPO) keeps the inventory and takes scans in."""

    def __init__(self, folder: Path) -> None:
        from compliance import access

        self.settings = settings_of.load({"COMPLIANCE_STORE": str(folder)})
        self.register = engine(self.settings)
        self.people = {actor.role: actor for actor in access.demo_actors(self.settings)}

    def at(self, now: dt.datetime = NOW, role: Role = Role.DPO) -> At:
        return acting(self.settings, self.register, self.people[role], now)

    def scan(self, data: bytes, phase: Phase = Phase.ACCEPTED, ago: dt.timedelta = DAY, site: str = SITE) -> int:
        at = NOW - ago
        return verbs.take_in(self.at(at), data, ScanTold(site=site, phase=phase, scanned_at=at, has_cookies=True))

    def found(self, now: dt.datetime = NOW) -> dict[tuple[str, str], Finding]:
        at = self.at(now)
        told = state.judged(state.known(self.register), at.policy, at.parameters, now)
        return {one.known_as: one for one in told.findings}

    def unjudged(self, now: dt.datetime = NOW) -> frozenset[str]:
        at = self.at(now)
        return state.judged(state.known(self.register), at.policy, at.parameters, now).unjudged

    def figures(self, now: dt.datetime = NOW) -> dict[str, float | None]:
        at = self.at(now)
        return figures.figures(state.as_known(state.known(self.register), now), at.policy, at.parameters, now)

    def codes(self) -> set[str]:
        return {code for code, _ in self.found() if code != Code.NOT_TRIED}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_c03_another_cookie_than_the_one_of_the_policy_is_a_violation(site: Site) -> None:
    verbs.record(site.at(), LEADS)
    site.scan(of_cookies("pe1", "_ga"))
    found = site.found()
    undeclared = found[Code.UNDECLARED, f"_ga ({SITE})"]
    assert undeclared.severity is Severity.CRITICAL and undeclared.since == (NOW - DAY).date()
    # The owner of web visitors answers for it.
    assert undeclared.owner == site.at().policy.rules["WEB_VISITOR"].owner  # type: ignore[index]
    assert site.codes() == {Code.UNDECLARED, Code.UNLISTED}
    assert site.figures()["cookies_undeclared"] == 1
    # To be listed does not declare it; it only says what it is for.
    verbs.record(site.at(), LEADS.model_copy(update={"name": "_g*"}))
    assert site.codes() == {Code.UNDECLARED}


@pytest.mark.parametrize(("age", "code"), [(15_465_600, None), (15_465_601, Code.TOO_LONG)])
def test_c01_a_second_beyond_179_days_is_too_long(site: Site, age: int, code: Code | None) -> None:
    verbs.record(site.at(), LEADS)
    site.scan(of_cookies("pe1", age=age))
    assert site.codes() == ({code} if code else set())
    assert site.figures()["cookies_too_long"] == (1 if code else 0)


def test_a_lifetime_that_nobody_knows_is_neither_right_nor_wrong(site: Site) -> None:
    verbs.record(site.at(), LEADS)
    site.scan(har(entry(sent="pe1=x")))
    assert site.codes() == {Code.LIFETIME_UNKNOWN} and site.figures()["cookies_too_long"] == 0


def test_what_is_set_before_a_choice_or_despite_a_no_is_wrong_unless_it_is_necessary(site: Site) -> None:
    verbs.record(site.at(), LEADS)
    verbs.record(site.at(), CHOICE)
    for phase in (Phase.BEFORE_CHOICE, Phase.REFUSED, Phase.ACCEPTED):
        site.scan(of_cookies("pe1", "choice"), phase)
    found = site.found()
    wrong = {known for known in found if known[0] in (Code.BEFORE_CONSENT, Code.AFTER_REFUSAL)}
    assert wrong == {(Code.BEFORE_CONSENT, f"pe1 ({SITE})"), (Code.AFTER_REFUSAL, f"pe1 ({SITE})")}
    assert site.figures()["cookies_before_consent"] == site.figures()["cookies_after_refusal"] == 1


def test_what_no_scan_has_tried_is_unknown_and_said(site: Site) -> None:
    assert site.figures() == {
        "cookies_undeclared": None, "cookies_too_long": None, "cookies_before_consent": None,
        "cookies_after_refusal": None, "cookie_scan_age": None,
    }  # fmt: skip
    assert {code for code, _ in site.found()} == {Code.NEVER_SCANNED}
    assert {Code.UNDECLARED, Code.BEFORE_CONSENT, Code.AFTER_REFUSAL} <= site.unjudged()
    site.scan(of_cookies("pe1"), Phase.BEFORE_CHOICE)
    assert site.figures()["cookies_before_consent"] == 1 and site.figures()["cookies_after_refusal"] is None
    assert (Code.NOT_TRIED, f"{SITE} (refused)") in site.found()


def test_a_finding_has_its_age_and_the_next_scan_mends_it(site: Site) -> None:
    verbs.record(site.at(), LEADS)
    for number, (ago, names) in enumerate(((20, ("_ga",)), (15, ("pe1",)), (10, ("_ga",)), (5, ("_ga", "pe1")))):
        site.scan(of_cookies(*names, age=60 + number), ago=ago * DAY)
    # Seen, gone, and seen again since ten days.
    assert site.found()[Code.UNDECLARED, f"_ga ({SITE})"].since == (NOW - 10 * DAY).date()
    # Another site, or another choice, says nothing of it.
    site.scan(of_cookies("pe1"), ago=DAY, site="jobb.bolaget.example")
    site.scan(of_cookies("pe1"), Phase.UNKNOWN, ago=DAY)
    assert Code.UNDECLARED in site.codes()
    site.scan(of_cookies("pe1"), ago=DAY)
    assert Code.UNDECLARED not in site.codes() and not site.unjudged() & {Code.UNDECLARED}


@pytest.mark.parametrize(("days", "is_old"), [(30, False), (31, True)])
def test_a_scan_says_how_it_is_for_thirty_days(site: Site, days: int, is_old: bool) -> None:
    verbs.record(site.at(), LEADS)
    site.scan(of_cookies("pe1"), ago=days * DAY)
    assert (Code.SCAN_OLD in site.codes()) is is_old
    assert site.figures()["cookie_scan_age"] == days
    assert (Code.UNDECLARED in site.unjudged()) is is_old
    if is_old:
        assert site.found()[Code.SCAN_OLD, SITE].since == NOW.date()


def test_the_oldest_site_says_how_old_scans_are(site: Site) -> None:
    site.scan(of_cookies("pe1"), ago=9 * DAY)
    site.scan(of_cookies("pe1", age=61), Phase.REFUSED, ago=3 * DAY)
    site.scan(of_cookies("pe1"), ago=4 * DAY, site="jobb.bolaget.example")
    assert site.figures()["cookie_scan_age"] == 4


def test_a_scan_that_could_be_read_in_part_mends_nothing(site: Site) -> None:
    verbs.record(site.at(), LEADS)
    site.scan(har(entry("pe1=x; Max-Age=60", "secret")))
    assert site.codes() == {Code.SCAN_PARTIAL} and Code.UNDECLARED in site.unjudged()


def test_the_inventory_itself_is_held_to_the_policy(site: Site) -> None:
    site.scan(of_cookies("pe1"))
    number = verbs.record(site.at(), LEADS.model_copy(update={"consent": Consent.NOT_ASKED, "party": Party.THIRD}))
    assert site.codes() == {Code.CONSENT_NOT_ASKED, Code.NO_AGREEMENT}
    mended = verbs.record(
        site.at(), LEADS.model_copy(update={"party": Party.THIRD, "agreement": "A-1"}), corrects=number
    )
    assert site.codes() == set()
    verbs.record(site.at(), Struck(reason="Används inte."), corrects=mended)
    assert site.codes() == {Code.UNLISTED}


def test_a_scan_that_was_set_aside_counts_in_nothing_from_then_on(site: Site) -> None:
    verbs.record(site.at(), LEADS)
    site.scan(of_cookies("pe1"), ago=3 * DAY)
    number = site.scan(of_cookies("_ga"), ago=2 * DAY)
    verbs.set_aside(site.at(NOW - DAY), number, SetAside(reason="Fel webbplats."))
    assert site.codes() == set() and site.figures()["cookie_scan_age"] == 3
    # What was known before is as it was known.
    assert site.figures(NOW - 1.5 * DAY)["cookies_undeclared"] == 1
    assert site.figures(NOW - 4 * DAY)["cookies_undeclared"] is None


@pytest.mark.parametrize(
    ("listed", "name", "is_it"),
    [("pe#", "pe1", True), ("pe#", "pe#", True), ("pe#", "pex", False), ("_ga_*", "_ga_AB12", True),
     ("_ga_*", "_ga", False), ("a.b", "axb", False), ("a", "A", False)],
)  # fmt: skip
def test_a_name_of_the_inventory_stands_for_digits_and_for_anything(listed: str, name: str, is_it: bool) -> None:
    assert state.is_called(listed, name) is is_it


def test_what_a_cookie_holds_is_nowhere_in_the_register(site: Site) -> None:
    site.scan(har(entry("a=holds-this; Max-Age=60", sent="b=holds-this", url=f"https://{SITE}/?q=holds-this")))
    with site.register.connect() as connection:
        assert len(connection.execute(sa.select(cookie_seen)).all()) == 2
        for path in site.settings.store.rglob("*"):
            assert not path.is_file() or b"holds-this" not in path.read_bytes(), path


@pytest.mark.parametrize("code", list(Code))
def test_each_finding_has_a_name_and_a_help(code: Code) -> None:
    for language in LANGUAGES:
        assert all(has(f"finding_{part}.{code}") and say(f"finding_name.{code}", language) for part in ("told", "help"))
