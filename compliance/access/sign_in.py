"""Who somebody is by the sign-in, before a role is looked up: what a proxy or a token says, and what is believed."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.words.refusal import Refused
from compliance.words.settings import Settings

SECRET_CHARACTERS = 32
_LONGEST_SUBJECT = 255
# Clocks differ. Beyond the other no date is known.
_SKEW = dt.timedelta(minutes=1)
_LAST = 4e9

# What a proxy is asked: all values of a header, since of two nobody knows which one the proxy has written.
Headers = Callable[[str], Sequence[str]]

_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"[^@,;<>()\"]+@[^@,;<>()\"]+\.[^@,;<>()\".]+")


@dataclass(frozen=True, repr=False)
class Identity:
    """Whom a sign-in names. `key` tells it from every other one, also of the same person, and is nobody's to see.

    `exact`: the address is to be written as in the roles file, to the letter. `account` is of OpenID Connect alone: who
    somebody is there, whatever the address. A session may begin `until` then, where that is told.
    """

    email: str
    key: str
    exact: bool = False
    account: Account | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, repr=False)
class Account:
    """Somebody at a provider. `verified`: the provider has seen that the address is theirs. `roles` are the values of
    the claim that gives roles, None where addresses do.
    """

    issuer: str
    subject: str
    verified: bool
    roles: tuple[str, ...] | None

    @property
    def key(self) -> str:
        """What tells the account from all others, without saying whose it is."""
        return hashlib.sha256(f"{self.issuer}|{self.subject}".encode()).hexdigest()


@dataclass(frozen=True)
class Provider:
    """Who issues tokens, and for whom."""

    issuer: str
    client_id: str


def proxied(settings: Settings, peer: str, headers: Headers) -> str | None:
    """The address that a listed proxy has written; None where it names nobody.

    `peer` is who has opened the connection. Whatever could have been written by somebody else, or read by two in two
    ways, is refused: `proxy_not_listed`, `proxy_secret_wrong`, `proxy_header_twice`, `address_several`,
    `address_blank`, `address_not_ascii` and `address_malformed`. Raises what `secret` does.
    """
    if not _listed(settings, peer):
        raise Refused("proxy_not_listed")
    expected = secret(settings)
    if expected is not None:
        told = headers(settings.proxy_secret_header)
        if len(told) != 1 or not hmac.compare_digest(told[0].encode(), expected.encode()):
            raise Refused("proxy_secret_wrong", header=settings.proxy_secret_header)
    found = headers(settings.proxy_header)
    if len(found) > 1:
        raise Refused("proxy_header_twice", header=settings.proxy_header)
    return checked(found[0]) if found and found[0] else None


def of_token(settings: Settings, provider: Provider, claims: Mapping[str, Any]) -> Identity:
    """Whom the claims of a token name, which were signed by the provider; that is what Streamlit has seen to.

    Looked at besides, at every touch: for whom the token is, by whom, of which sign-in, of which account, and until
    when a session may begin by it. Raises Refused `token_issuer`, `token_audience`, `token_nonce`, `token_subject`,
    `token_expiry`, and `address_...` for an address that is not one.
    """
    issuer = provider.issuer.rstrip("/")
    if str(claims.get("iss")).rstrip("/") != issuer:
        raise Refused("token_issuer")
    audience = claims.get("aud")
    told = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if provider.client_id not in told or (len(told) > 1 and claims.get("azp") != provider.client_id):
        raise Refused("token_audience")
    if not _is_text(claims.get("nonce")):
        raise Refused("token_nonce")
    subject = claims.get("sub")
    if not _is_text(subject) or len(str(subject)) > _LONGEST_SUBJECT:
        raise Refused("token_subject")
    expiry = claims.get("exp")
    if isinstance(expiry, bool) or not isinstance(expiry, int | float):
        raise Refused("token_expiry")
    email = claims.get("email")
    # Nothing but a plain true: "false" is a text, and a text is true to most who ask.
    account = Account(issuer, str(subject), claims.get("email_verified") is True, _roles(settings, claims))
    return Identity(
        checked(str(email)) if _is_text(email) else "",
        # The whole of what was signed at the sign-in: the next one has another instant, and another nonce.
        json.dumps(dict(claims), sort_keys=True, default=str),
        account=account,
        until=dt.datetime.fromtimestamp(min(float(expiry), _LAST), dt.UTC) + _SKEW,
    )


def _roles(settings: Settings, claims: Mapping[str, Any]) -> tuple[str, ...] | None:
    if settings.oidc_roles is None:
        return None
    found: Any = claims
    for name in settings.oidc_roles.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    told = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return tuple(one for one in told if isinstance(one, str))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def checked(address: str) -> str:
    """The address, where it is one and only one. Raises Refused `address_...` as `proxied` does."""
    if not address.isascii():
        # A letter of another script looks like ours, and some become ours when their case is folded.
        raise Refused("address_not_ascii")
    if _BLANK.search(address):
        raise Refused("address_blank")
    if "," in address or ";" in address or address.count("@") > 1:
        raise Refused("address_several")
    if not _ADDRESS.fullmatch(address):
        raise Refused("address_malformed")
    return address


def secret(settings: Settings) -> str | None:
    """What the proxy shows with every request; None where none is set.

    Raises Refused `proxy_secret_unreadable`, or `proxy_secret_short` for one that could be guessed.
    """
    if settings.proxy_secret is None:
        return None
    try:
        told = settings.proxy_secret.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise Refused("proxy_secret_unreadable", file=settings.proxy_secret.name) from None
    if len(told) < SECRET_CHARACTERS:
        raise Refused("proxy_secret_short", file=settings.proxy_secret.name, characters=SECRET_CHARACTERS)
    return told


def _listed(settings: Settings, peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    # A server that listens for both kinds of addresses is told IPv4 ones so.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in settings.proxy_addresses)
