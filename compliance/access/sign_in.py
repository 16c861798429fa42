"""Who somebody is by the sign-in, before a role is looked up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Identity:
    """Whom a sign-in names. `key` tells it from every other one, also of the same person, and is nobody's to see."""

    email: str
    key: str
