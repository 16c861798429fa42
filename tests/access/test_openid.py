"""OpenID Connect: a token is believed for its issuer, this client, one sign-in and one account; refusals by name."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import time
from collections.abc import Iterator, Mapping
from http.cookiejar import CookieJar
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
import sqlalchemy as sa
import tomli_w
from joserfc import jwt
from joserfc.jwk import OctKey
from oidc_provider_mock import User, run_server_in_thread

from compliance import access
from compliance.access import sessions, sign_in
from compliance.access.sign_in import Provider
from compliance.access.tables import actor as actor_table
from compliance.register.engine import engine
from compliance.ui import session as ui_session
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import Category, Role
from tests.pages.test_browser import free_port, serving
from tests.visitors import Seen, visit

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
PROVIDER = Provider("https://login.example", "compliance")
PETRA, GUN = "petra@bolaget.example", "gun@bolaget.example"
CLAIMS: Mapping[str, Any] = {
    "iss": "https://login.example",
    "aud": "compliance",
    "exp": NOW.timestamp() + 300,
    "nonce": "of this sign-in",
    "sub": "account-1",
    "email": PETRA,
    "email_verified": True,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with OpenID Connect, where addresses give roles."""
    (tmp_path / "key").write_bytes(b"k" * 32)
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "roles.toml").write_text(
        f'dpo = ["{PETRA}"]\nciso = ["sub:account-9"]\n[claim]\nciso = ["grp-ciso"]\nadmin = ["grp-admin"]\n'
        '[claim.owner]\n"grp-sales" = ["PROSPECT"]\n"grp-care" = ["CUSTOMER_CONTACT"]\n',
        encoding="utf-8",
    )
    return settings_of.load(
        {
            "COMPLIANCE_STORE": str(tmp_path / "store"),
            "COMPLIANCE_ROLES": str(tmp_path / "roles.toml"),
            "COMPLIANCE_KEY_FILE": str(tmp_path / "key"),
        }
    )


def came(settings: Settings, now: dt.datetime = NOW, **claims: Any) -> access.Actor | None:
    """Somebody signs in with these claims, all others being right; without those that are None here."""
    told = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not ...}
    return sessions.touch(settings, engine(settings), sign_in.of_token(settings, PROVIDER, told), now)


def test_a_token_for_this_client_and_a_verified_address_signs_in(settings: Settings) -> None:
    petra = came(settings)
    assert petra is not None and (petra.email, petra.role) == (PETRA, Role.DPO)
    assert came(settings, aud=["another", "compliance"], azp="compliance") == petra
    assert came(settings, iss="https://login.example/") is not None


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.example"}, "token_issuer"),
        ({"iss": ...}, "token_issuer"),
        ({"aud": "another"}, "token_audience"),
        ({"aud": ["compliance", "another"]}, "token_audience"),
        ({"aud": ["compliance", "another"], "azp": "another"}, "token_audience"),
        ({"aud": ...}, "token_audience"),
        ({"aud": "compliance2"}, "token_audience"),
        ({"nonce": ...}, "token_nonce"),
        ({"nonce": ""}, "token_nonce"),
        ({"sub": ...}, "token_subject"),
        ({"sub": " "}, "token_subject"),
        ({"sub": 7}, "token_subject"),
        ({"exp": ...}, "token_expiry"),
        ({"exp": "4000000000"}, "token_expiry"),
        ({"exp": True}, "token_expiry"),
        ({"exp": NOW.timestamp() - 61}, "token_expired"),
        ({"email_verified": "false"}, "email_not_verified"),
        ({"email_verified": "true"}, "email_not_verified"),
        ({"email_verified": None}, "email_not_verified"),
        ({"email_verified": 0}, "email_not_verified"),
        ({"email_verified": 1}, "email_not_verified"),
        ({"email_verified": ...}, "email_not_verified"),
        ({"email": f"{PETRA},{GUN}"}, "address_several"),
        ({"email": "pеtra@bolaget.example"}, "address_not_ascii"),
    ],
)
def test_what_is_not_right_is_refused_by_name(settings: Settings, claims: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=f"^{why}"):
        came(settings, **claims)


def test_a_token_begins_no_session_after_its_end_and_none_twice(settings: Settings) -> None:
    first = NOW + dt.timedelta(minutes=1)
    assert came(settings, first) is not None
    # The session goes on by its own limits, and what began it opens no other one.
    assert came(settings, NOW + dt.timedelta(minutes=29)) is not None
    with pytest.raises(Refused, match="session_idle"):
        came(settings, NOW + dt.timedelta(hours=2))
    with pytest.raises(Refused, match="session_idle"):
        came(settings, NOW + dt.timedelta(days=29))
    with pytest.raises(Refused, match="token_expired"):
        came(settings, NOW + dt.timedelta(days=29), nonce="of a sign-in that was never seen")


