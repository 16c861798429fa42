"""Where things are and how people sign in: everything that differs between one installation and another.

Environment variables, all optional:
COMPLIANCE_STORE         folder for builds, the register, quarantine and keys (default data/store)
COMPLIANCE_CONFIG        folder of retention.toml, sources.toml and parameters.toml (default data)
COMPLIANCE_LETTERS       folder of texts of letters that go before those in data/letters (default none)
COMPLIANCE_REGISTER_URL  SQLAlchemy URL of the register (default SQLite in the store)
COMPLIANCE_COPY_URL      SQLAlchemy URL of a PostgreSQL for the copy alone (default files in the store)
COMPLIANCE_COPY_READER_URL  the same by a user who may only read, for the pages (default COMPLIANCE_COPY_URL)
COMPLIANCE_ROLES         file that gives e-mail addresses their roles
COMPLIANCE_LOGIN         demo, oidc or proxy (default: demo without a roles file, else oidc)
COMPLIANCE_HOSTS         host names that the dashboard answers to, by commas (default: what its other settings name)
COMPLIANCE_PROXY_HEADER  header in which a trusted proxy names the user (default X-Forwarded-Email)
COMPLIANCE_PROXY_ADDRESSES  addresses and networks of the proxy, by commas (default this machine)
COMPLIANCE_PROXY_SECRET  file with what the proxy shows with every request (default none)
COMPLIANCE_PROXY_SECRET_HEADER  header in which it shows it (default X-Proxy-Secret)
COMPLIANCE_OIDC_ISSUER   who issues the tokens of OpenID Connect (default as its metadata address says)
COMPLIANCE_OIDC_ROLES    claim of the token that gives roles, by the roles file's [claim] (default addresses do)
COMPLIANCE_KEYS          folder of the three files of keys (default a folder beside the store's; the demo's store)
COMPLIANCE_KEY_FILE      file with the key of the pseudonyms (default pseudonym.key there)
COMPLIANCE_SUPPRESSION_KEYS  file with the keys of the suppression list, newest first (default suppression.keys there)
COMPLIANCE_SIGNING_KEY   file with the key that signs checkpoints and evidence (default signing.key there)
COMPLIANCE_EVIDENCE      folder of receipts and what a restore replays, best on another disk (default in the store)
COMPLIANCE_EXPORTS       folder where raw exports lie; a purge removes those taken in (default data/demo in the demo)
COMPLIANCE_BUILDS        encrypted or plain (default encrypted)
COMPLIANCE_ADDRESS       where readers find the pages, as https://compliance.company.example
COMPLIANCE_MAIL_HOST     server by which digests are mailed (default none: nothing is mailed)
COMPLIANCE_MAIL_TLS      starttls or implicit; there is no third way (default starttls)
COMPLIANCE_MAIL_PORT     its port (default 587, or 465 with implicit)
COMPLIANCE_MAIL_FROM     address that digests come from
COMPLIANCE_MAIL_USER     who signs in there (default nobody)
COMPLIANCE_MAIL_PASSWORD file with the password of that user
COMPLIANCE_MAIL_CA       file with the authority that vouches for the server (default those of the system)
COMPLIANCE_TODAY         a fixed date for demonstrations and tests
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from compliance.words.deadlines import STOCKHOLM, local_date
from compliance.words.refusal import Refused

ROOT = Path(__file__).parents[2]
_PREFIX = "COMPLIANCE_"
Login = Literal["demo", "oidc", "proxy"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Tls = Literal["starttls", "implicit"]
_THIS_MACHINE = "127.0.0.0/8, ::1"
# No more than what can stand in the head of a mail as it is.
_MAIL_ADDRESS = re.compile(r"[!-;=?A-~]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, repr=False)
class Mail:
    """The server that digests go out by, always under TLS. Its password is in a file, read when one is sent."""

    host: str
    port: int
    tls: Tls
    authority: Path | None
    user: str | None
    password_file: Path | None
    sender: str


@dataclass(frozen=True)
class Settings:
    """One installation. Paths are absolute; URLs of databases may hold a password, so none is shown."""

    store: Path
    config: Path
    register_url: str
    copy_url: str | None
    copy_reader_url: str | None
    roles_file: Path | None
    login: Login
    proxy_header: str
    proxy_addresses: tuple[Network, ...]
    proxy_secret: Path | None
    proxy_secret_header: str
    hosts: frozenset[str]
    oidc_issuer: str | None
    oidc_roles: str | None
    key_file: Path
    suppression_keys: Path
    signing_key: Path
    evidence: Path
    exports: Path | None
    plain_builds: bool
    today_override: dt.date | None
    letters: Path | None
    address: str | None
    mail: Mail | None

    def __repr__(self) -> str:
        return f"Settings(store={self.store.name!r}, login={self.login!r})"

    @property
    def builds(self) -> Path:
        """The folder of the copy's builds."""
        return self.store / "builds"

    @property
    def quarantine(self) -> Path:
        """The folder of rows that stayed out of the copy."""
        return self.store / "quarantine"

    @property
    def work(self) -> Path:
        """The folder of what a run needs while it runs; whatever lies in it may be removed."""
        return self.store / "work"

    @property
    def inbox(self) -> Path:
        """The folder of uploads that wait to be taken in."""
        return self.store / "inbox"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an environment. Raises Refused `setting_invalid` for a value that means nothing."""
    return _load(tuple(sorted((name, value) for name, value in environ.items() if name.startswith(_PREFIX))))


# Every run of a page asks several times, and a dozen paths are looked up for it.
@lru_cache(maxsize=8)
def _load(told: tuple[tuple[str, str], ...]) -> Settings:
    environ = dict(told)
    store = Path(environ.get("COMPLIANCE_STORE") or ROOT / "data" / "store").resolve()
    roles = environ.get("COMPLIANCE_ROLES")
    login = environ.get("COMPLIANCE_LOGIN") or ("oidc" if roles else "demo")
    if login not in ("demo", "oidc", "proxy"):
        raise Refused("setting_invalid", name="COMPLIANCE_LOGIN", allowed="demo, oidc, proxy")
    if login != "demo" and not roles:
        raise Refused("setting_invalid", name="COMPLIANCE_ROLES", allowed="roles.toml")
    if login == "demo" and roles:
        # Who has roles to give out has real data: nobody may pick one.
        raise Refused("setting_invalid", name="COMPLIANCE_LOGIN", allowed="oidc, proxy")
    day = environ.get("COMPLIANCE_TODAY")
    try:
        today_override = dt.date.fromisoformat(day) if day else None
    except ValueError:
        raise Refused("setting_invalid", name="COMPLIANCE_TODAY", allowed="2026-11-24") from None
    builds = environ.get("COMPLIANCE_BUILDS") or "encrypted"
    if builds not in ("encrypted", "plain"):
        raise Refused("setting_invalid", name="COMPLIANCE_BUILDS", allowed="encrypted, plain")
    config = Path(environ.get("COMPLIANCE_CONFIG") or ROOT / "data").resolve()
    exports = _exports(environ, login, store, config)
    proxy_secret = environ.get("COMPLIANCE_PROXY_SECRET")
    # Whoever gets hold of the store, or of a backup of it, has not got the keys with it; the demo has nothing to keep.
    keys = Path(environ.get("COMPLIANCE_KEYS") or (store if login == "demo" else store.with_name(f"{store.name}-keys")))
    return Settings(
        store=store,
        config=config,
        register_url=environ.get("COMPLIANCE_REGISTER_URL") or f"sqlite:///{store / 'register.db'}",
        copy_url=environ.get("COMPLIANCE_COPY_URL") or None,
        copy_reader_url=environ.get("COMPLIANCE_COPY_READER_URL") or environ.get("COMPLIANCE_COPY_URL") or None,
        roles_file=Path(roles).resolve() if roles else None,
        login=login,  # type: ignore[arg-type]
        proxy_header=environ.get("COMPLIANCE_PROXY_HEADER") or "X-Forwarded-Email",
        proxy_addresses=_networks(environ.get("COMPLIANCE_PROXY_ADDRESSES") or _THIS_MACHINE),
        proxy_secret=Path(proxy_secret).resolve() if proxy_secret else None,
        proxy_secret_header=environ.get("COMPLIANCE_PROXY_SECRET_HEADER") or "X-Proxy-Secret",
        hosts=frozenset(one.strip().lower() for one in environ.get("COMPLIANCE_HOSTS", "").split(",") if one.strip()),
        oidc_issuer=environ.get("COMPLIANCE_OIDC_ISSUER") or None,
        oidc_roles=environ.get("COMPLIANCE_OIDC_ROLES") or None,
        key_file=Path(environ.get("COMPLIANCE_KEY_FILE") or keys / "pseudonym.key").resolve(),
        suppression_keys=Path(environ.get("COMPLIANCE_SUPPRESSION_KEYS") or keys / "suppression.keys").resolve(),
        signing_key=Path(environ.get("COMPLIANCE_SIGNING_KEY") or keys / "signing.key").resolve(),
        evidence=Path(environ.get("COMPLIANCE_EVIDENCE") or store / "evidence").resolve(),
        exports=exports,
        plain_builds=builds == "plain",
        today_override=today_override,
        letters=Path(environ["COMPLIANCE_LETTERS"]).resolve() if environ.get("COMPLIANCE_LETTERS") else None,
        address=_address(environ),
        mail=_mail(environ),
    )


def _address(environ: Mapping[str, str]) -> str | None:
    told = environ.get("COMPLIANCE_ADDRESS")
    if not told:
        return None
    try:
        parts = urlsplit(told)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.query)
    except ValueError:
        good = False
    if not good or re.search(r"[\s\x00-\x1f\"<>]", told):
        raise Refused("setting_invalid", name="COMPLIANCE_ADDRESS", allowed="https://compliance.company.example")
    return told.rstrip("/")


def _mail(environ: Mapping[str, str]) -> Mail | None:
    host = environ.get("COMPLIANCE_MAIL_HOST")
    if not host:
        return None
    tls = environ.get("COMPLIANCE_MAIL_TLS") or "starttls"
    if tls not in ("starttls", "implicit"):
        # A digest says how well the company keeps the law, and a password beside it opens a mailbox: never in clear.
        raise Refused("setting_invalid", name="COMPLIANCE_MAIL_TLS", allowed="starttls, implicit")
    port = environ.get("COMPLIANCE_MAIL_PORT") or ("587" if tls == "starttls" else "465")
    if not (port.isdecimal() and port.isascii() and 0 < int(port) < 65536):
        raise Refused("setting_invalid", name="COMPLIANCE_MAIL_PORT", allowed="587, 465")
    sender = environ.get("COMPLIANCE_MAIL_FROM") or ""
    if not _MAIL_ADDRESS.fullmatch(sender):
        raise Refused("setting_invalid", name="COMPLIANCE_MAIL_FROM", allowed="compliance@company.example")
    if not environ.get("COMPLIANCE_ADDRESS"):
        # What waits for somebody has to lead somewhere.
        raise Refused("setting_invalid", name="COMPLIANCE_ADDRESS", allowed="https://compliance.company.example")
    user, password = environ.get("COMPLIANCE_MAIL_USER"), environ.get("COMPLIANCE_MAIL_PASSWORD")
    if bool(user) is not bool(password):
        missing = "PASSWORD" if user else "USER"
        allowed = "/srv/compliance-keys/mail.secret" if user else "compliance"
        raise Refused("setting_invalid", name=f"COMPLIANCE_MAIL_{missing}", allowed=allowed)
    authority = environ.get("COMPLIANCE_MAIL_CA")
    return Mail(
        host=host,
        port=int(port),
        tls=tls,  # type: ignore[arg-type]
        authority=Path(authority).resolve() if authority else None,
        user=user or None,
        password_file=Path(password).resolve() if password else None,
        sender=sender,
    )


def _networks(told: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in told.split(","))
    except ValueError:
        raise Refused("setting_invalid", name="COMPLIANCE_PROXY_ADDRESSES", allowed="10.0.0.5, 10.1.0.0/24") from None


def _exports(environ: Mapping[str, str], login: str, store: Path, config: Path) -> Path | None:
    """The folder that a purge empties: one that is named, or the demo's own."""
    named = environ.get("COMPLIANCE_EXPORTS")
    if not named:
        return ROOT / "data" / "demo" if login == "demo" and store == ROOT / "data" / "store" else None
    folder = Path(named).resolve()
    if any(kept.is_relative_to(folder) or folder.is_relative_to(store) for kept in (store, config, ROOT)):
        # What is emptied may hold nothing else.
        raise Refused("setting_invalid", name="COMPLIANCE_EXPORTS", allowed="/srv/exports")
    return folder


def today(settings: Settings, now: dt.datetime) -> dt.date:
    """The date in Stockholm of the instant `now`, unless the installation has a fixed day."""
    return settings.today_override or local_date(now)


def latest(settings: Settings, now: dt.datetime) -> dt.datetime:
    """The later of `now` and the moment on the fixed day: what was made later than that was not made yet."""
    return max(now, moment(settings, now))


def moment(settings: Settings, now: dt.datetime) -> dt.datetime:
    """The instant that everything is seen at: `now`, or its time of day in Stockholm on the fixed day."""
    if settings.today_override is None:
        return now
    return dt.datetime.combine(settings.today_override, now.astimezone(STOCKHOLM).timetz()).astimezone(dt.UTC)
