"""An address is one person's however it is written, in the roles file as at the sign-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance import access
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Role


@pytest.fixture
def capitals(tmp_path: Path) -> Settings:
    """An installation whose roles file has addresses as people write their names."""
    roles, key = tmp_path / "roles.toml", tmp_path / "key"
    roles.write_text(
        'dpo = ["Petra.Berg@Bolaget.Example"]\n[owner]\n" Olle.Ek@BOLAGET.example" = ["PROSPECT"]\n', encoding="utf-8"
    )
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    return settings_of.load(
        {"COMPLIANCE_STORE": str(tmp_path), "COMPLIANCE_ROLES": str(roles), "COMPLIANCE_KEY_FILE": str(key)}
    )


@pytest.mark.parametrize(
    "typed", ["petra.berg@bolaget.example", "PETRA.Berg@bolaget.EXAMPLE", " Petra.berg@Bolaget.example "]
)
def test_whoever_is_in_a_list_of_a_role_has_it(capitals: Settings, typed: str) -> None:
    petra = access.actor_for(typed, capitals)
    assert petra and (petra.email, petra.role, petra.categories) == ("petra.berg@bolaget.example", Role.DPO, None)


@pytest.mark.parametrize("typed", ["olle.ek@bolaget.example", "OLLE.EK@Bolaget.example", "Olle.Ek@BOLAGET.EXAMPLE "])
def test_whoever_is_in_the_table_of_the_owners_owns_the_categories_there(capitals: Settings, typed: str) -> None:
    olle = access.actor_for(typed, capitals)
    assert olle and (olle.email, olle.role) == ("olle.ek@bolaget.example", Role.OWNER)
    assert olle.categories == frozenset({Category.PROSPECT})


def test_the_pseudonym_is_the_same_however_somebody_signs_in(capitals: Settings) -> None:
    typed = ("petra.berg@bolaget.example", "PETRA.BERG@BOLAGET.EXAMPLE")
    found = [access.actor_for(one, capitals) for one in typed]
    assert len({actor.pseudonym for actor in found if actor}) == 1 and None not in found
