"""A hold holds what its scope says, and nothing that merely has the same key."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.world import World, table

SCOPES = ("basis", "person", "organisation", "category")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A contact of a former customer, and somebody of every other kind around them."""
    world = World(tmp_path)
    org = world.organisation("K1")
    world.contract(org, "2010-01-01", "2015-09-30")
    world.person("CUSTOMER_CONTACT", "A", org_id=org, registered_on="2010-02-01", email="anna@kund.example")
    world.person("CUSTOMER_CONTACT", "B", org_id=org, registered_on="2010-02-01", email="bo@kund.example")
    world.person("PROSPECT", "C", registered_on="2010-02-01", email="anna@kund.example")
    world.person("PROSPECT", "D", registered_on="2010-02-01")
    return world


KEYS = {
    "basis": hashlib.md5(b"CUSTOMER_CONTACT|crm_customer_contact:A").hexdigest(),
    "person": hashlib.md5(b"anna@kund.example").hexdigest(),
    "organisation": "crm:K1",
    "category": "CUSTOMER_CONTACT",
}
HELD = {"basis": {"A"}, "person": {"A", "C"}, "organisation": {"A", "B"}, "category": {"A", "B"}}


def held(world: World) -> set[str]:
    rows = table(world.reading(), "basis_status join basis using (basis_id)")
    assert {row["status"] for row in rows if row["has_hold"]} <= {"HELD"}
    assert {row["status"] for row in rows if not row["has_hold"]} <= {"OVERDUE"}
    return {row["source_key"] for row in rows if row["has_hold"]}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_hold_holds_what_its_scope_says(world: World, scope: str) -> None:
    world.hold(scope, KEYS[scope], "2025-01-10")
    assert held(world) == HELD[scope]


@pytest.mark.parametrize("key", SCOPES)
@pytest.mark.parametrize("scope", [*SCOPES, "case"])
def test_a_key_of_another_scope_holds_nothing(world: World, scope: str, key: str) -> None:
    if scope == key:
        key = "of nobody"
    world.hold(scope, KEYS.get(key, key), "2025-01-10")
    assert held(world) == set()
