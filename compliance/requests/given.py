"""Finds whom a request that came in by hand may be from, by what it gives, as a build does it for the form's rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from compliance.identity.normalise import addresses, name_key, numbers
from compliance.reading.copy import Reading
from compliance.reading.followed import known_by
from compliance.requests import along, asks
from compliance.requests.tables import Role, Verdict, request_choice, request_choice_person
from compliance.words.settings import Settings

# What speaks against somebody: with any of it, somebody has to say.
AGAINST = ("other_name", "other_email", "shared_email", "no_name")


def matches(reading: Reading, row: Mapping[str, Any]) -> dict[str, str]:
    """The persons of the copy who have an address or a number that was given, each with what speaks for and against.

    As a request's choice keeps it: words joined by commas, those in AGAINST speak against.
    """
    emails = addresses(row["email"] or "").keys
    phones = numbers(row["phone"] or "").keys
    wanted = name_key(row["name"] or "")
    met: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for kind, given in (("email", emails), ("phone", phones)):
        for key in given:
            for one in reading.rows(asks.GIVEN_PERSONS, key=key):
                met.setdefault(one.person_id, set()).add(kind)
                names.setdefault(one.person_id, set()).update(filter(None, [one.name_key]))
    by_address = [person for person, kinds in met.items() if "email" in kinds]
    found = {}
    for person, kinds in sorted(met.items()):
        told = sorted(kinds)
        alike = _alike(wanted, names[person])
        if alike in ("name", "name_part"):
            told.append(alike)
        if "email" not in kinds and (alike == "other_name" if not emails else alike not in ("name", "name_part")):
            # A number alone is a switchboard's.
            continue
        against = [
            *(["no_name"] if alike is None else ["other_name"] if alike in ("other_name", "name_word") else []),
            *(["other_email"] if emails and "email" not in kinds else []),
            *(["shared_email"] if "email" in kinds and len(by_address) > 1 else []),
        ]
        found[person] = ",".join([*told, *against])
    return found


def _alike(wanted: str | None, names: set[str]) -> str | None:
    """How the name that was given fits those of a person; None where there are not two names to compare."""
    if not wanted or not names:
        return None
    if wanted in names:
        return "name"
    words = set(wanted.split())
    if any(words <= set(name.split()) or set(name.split()) <= words for name in names):
        return "name_part"
    return "name_word" if any(words & set(name.split()) for name in names) else "other_name"


def remember(
    connection: sa.Connection, settings: Settings, reading: Reading, row: Mapping[str, Any], now: dt.datetime
) -> int:
    """Keeps whom an open request of our own may be from, of whom nothing was said yet; returns how many."""
    if row["role"] != Role.CONTROLLER or row["closed_on"] is not None:
        return 0
    number = int(row["request_id"])
    known = set(
        connection.scalars(
            sa.select(request_choice_person.c.person_id)
            .join(request_choice, request_choice.c.choice_id == request_choice_person.c.choice_id)
            .where(request_choice.c.request_id == number)
        )
    )
    new = {person: told for person, told in matches(reading, row).items() if person not in known}
    for person, told in new.items():
        along.enter(connection, number, Verdict.FOUND, person, told, known_by(settings, reading, person), now=now)
    return len(new)
