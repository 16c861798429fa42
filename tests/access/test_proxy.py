"""A proxy is believed where it is listed, shows its secret, and names one person in one way; all else is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import access
from compliance.access import sessions, sign_in
from compliance.ledger.tables import ledger
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES
from tests.pages.test_browser import serving
from tests.visitors import Headers, visit

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
PETRA = "petra@bolaget.example"
SECRET = "a secret of this test alone, long enough"
NAMED: Headers = (("X-Forwarded-Email", PETRA),)
SHOWN: Headers = (("X-Proxy-Secret", SECRET),)
EVERYBODY = f'''
dpo = ["{PETRA}"]
ciso = ["ciso@bolaget.example"]
auditor = ["auditor@bolaget.example"]
admin = ["admin@bolaget.example"]
[owner]
"owner@bolaget.example" = ["PROSPECT"]
'''
# By address, with the heading that it has, and for whom it is: D(PO), C(ISO), O(wner), (a)U(ditor), A(dministrator).
PAGES = {
    "": ("weekly", "DCOUA"),
    "weekly": ("weekly", "DCOUA"),
    "subjects": ("subjects", "DCOUA"),
    "expiries": ("expiries", "DCOUA"),
    "person": ("person", "DO"),
    "erasure": ("erasure", "DCOUA"),
    "risk": ("risk", "DCOUA"),
    "findings": ("findings", "DCOUA"),
    "processing": ("processing", "DCOUA"),
    "controls": ("controls", "DCOUA"),
    "policy": ("policy_page", "DCOUA"),
    "ledger": ("ledger", "DCU"),
    "intake": ("intake", "DA"),
    "purge": ("purge", "DCOUA"),
    "batch": ("purge", "DCOUA"),
    "request": ("request_page", "DCOUA"),
    "new": ("request_new", "DO"),
    "marks": ("marks", "DCOUA"),
    "incidents": ("incidents", "DCU"),
    "incident": ("incidents", "DCU"),
    "cookies": ("cookies", "DCOUA"),
    "notices": ("notices", "DCOUA"),
    "access": ("environments", "DCOUA"),
    "mailings": ("mailings", "DCOUA"),
    "holds": ("holds", "DCOUA"),
    "doubles": ("doubles", "DO"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation behind a proxy at one address and in one network, which shows a secret."""
    for name, content in (("roles.toml", f'dpo = ["{PETRA}"]\n'), ("key", "k" * 32), ("secret", f"{SECRET}\n")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    return settings_of.load(
        {
            "COMPLIANCE_STORE": str(tmp_path / "store"),
            "COMPLIANCE_LOGIN": "proxy",
            "COMPLIANCE_ROLES": str(tmp_path / "roles.toml"),
            "COMPLIANCE_KEY_FILE": str(tmp_path / "key"),
            "COMPLIANCE_PROXY_ADDRESSES": "10.0.0.5, 10.1.0.0/24, fd00::/8",
            "COMPLIANCE_PROXY_SECRET": str(tmp_path / "secret"),
        }
    )


def named(settings: Settings, headers: Headers, peer: str = "10.0.0.5") -> str | None:
    """As Streamlit gives headers: all values of a name, however it is written."""

    def all_of(wanted: str) -> list[str]:
        return [value for name, value in headers if name.casefold() == wanted.casefold()]

    return sign_in.proxied(settings, peer, all_of)


@pytest.mark.parametrize("peer", ["10.0.0.5", "10.1.0.200", "::ffff:10.0.0.5", "fd00::1"])
def test_a_listed_proxy_that_shows_its_secret_is_believed(settings: Settings, peer: str) -> None:
    assert named(settings, [*NAMED, *SHOWN], peer) == PETRA
    assert named(settings, SHOWN, peer) is None


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.1", "::1", "::ffff:10.0.0.6", "10.0.0.5:80", "", "proxy"])
def test_whoever_comes_past_the_proxy_is_refused(settings: Settings, peer: str) -> None:
    with pytest.raises(Refused, match="proxy_not_listed"):
        named(settings, [*NAMED, *SHOWN], peer)


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [("X-Proxy-Secret", "")],
        [("X-Proxy-Secret", SECRET[:-1])],
        [("X-Proxy-Secret", SECRET.upper())],
        [("X-Proxy-Secret", "é")],
        [*SHOWN, *SHOWN],
        [("X-Proxy-Secret", "guess"), *SHOWN],
    ],
)
def test_a_secret_that_is_missing_wrong_or_doubled_is_refused(settings: Settings, shown: Headers) -> None:
    with pytest.raises(Refused, match="proxy_secret_wrong"):
        named(settings, [*NAMED, *shown])