def test_an_account_stays_one_person_when_its_address_changes(settings: Settings) -> None:
    assert settings.roles_file
    before = came(settings)
    roles = settings.roles_file.read_text(encoding="utf-8")
    settings.roles_file.write_text(roles.replace(PETRA, GUN), encoding="utf-8")
    after = came(settings, email=GUN, nonce="of the next sign-in")
    assert before and after and after.pseudonym == before.pseudonym and after.email == GUN
    with engine(settings).connect() as connection:
        assert connection.scalars(sa.select(actor_table.c.email)).all() == [GUN]


def test_an_address_that_was_another_accounts_gives_no_role(settings: Settings) -> None:
    assert settings.roles_file
    petra = came(settings)
    with pytest.raises(Refused, match="address_of_another") as refused:
        came(settings, sub="account-2")
    assert refused.value.values == {"account": "sub:account-2"}
    # The way out that it names: the account itself in the roles file. It is another person.
    text = settings.roles_file.read_text(encoding="utf-8")
    settings.roles_file.write_text(text.replace('"sub:account-9"', '"sub:account-2"'), encoding="utf-8")
    other = came(settings, sub="account-2")
    assert petra and other and other.role is Role.CISO and other.pseudonym != petra.pseudonym


def test_whoever_signed_in_before_accounts_were_known_keeps_the_pseudonym(settings: Settings) -> None:
    register = engine(settings)
    known = access.actor_for(PETRA, settings)
    assert known is not None
    with register.begin() as connection:
        access.remember(connection, known, NOW)
    petra = came(settings)
    assert petra is not None and petra.pseudonym == known.pseudonym


def test_an_account_that_the_roles_file_names_needs_no_address(settings: Settings) -> None:
    axel = came(settings, sub="account-9", email=..., email_verified=...)
    assert axel is not None and (axel.role, axel.email) == (Role.CISO, "")
    assert came(settings, sub="ACCOUNT-9", email=...) is None
    # An address that is not verified is not kept as theirs.
    assert came(settings, sub="account-9", email_verified=False, nonce="again") is not None
    assert came(settings) is not None


def test_a_claim_gives_roles_where_the_installation_says_so(settings: Settings) -> None:
    by_claim = dataclasses.replace(settings, oidc_roles="realm.groups")
    assert came(by_claim) is None
    for groups, role, categories in (
        (["grp-ciso", "all-staff"], Role.CISO, None),
        ("grp-admin", Role.ADMIN, None),
        (["grp-sales", "grp-care"], Role.OWNER, {Category.PROSPECT, Category.CUSTOMER_CONTACT}),
    ):
        actor = came(by_claim, email_verified=..., sub=f"account of {role}", realm={"groups": groups})
        assert actor is not None and (actor.role, actor.categories) == (role, categories and frozenset(categories))
    for told in ({"groups": ["GRP-CISO"]}, {"groups": {"grp-ciso": True}}, ["grp-ciso"], "grp-ciso", None):
        assert came(by_claim, realm=told) is None
    with pytest.raises(Refused, match="roles_contradict"):
        came(by_claim, realm={"groups": ["grp-ciso", "grp-admin"]})


@pytest.mark.parametrize(
    ("auth", "why"),
    [
        ({}, "oidc_secret_short"),
        ({"cookie_secret": "x"}, "oidc_secret_short"),
        ({"cookie_secret": "x" * 31}, "oidc_secret_short"),
        ({"cookie_secret": "x" * 32}, "oidc_not_configured"),
        ({"cookie_secret": "x" * 32, "client_id": "compliance"}, "oidc_not_configured"),
    ],
)
def test_a_sign_in_that_could_be_forged_or_is_not_set_up_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, auth: dict[str, str], why: str
) -> None:
    monkeypatch.setattr(ui_session, "st", SimpleNamespace(secrets={"auth": auth}))
    with pytest.raises(Refused, match=why):
        ui_session.provider(settings)


def test_the_issuer_is_who_the_metadata_are_of_unless_the_installation_says_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = "https://login.example/.well-known/openid-configuration"
    auth = {"cookie_secret": "x" * 32, "client_id": "compliance", "server_metadata_url": metadata}
    monkeypatch.setattr(ui_session, "st", SimpleNamespace(secrets={"auth": auth}))
    assert ui_session.provider(settings) == PROVIDER
    other = dataclasses.replace(settings, oidc_issuer="https://sts.example/tenant")
    assert ui_session.provider(other).issuer == "https://sts.example/tenant"


# The same with a provider that signs what it likes, at a server: what reaches a page is for its libraries to say.

