"""Who is told by mail what waits for them, and in which language: the table [digest] of the roles file.

A reader's role is that of the address in the same file, so that whoever loses it is told nothing any more.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from compliance import access
from compliance.access import Actor
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import LANGUAGES, Role

_DEMO = {Role.DPO: "sv", Role.CISO: "en"}


@dataclass(frozen=True)
class Reader:
    """Somebody who is told by mail, at an address as the file writes it."""

    actor: Actor
    address: str
    language: str


@dataclass(frozen=True)
class Readers:
    """Those who are told, and the places in the list of those whose address has no role, from 1."""

    told: tuple[Reader, ...]
    without_role: tuple[int, ...]


def readers(settings: Settings) -> Readers:
    """Who is told by mail; in the demo, the data protection officer and the CISO.

    Raises Refused `digest_readers_unreadable` where the list is none of addresses with a language each, and
    `roles_unreadable`.
    """
    if settings.roles_file is None:
        demo = [one for one in access.demo_actors(settings) if settings.login == "demo" and one.role in _DEMO]
        return Readers(tuple(Reader(one, one.email, _DEMO[one.role]) for one in demo), ())
    told: dict[str, Reader] = {}
    without: list[int] = []
    for place, (address, language) in enumerate(_listed(settings).items(), 1):
        actor = access.actor_for(address, settings)
        if actor is None:
            without.append(place)
        else:
            # The same address in other letters is the same reader.
            told.setdefault(actor.pseudonym, Reader(actor, address, language))
    return Readers(tuple(told.values()), tuple(without))


def _listed(settings: Settings) -> dict[str, str]:
    assert settings.roles_file is not None
    try:
        listed = tomllib.loads(settings.roles_file.read_text(encoding="utf-8")).get("digest", {})
    except (OSError, ValueError):
        raise Refused("roles_unreadable", file=settings.roles_file.name) from None
    if not isinstance(listed, dict) or not set(map(str, listed.values())) <= set(LANGUAGES):
        raise Refused("digest_readers_unreadable", file=settings.roles_file.name, languages=", ".join(LANGUAGES))
    return listed
