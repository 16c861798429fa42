"""What is changed, and what must tell: of statements a quick check, or tests, or tests where the check does not; of
modules the tests of their room.
"""

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


_TRACED = (
    "covered", "covered_before", "covered_keys", "held_before", "held_identities", "stored_records", "given_on",
    "given_on_held", "found_identities", "found_basis_identities", "found_keys", "moved_keys", "moved_organisations",
    "choices_among", "choices_anywhere", "found_choices", "found_senders", "known_by", "decided_known_by",
    "decided_sides_before", "decided_places", "persons_purged", "stored_basis_keys",
)  # fmt: skip
_DECIDED = ("decided", "decided_still", "decided_ties", "decided_records", "arrivals_undecided")
_WHO = Target(quick.who_is_who)
_OWN = ("tests/build/test_own_rows.py",)

TARGETS: dict[str, Target] = {
    "status": Target(quick.status, ("tests/reading/test_vouchers.py", "tests/marks/test_marks.py")),
    "person_status": Target(quick.persons),
    **dict.fromkeys(("request_candidates", "open_request_person", "request_status"), Target(quick.requests)),
    **dict.fromkeys(
        ("heirs", "islands", "settled", "bases", "bases_merged", "bases_of_vouchers"), Target(quick.derived_rows)
    ),
    **dict.fromkeys(("several", "spoken_for"), Target(quick.derived_rows, _OWN)),
    "merged": Target(quick.derived_rows, ("tests/reading/test_merging.py",)),
    "purge_decision": Target(quick.decisions),
    **dict.fromkeys(("doomed", "surviving", "persons_gone", "suppression_entries"), Target(quick.survived)),
    **dict.fromkeys(("request_rest", "needed_for_claims"), Target(None, ("tests/requests/test_rest.py",))),
    "guarded_hits": Target(quick.hits),
    **dict.fromkeys(("suppressed_hits", "stood_before", "suppressed_rows"), Target(quick.judged_hits)),
    "hold_coverage": Target(quick.covered),
    "hold_target": Target(quick.covered),
    "hold_totals": Target(quick.covered),
    "find_persons": Target(quick.covered),
    "find_organisations": Target(quick.covered),
    **dict.fromkeys(("organisation_says", "lost_organisations", "possible_organisations"), Target(quick.may_be)),
    "move": Target(quick.moved),
    **dict.fromkeys(_TRACED, Target(quick.traced)),
    **dict.fromkeys(("identifiers", "links", "relabel", "torn", "untie", "requested", "possible_doubles"), _WHO),
    "owners": Target(quick.owners, _OWN),
    **dict.fromkeys(_DECIDED, Target(quick.decided)),
}

ROOMS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("compliance/words/deadlines.py",),
        ("tests/words/test_deadlines.py", "tests/words/test_deadline_bounds.py", "tests/words/test_slow.py"),
    ),
    (
        ("compliance/identity/normalise.py",),
        ("tests/identity/test_normalise.py", "tests/suppression/test_possible.py"),
    ),
    (("compliance/identity/decisions.py", "compliance/identity/verbs.py"), ("tests/identity",)),
    (
        ("compliance/holds/along.py", "compliance/holds/losses.py", "compliance/holds/verbs.py"),
        ("tests/holds", "tests/purge/test_purge.py::test_whom_a_released_hold_was_on_is_forgotten_with_them"),
    ),
    (("compliance/show/extract.py",), ("tests/show",)),
    (("compliance/suppression/entries.py", "compliance/suppression/verbs.py"), ("tests/suppression",)),
)