PEOPLE: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "known": ({}, ""),
    "text": ({"email_verified": "false"}, "email_not_verified"),
    "null": ({"email_verified": None}, "email_not_verified"),
    "zero": ({"email_verified": 0}, "email_not_verified"),
    "missing": ({"email_verified": ...}, "email_not_verified"),
    "other": ({"email": GUN}, "no_role"),
    "second": ({}, "address_of_another"),
    # These never get as far as a page: Authlib takes no such token.
    "issuer": ({"iss": "https://evil.example"}, "signed_out"),
    "audience": ({"aud": "another"}, "signed_out"),
    "expired": ({"exp": int(time.time()) - 3600}, "signed_out"),
    "replayed": ({"nonce": "of another sign-in"}, "signed_out"),
}
COOKIE_SECRET = "a secret of this test alone, 32 characters"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A dashboard with its store, and its provider."""
    folder = tmp_path_factory.mktemp("openid")
    (folder / "roles.toml").write_text(f'dpo = ["{PETRA}"]\n', encoding="utf-8")
    (folder / "key").write_bytes(bytes(range(32)))
    (folder / "key").chmod(0o600)
    users = []
    for name, (changed, _) in PEOPLE.items():
        claims = {"email": PETRA, "email_verified": True, **changed}
        users.append(User(sub=name, claims={one: value for one, value in claims.items() if value is not ...}))
    port = free_port()
    with run_server_in_thread(port=0, user_claims=users) as provider:
        auth = {
            "redirect_uri": f"http://127.0.0.1:{port}/oauth2callback",
            "cookie_secret": COOKIE_SECRET,
            "client_id": "compliance",
            "client_secret": "mock",
            "server_metadata_url": f"http://localhost:{provider.server_port}/.well-known/openid-configuration",
        }
        (folder / "secrets.toml").write_text(tomli_w.dumps({"auth": auth}), encoding="utf-8")
        (folder / "secrets.toml").chmod(0o600)
        environment = {
            "PATH": "/usr/bin:/bin",
            "COMPLIANCE_STORE": str(folder / "store"),
            "COMPLIANCE_LOGIN": "oidc",
            "COMPLIANCE_ROLES": str(folder / "roles.toml"),
            "COMPLIANCE_KEY_FILE": str(folder / "key"),
        }
        with serving(environment, port, "--secrets.files", str(folder / "secrets.toml")) as url:
            yield url, folder / "store"


def signed_in(url: str, sub: str) -> CookieJar:
    """What a browser has kept once somebody has chosen an account at the provider."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    browser.open(f"{url}/_stcore/health").read()
    asked = {"provider": "default", "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "HS256"}, asked, OctKey.import_key(COOKIE_SECRET))
    form = browser.open(f"{url}/auth/login?{urlencode({'provider': token})}")
    browser.open(form.geturl(), urlencode({"sub": sub}).encode()).read()
    return jar


def seen(url: str, jar: CookieJar) -> Seen:
    cookies = {one.name: one.value or "" for one in jar}
    told = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return visit(url, "", [("Cookie", told)], ["streamlit", cookies["_streamlit_xsrf"]])


@pytest.mark.parametrize("sub", list(PEOPLE))
def test_a_server_lets_in_nobody_whose_token_is_not_right(world: tuple[str, Path], sub: str) -> None:
    url, _ = world
    # Whose address it is was told by the first account that had it.
    seen(url, signed_in(url, "known"))
    page = seen(url, signed_in(url, sub))
    why = PEOPLE[sub][1]
    if not why:
        assert page.titles == [say("weekly.title", "en")] and not page.errors
    elif why == "signed_out":
        assert say("sign_in.oidc", "en").encode() in page.whole and not page.errors
    elif why == "no_role":
        assert page.errors == [say("sign_in.no_role", "en")]
    else:
        assert page.errors == [refusal(why, "en", {"account": f"`sub:{sub}`"})]
    assert bool(why) is (say("weekly.title", "en") not in page.titles)


def test_what_a_browser_kept_opens_nothing_once_its_session_is_over(world: tuple[str, Path]) -> None:
    url, store = world
    jar = signed_in(url, "known")
    assert seen(url, jar).titles == [say("weekly.title", "en")]
    kept = [cookie for cookie in jar if re.fullmatch(r"_streamlit_user(_tokens)?", cookie.name)]
    assert kept
    for cookie in kept:
        assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "lax"
    # As the page does on "sign out", before it leads to the provider's own; the cookie is kept all the same.
    register = sa.create_engine(settings_of.load({"COMPLIANCE_STORE": str(store)}).register_url)
    with register.begin() as connection:
        sessions.end_all(connection, dt.datetime.now(dt.UTC))
    page = seen(url, jar)
    assert page.errors == [refusal("session_signed_out", "en", {})] and page.titles == []
    register.dispose()
