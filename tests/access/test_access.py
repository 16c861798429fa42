"""Who may do what, who somebody is, and the key that keeps pseudonyms unguessable."""

from __future__ import annotations

import dataclasses
import datetime as dt
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import access
from compliance.access import sessions
from compliance.access.sign_in import Identity
from compliance.access.tables import actor as actor_table
from compliance.ledger.tables import ledger
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Permission, Role
from tests.world import acting

NOW = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.UTC)


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    """An installation with a roles file and a key."""
    roles, key = tmp_path / "roles.toml", tmp_path / "key"
    roles.write_text(
        'dpo = ["petra@bolaget.example"]\n[owner]\n"olle@bolaget.example" = ["PROSPECT"]\n', encoding="utf-8"
    )
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    return settings_of.load(
        {"COMPLIANCE_STORE": str(tmp_path), "COMPLIANCE_ROLES": str(roles), "COMPLIANCE_KEY_FILE": str(key)}
    )


def test_names_are_for_those_who_need_them() -> None:
    seeing = {role for role, held in access.TABLE.items() if Permission.SEE_PERSONS in held}
    taking = {role for role, held in access.TABLE.items() if Permission.EXTRACT_PERSONS in held}
    assert seeing == taking == {Role.DPO, Role.OWNER}
    assert set(access.TABLE) == set(Role)


def test_the_roles_file_decides(configured: Settings) -> None:
    petra = access.actor_for(" Petra@Bolaget.example ", configured)
    olle = access.actor_for("olle@bolaget.example", configured)
    assert petra and (petra.role, petra.categories) == (Role.DPO, None)
    assert olle and (olle.role, olle.categories) == (Role.OWNER, frozenset({Category.PROSPECT}))
    assert access.actor_for("gun@bolaget.example", configured) is None
    assert access.actor_for("petra.dpo@antura.example", configured) is None


@pytest.mark.parametrize(
    "content",
    ["boss = ['a@b.example']", "dpo = 3", "dpo = [5]", "dpo = 'a@b.example'", "[owner]\n'a' = ['NOBODY']", "dpo = ["],
)
def test_an_unreadable_roles_file_is_refused(configured: Settings, content: str) -> None:
    assert configured.roles_file
    configured.roles_file.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match="roles_unreadable"):
        access.actor_for("a@b.example", configured)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("", False), (None, False)],
)
def test_a_role_may_be_picked_on_this_machine_only(
    settings: Settings, configured: Settings, address: str | None, allowed: bool
) -> None:
    assert access.demo_allowed(settings, address) is allowed
    assert not access.demo_allowed(configured, address)


def test_roles_and_demo_contradict(configured: Settings) -> None:
    environ = {"COMPLIANCE_ROLES": str(configured.roles_file), "COMPLIANCE_LOGIN": "demo"}
    with pytest.raises(Refused, match="setting_invalid"):
        settings_of.load(environ)


@pytest.mark.parametrize(
    "environ",
    [
        {"COMPLIANCE_LOGIN": "open"},
        {"COMPLIANCE_LOGIN": "oidc"},
        {"COMPLIANCE_TODAY": "24/11"},
        {"COMPLIANCE_BUILDS": "open"},
        # A purge would empty them of everything else, too.
        {"COMPLIANCE_EXPORTS": "/"},
        {"COMPLIANCE_EXPORTS": str(settings_of.ROOT)},
        {"COMPLIANCE_EXPORTS": "/srv/store", "COMPLIANCE_STORE": "/srv/store"},
        {"COMPLIANCE_EXPORTS": "/srv/store/builds", "COMPLIANCE_STORE": "/srv/store"},
    ],
)
def test_a_setting_that_means_nothing_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(Refused, match="setting_invalid"):
        settings_of.load(environ)


def test_today_is_the_date_in_stockholm(settings: Settings) -> None:
    assert settings_of.today(settings, NOW) == dt.date(2026, 11, 25)
    fixed = dataclasses.replace(settings, today_override=dt.date(2026, 1, 1))
    assert settings_of.today(fixed, NOW) == dt.date(2026, 1, 1)


def test_the_demo_makes_a_key_that_only_its_owner_reads(settings: Settings) -> None:
    first = keys.pseudonym(settings, "a@b.example")
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert keys.pseudonym(settings, " A@B.example ") == first
    settings.key_file.unlink()
    assert keys.pseudonym(settings, "a@b.example") != first


def test_a_missing_key_is_refused_outside_the_demo(configured: Settings) -> None:
    configured.key_file.unlink()
    with pytest.raises(Refused, match="key_missing"):
        access.actor_for("petra@bolaget.example", configured)


def test_signing_in_keeps_the_address_out_of_the_ledger(register: sa.Engine, settings: Settings) -> None:
    petra = access.demo_actors(settings)[0]
    for window in ("one", "another"):
        sessions.touch(settings, register, Identity(petra.email, window), NOW)
    with register.connect() as connection:
        assert connection.scalars(sa.select(actor_table.c.email)).all() == [petra.email]
        lines = connection.execute(sa.select(ledger)).all()
    assert len(lines) == 2
    assert petra.email not in str(lines)


def test_a_look_needs_the_permission(register: sa.Engine, settings: Settings) -> None:
    axel = access.demo_actors(settings)[1]
    with pytest.raises(Refused, match="not_allowed"):
        access.looked_at_persons(acting(settings, register, axel, NOW), "subjects", rows=3, build=1)
