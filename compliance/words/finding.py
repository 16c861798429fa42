"""What is not as the rules have it: one shape for what every room finds, so that all of it can stand in one list."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# So much of what a finding is of is kept, and as many signs of a digest of what is longer.
THING_CHARACTERS, _DIGEST_CHARACTERS = 200, 16


class Severity(StrEnum):
    """How grave a finding is, the gravest first. Texts: `severity.<value>`."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it has to be, known by its code and its thing.

    `thing` is a reference or a name of what it is of (a source's column, an environment, a cookie): of no person, since
    it is kept and extracted as it is; one that is longer than is kept is cut, with a digest of all of it at its end, so
    that two of them stay two. `told` fills the text `finding_told.<code>`, where `thing` is known too. `since`
    is from when on it is so, as far as the data say; None where they do not. `owner` is who answers for it, by a code
    of an owner in the rules, None where nobody is named. `page` and `filters` lead to where it is shown.
    """

    code: str
    thing: str
    severity: Severity
    page: str
    since: dt.date | None = None
    owner: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str | int | dt.date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.thing) > THING_CHARACTERS:
            digest = hashlib.sha256(self.thing.encode()).hexdigest()[:_DIGEST_CHARACTERS]
            kept = self.thing[: THING_CHARACTERS - 1 - _DIGEST_CHARACTERS]
            object.__setattr__(self, "thing", f"{kept}#{digest}")

    @property
    def known_as(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.code, self.thing


@dataclass(frozen=True)
class Judged:
    """What a room finds now. `unjudged` are codes that it cannot say anything of (nothing was taken in, or nothing that
    is recent): what was found of them before is not mended by that.
    """

    findings: tuple[Finding, ...]
    unjudged: frozenset[str] = frozenset()

    @classmethod
    def joined(cls, *rooms: Judged) -> Judged:
        """What several rooms find, in one; a code that one of them cannot judge is not judged."""
        findings = (one for room in rooms for one in room.findings)
        return cls(tuple(findings), frozenset[str]().union(*(room.unjudged for room in rooms)))
