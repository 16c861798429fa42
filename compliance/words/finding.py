"""What is not as the rules have it: one shape for what every room finds, so that all of it can stand in one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How grave a finding is, the gravest first. Texts: `severity.<value>`."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it has to be, known by its code and its thing.

    `thing` is a reference or a name of what it is of (a source's column, an environment, a cookie): of no person, since
    it is kept and extracted as it is. `told` fills the text `finding_told.<code>`, where `thing` is known too. `since`
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
