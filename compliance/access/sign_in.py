"""Who somebody is by the sign-in, before a role is looked up: what a proxy says, and which of it is believed."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compliance.words.refusal import Refused
from compliance.words.settings import Settings

SECRET_CHARACTERS = 32

# What a proxy is asked: all values of a header, since of two nobody knows which one the proxy has written.
Headers = Callable[[str], Sequence[str]]

_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"[^@,;<>()\"]+@[^@,;<>()\"]+\.[^@,;<>()\".]+")


@dataclass(frozen=True, repr=False)
class Identity:
    """Whom a sign-in names. `key` tells it from every other one, also of the same person, and is nobody's to see.

    `exact`: the address is to be written as in the roles file, to the letter.
    """

    email: str
    key: str
    exact: bool = False


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