def test_a_secret_is_changed_by_its_file_alone_and_the_old_one_opens_nothing(settings: Settings) -> None:
    assert settings.proxy_secret is not None
    fresh = "another secret of this test, 32 or more"
    settings.proxy_secret.write_text(f"{fresh}\n", encoding="utf-8")
    with pytest.raises(Refused, match="proxy_secret_wrong"):
        named(settings, [*NAMED, *SHOWN])
    assert named(settings, [*NAMED, ("X-Proxy-Secret", fresh)]) == PETRA


@pytest.mark.parametrize("content", [None, "short", "åäö" * 20])
def test_a_secret_that_could_be_guessed_or_not_read_is_refused(settings: Settings, content: str | None) -> None:
    assert settings.proxy_secret is not None
    if content is None:
        settings.proxy_secret.unlink()
    else:
        settings.proxy_secret.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match="proxy_secret_short" if content == "short" else "proxy_secret_unreadable"):
        named(settings, [*NAMED, *SHOWN])


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([PETRA, "gun@bolaget.example"], "proxy_header_twice"),
        ([PETRA, PETRA], "proxy_header_twice"),
        (["", PETRA], "proxy_header_twice"),
        ([f"{PETRA},gun@bolaget.example"], "address_several"),
        ([f"{PETRA};gun@bolaget.example"], "address_several"),
        (["petra@bolaget.example@evil.example"], "address_several"),
        ([f" {PETRA}"], "address_blank"),
        ([f"{PETRA} "], "address_blank"),
        (["petra @bolaget.example"], "address_blank"),
        ([f"{PETRA}\x00"], "address_blank"),
        ([f"{PETRA}\n"], "address_blank"),
        # Cyrillic, full width, a long s and a Kelvin sign that fold to ours, and a blank that nobody sees.
        (["pеtra@bolaget.example"], "address_not_ascii"),
        (["ｐetra@bolaget.example"], "address_not_ascii"),
        (["petra@bolaget.exampleſ"], "address_not_ascii"),
        (["\u212aim@bolaget.example"], "address_not_ascii"),
        (["petra\u200b@bolaget.example"], "address_not_ascii"),
        (["\u00a0petra@bolaget.example"], "address_not_ascii"),
        (["petra"], "address_malformed"),
        (["@bolaget.example"], "address_malformed"),
        (["<petra@bolaget.example>"], "address_malformed"),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused_by_name(settings: Settings, told: list[str], why: str) -> None:
    with pytest.raises(Refused, match=f"^{why}"):
        named(settings, [*SHOWN, *(("X-FORWARDED-email", one) for one in told)])
    assert all(
        refusal(why, language, {"header": "X"}) != say(f"sign_in_refused.{why}", language) for language in LANGUAGES
    )


@pytest.mark.parametrize("told", ["Petra@bolaget.example", "petra@Bolaget.example"])
def test_a_proxy_writes_an_address_as_the_roles_file_does(settings: Settings, told: str) -> None:
    with pytest.raises(Refused, match="address_case"):
        access.actor_for(told, settings, exact=True)
    assert access.actor_for(PETRA, settings, exact=True) is not None


def test_a_refused_sign_in_is_recorded_without_the_address_and_once_a_minute(settings: Settings) -> None:
    register = engine(settings)
    for seconds in (0, 1, 59, 61):
        sessions.refused(register, "address_several", NOW + dt.timedelta(seconds=seconds))
    sessions.refused(register, "address_blank", NOW)
    with register.connect() as connection:
        lines = connection.execute(sa.select(ledger.c.event, ledger.c.details, ledger.c.actor)).all()
    assert [(event, json.loads(details)["reason"], actor) for event, details, actor in lines] == [
        ("user:refused", "address_several", None),
        ("user:refused", "address_several", None),
        ("user:refused", "address_blank", None),
    ]


@pytest.mark.parametrize("told", ["10.0.0.5/8", "proxy.example", "10.0.0.5,,", "0.0.0.0.0"])
def test_an_address_of_a_proxy_that_is_none_is_refused_at_the_start(settings: Settings, told: str) -> None:
    assert settings.roles_file
    environ = {"COMPLIANCE_ROLES": str(settings.roles_file), "COMPLIANCE_PROXY_ADDRESSES": told}
    with pytest.raises(Refused, match="setting_invalid"):
        settings_of.load(environ)


