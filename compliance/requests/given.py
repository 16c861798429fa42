"""Finds whom a request that came in by hand may be from, by what it gives, as a build does it for the form's rows: when
it comes in, when somebody looks again, and in each new build.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from compliance.identity.normalise import (
    addresses,
    are_told_apart,
    is_of_several,
    is_role_mailbox,
    name_key,
    numbers,
    one_spelling,
    same_name,
    unaddressed,
    without_number,
)
from compliance.requests import along
from compliance.requests.along import LATER
from compliance.requests.tables import Role, Verdict, request_choice, request_choice_person

# What speaks against somebody: with any of it, somebody has to say.
AGAINST = ("other_name", "other_email", "shared_email", "role_mailbox", "no_name", LATER)
# Who has an address or a number, each with a name that stands with it.
Holders = Callable[[str], Iterable[tuple[str, str | None]]]


def keys_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses and numbers that a request gives, in the form that matching uses."""
    return (*addresses(row["email"] or "").keys, *numbers(row["phone"] or "").keys)


def is_looked_for(row: Mapping[str, Any]) -> bool:
    """Whether it is ours to look for who a request is from, and it is open."""
    return row["role"] == Role.CONTROLLER and row["closed_on"] is None


def matches(holders: Holders, row: Mapping[str, Any]) -> dict[str, str]:
    """The persons who have an address or a number that was given, each with what speaks for and against.

    As a request's choice keeps it: words joined by commas, those in AGAINST speak against.
    """
    emails = addresses(row["email"] or "").keys
    phones = numbers(row["phone"] or "").keys
    wanted = name_key(row["name"] or "")
    met: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    own: set[str] = set()
    for kind, given in (("email", emails), ("phone", phones)):
        for key in given:
            for person_id, name in holders(key):
                met.setdefault(person_id, set()).add(kind)
                names.setdefault(person_id, set()).update(filter(None, [name]))
                if kind == "email" and not is_role_mailbox(key):
                    own.add(person_id)
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
        is_shared = "email" in kinds and len(by_address) > 1
        against = [
            *(["no_name"] if alike is None else ["other_name"] if alike in ("other_name", "name_word") else []),
            *(["other_email"] if emails and "email" not in kinds else []),
            *(["shared_email"] if is_shared else []),
            *(["role_mailbox"] if "email" in kinds and person not in own and not is_shared else []),
        ]
        found[person] = ",".join([*told, *against])
    return found


def _alike(wanted: str | None, names: set[str]) -> str | None:
    """How the name that was given fits those of a person; None where there are not two names to compare."""
    if not wanted or not names:
        return None
    wanted, names = one_spelling(wanted), {one_spelling(name) for name in names}
    if any(same_name(wanted, name) for name in names):
        return "name"
    # Nothing speaks for a man's being the woman of his name, or her child, but that name.
    others = {name for name in names if are_told_apart(wanted, name)}
    alike = {unaddressed(without_number(name)) for name in names - others}
    wanted, names = unaddressed(without_number(wanted)), {unaddressed(without_number(name)) for name in names}
    words = set(wanted.split())
    alike = {name for name in alike if is_of_several(name) == is_of_several(wanted)}
    if any(words <= set(name.split()) or set(name.split()) <= words for name in alike):
        return "name_part"
    return "name_word" if any(words & set(name.split()) for name in names) else "other_name"


def remember(
    connection: sa.Connection,
    row: Mapping[str, Any],
    found: Mapping[str, str],
    known_by: Callable[[str], Iterable[str]],
    now: dt.datetime,
    *,
    is_late: bool,
) -> int:
    """Keeps whom an open request may be from (`found`, as `matches` finds them), each with the digests of what they are
    known by; returns of how many nothing was kept before. What speaks for and against somebody who was found before is
    what it is now; of whom somebody has said something, that stays. `is_late`: something was decided or done before,
    and is not done to who comes now, nor to whom it was not surely from then, until somebody has said that it is they.
    """
    number = int(row["request_id"])
    known = {
        one.person_id: one
        for one in connection.execute(
            sa.select(
                request_choice_person.c.person_id,
                request_choice.c.choice_id,
                request_choice.c.verdict,
                request_choice.c.spoke_for,
            )
            .join(request_choice, request_choice.c.choice_id == request_choice_person.c.choice_id)
            .where(request_choice.c.request_id == number)
            .order_by(request_choice.c.verdict != Verdict.FOUND)
        )
    }
    for person, told in found.items():
        was = known.get(person)
        if was is None:
            told = f"{told},{LATER}" if is_late else told
            along.enter(connection, number, Verdict.FOUND, person, told, set(known_by(person)), now=now)
        elif was.verdict == Verdict.FOUND:
            before, now_against = (set(words.split(",")) & set(AGAINST) for words in (was.spoke_for, told))
            # What was done was not done to one whom something spoke against then.
            is_late_for = LATER in before or (is_late and before and not now_against)
            told = f"{told},{LATER}" if is_late_for else told
            if told != was.spoke_for:
                connection.execute(
                    sa.update(request_choice).where(request_choice.c.choice_id == was.choice_id).values(spoke_for=told)
                )
    return len(found.keys() - known.keys())
