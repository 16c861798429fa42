"""Which statements are changed, and what must tell: a quick check, or tests, or tests where the check does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import quick


@dataclass(frozen=True)
class Target:
    """What decides whether a mutant of a statement lives."""

    check: Callable[[Path], quick.Check] | None = None
    tests: tuple[str, ...] = ()


_BUILT = ("tests/reading/test_islands.py", "tests/reading/test_merging.py", "tests/reading/test_vouchers.py")
_HOLDS = ("tests/holds/test_losses.py", "tests/holds/test_holds.py")

TARGETS: dict[str, Target] = {
    "status": Target(quick.status, ("tests/reading/test_vouchers.py",)),
    "person_status": Target(quick.persons),
    "open_request_person": Target(quick.status),
    "request_status": Target(None, ("tests/requests/test_requests.py",)),
    "islands": Target(None, (*_BUILT, "tests/reading/test_bounds.py")),
    "settled": Target(quick.builds, (*_BUILT, "tests/build/test_clocks.py")),
    "merged": Target(quick.builds, (*_BUILT, "tests/reading/test_status_cases.py")),
    "bases": Target(quick.builds, (*_BUILT, "tests/build/test_clocks.py")),
    "purge_decision": Target(quick.decisions),
    "guarded_hits": Target(quick.hits),
    "hold_coverage": Target(quick.covered),
    "hold_target": Target(quick.covered),
    "hold_totals": Target(quick.covered),
    "find_persons": Target(quick.covered),
    "find_organisations": Target(quick.covered),
    "covered": Target(None, _HOLDS),
    "covered_before": Target(None, _HOLDS),
    "covered_keys": Target(None, _HOLDS),
    "held_identities": Target(None, _HOLDS),
    "found_identities": Target(None, _HOLDS),
    "found_keys": Target(None, _HOLDS),
    "moved_keys": Target(None, _HOLDS),
    "moved_organisations": Target(None, _HOLDS),
    "requested": Target(None, ("tests/requests", "tests/build/test_build.py")),
}