def test_without_a_list_only_this_machine_is_the_proxy(settings: Settings) -> None:
    here = dataclasses.replace(settings, proxy_addresses=settings_of.load({}).proxy_addresses, proxy_secret=None)
    assert named(here, NAMED, "127.0.0.1") == named(here, NAMED, "::1") == PETRA
    with pytest.raises(Refused, match="proxy_not_listed"):
        named(here, NAMED, "10.0.0.5")


# The same at a server, since what reaches a page is for its libraries to say.


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A dashboard behind a proxy on this machine that shows a secret, with its folder."""
    folder = tmp_path_factory.mktemp("behind")
    for name, content in (("roles.toml", EVERYBODY), ("key", "k" * 32), ("secret", SECRET)):
        (folder / name).write_text(content, encoding="utf-8")
        (folder / name).chmod(0o600)
    environment = {
        "PATH": "/usr/bin:/bin",
        "COMPLIANCE_STORE": str(folder / "store"),
        "COMPLIANCE_LOGIN": "proxy",
        "COMPLIANCE_ROLES": str(folder / "roles.toml"),
        "COMPLIANCE_KEY_FILE": str(folder / "key"),
        "COMPLIANCE_PROXY_SECRET": str(folder / "secret"),
    }
    with serving(environment) as url:
        yield url, folder


def test_a_server_lets_in_whom_the_proxy_names(behind: tuple[str, Path]) -> None:
    url, _ = behind
    seen = visit(url, "", [*NAMED, *SHOWN])
    assert seen.titles == [say("weekly.title", "en")] and not seen.errors


@pytest.mark.parametrize("who", ["petra", "ciso", "owner", "auditor", "admin", "nobody", None])
def test_a_page_opens_by_its_address_for_those_whom_the_table_names(behind: tuple[str, Path], who: str | None) -> None:
    url, _ = behind
    letter = {"petra": "D", "auditor": "U"}.get(who or "-", (who or "-")[0].upper())
    named = [("X-Forwarded-Email", f"{who}@bolaget.example")] if who else []
    home = "risk" if letter == "C" else "weekly"
    for page, (heading, whose) in PAGES.items():
        if not page:
            heading = home
        seen = visit(url, page, [*named, *SHOWN])
        if letter in whose:
            assert seen.titles == [say(f"{heading}.title", "en")], (page, seen.errors)
        elif letter in "DCOUA":
            # The page is not among theirs, so that Streamlit opens the one that they come to.
            assert seen.titles == [say(f"{home}.title", "en")] and page not in seen.menu, page
        else:
            assert seen.titles == [say("app.title", "en")] and seen.errors == [say("sign_in.no_role", "en")], page


def test_no_page_is_missing_in_the_table() -> None:
    pages = {path.stem for path in (settings_of.ROOT / "pages").rglob("*.py")}
    assert pages == set(PAGES) - {""}


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (NAMED, "proxy_secret_wrong"),
        ([*NAMED, *SHOWN, ("x-forwarded-email", "gun@bolaget.example")], "proxy_header_twice"),
        ([("x-forwarded-email", "gun@bolaget.example"), *NAMED, *SHOWN], "proxy_header_twice"),
        ([("X-Forwarded-Email", f"{PETRA}, gun@bolaget.example"), *SHOWN], "address_blank"),
        ([("X-Forwarded-Email", "Petra@bolaget.example"), *SHOWN], "address_case"),
        ([*NAMED, *SHOWN, ("X-Forwarded-For", "192.0.2.7")], None),
    ],
)
def test_a_server_refuses_by_name_and_says_so_in_the_ledger(
    behind: tuple[str, Path], headers: Headers, why: str | None
) -> None:
    url, folder = behind
    seen = visit(url, "", headers)
    if why is None:
        # Whom the proxy forwards for is not who has opened the connection.
        assert seen.titles == [say("weekly.title", "en")]
        return
    told = {"header": "X-Proxy-Secret" if why == "proxy_secret_wrong" else "X-Forwarded-Email"}
    assert seen.errors == [refusal(why, "en", told)] and not seen.titles
    register = sa.create_engine(settings_of.load({"COMPLIANCE_STORE": str(folder / "store")}).register_url)
    with register.connect() as connection:
        lines = connection.scalars(sa.select(ledger.c.details).where(ledger.c.event == "user:refused")).all()
    assert {"reason": why} in [json.loads(line) for line in lines]
    assert PETRA not in str(lines)
