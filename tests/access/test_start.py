"""A store remembers that it is real, is closed to others, and is served only where all that guards it is there."""

from __future__ import annotations

import dataclasses
import datetime as dt
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.access import start
from compliance.access.tables import actor
from compliance.demo.start import prepare
from compliance.operations import backup
from compliance.register import engine as engines
from compliance.register.engine import engine
from compliance.register.tables import installation
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import ROOT, Settings
from compliance.words.texts import refusal

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def real(tmp_path: Path) -> Settings:
    """An installation with a sign-in."""
    (tmp_path / "roles.toml").write_text('dpo = ["petra@bolaget.example"]\n', encoding="utf-8")
    (tmp_path / "key").write_bytes(b"k" * 32)
    (tmp_path / "key").chmod(0o600)
    return settings_of.load(
        {
            "COMPLIANCE_STORE": str(tmp_path / "store"),
            "COMPLIANCE_LOGIN": "proxy",
            "COMPLIANCE_ROLES": str(tmp_path / "roles.toml"),
            "COMPLIANCE_KEY_FILE": str(tmp_path / "key"),
        }
    )


def lost(real: Settings) -> Settings:
    """The same where only the store is still in the environment."""
    return settings_of.load({"COMPLIANCE_STORE": str(real.store)})


def anew() -> None:
    """As a process that has opened nothing yet."""
    for known in engines._engines.values():
        known.dispose()
    engines._engines.clear()
    engines._marked.clear()


def test_a_store_that_was_used_with_a_sign_in_is_no_demo_when_the_settings_are_lost(
    real: Settings, tmp_path: Path
) -> None:
    engine(real)
    anew()
    with pytest.raises(Refused, match="store_is_real"):
        engine(lost(real))
    with pytest.raises(Refused, match="store_is_real"):
        prepare(lost(real), NOW, tmp_path / "exports", 1000)
    assert not (tmp_path / "exports").exists()
    assert engine(real) is not None


@pytest.mark.parametrize("gone", ["mark", "register"])
def test_the_register_and_the_folder_each_remember_it(real: Settings, gone: str) -> None:
    engine(real)
    anew()
    if gone == "mark":
        (real.store / "real").unlink()
    else:
        # As where the register is on a server, whose address was lost with the rest.
        for file in real.store.glob("register.db*"):
            file.unlink()
    with pytest.raises(Refused, match="store_is_real"):
        engine(lost(real))


def test_a_demo_that_gets_a_sign_in_is_real_from_then_on(settings: Settings, real: Settings) -> None:
    demo = dataclasses.replace(settings, store=real.store, register_url=real.register_url)
    engine(demo)
    engine(demo)
    engine(real)
    with pytest.raises(Refused, match="store_is_real"):
        engine(demo)


@pytest.mark.parametrize(
    ("email", "refused"), [("petra@bolaget.se", True), ("petra@bolaget.example", False), ("", False)]
)
def test_a_store_from_before_there_were_marks_is_known_by_who_has_signed_in(
    settings: Settings, email: str, refused: bool
) -> None:
    with engine(settings).begin() as connection:
        connection.execute(sa.delete(installation))
        connection.execute(
            sa.insert(actor).values(pseudonym="p", email=email, role="dpo", first_seen_at=NOW, last_seen_at=NOW)
        )
    anew()
    if refused:
        with pytest.raises(Refused, match="store_is_real"):
            engine(settings)
    else:
        assert engine(settings) is not None


def test_a_backup_takes_along_that_it_is_real(settings: Settings, real: Settings, tmp_path: Path) -> None:
    backup.save(engine(real), tmp_path / "backup", NOW)
    demo = dataclasses.replace(settings, store=tmp_path / "demo", register_url=f"sqlite:///{tmp_path / 'demo.db'}")
    demo.evidence.mkdir(parents=True)
    backup.restore(demo, engine(demo), tmp_path / "backup", NOW)
    anew()
    with pytest.raises(Refused, match="store_is_real"):
        engine(demo)


@pytest.mark.files("looks at the register's file")
def test_what_a_store_holds_is_its_owners_alone(real: Settings) -> None:
    real.store.mkdir(mode=0o755)
    (real.store / "register.db").touch(0o644)
    (real.store / "register.db").chmod(0o644)
    with engine(real).connect():
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in real.store.glob("register.db*")}
    assert stat.S_IMODE(real.store.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600} and len(modes) == 3


@pytest.mark.parametrize("address", ["0.0.0.0", "", None, "192.0.2.1", "dashboard.example"])
def test_a_demo_that_others_could_open_does_not_start(settings: Settings, address: str | None) -> None:
    with pytest.raises(Refused, match="demo_not_local"):
        start.check(settings, address)
    assert not settings.store.exists()
    assert start.check(settings, "127.0.0.1") is not None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_that_others_can_read_is_refused_at_the_start(real: Settings, mode: int) -> None:
    start.check(real, "0.0.0.0")
    real.key_file.chmod(mode)
    with pytest.raises(Refused, match="key_open_to_others") as refused:
        start.check(real, "0.0.0.0")
    assert "chmod 600" in refusal("key_open_to_others", "en", refused.value.values)


@pytest.mark.parametrize("missing", ["key", "roles.toml"])
def test_without_keys_or_roles_nobody_is_served(real: Settings, missing: str) -> None:
    (real.key_file.parent / missing).unlink()
    with pytest.raises(Refused, match="key_missing" if missing == "key" else "roles_unreadable"):
        start.check(real, "0.0.0.0")


def test_the_command_says_what_to_do_and_no_traceback(real: Settings) -> None:
    real.key_file.unlink()
    environment = {
        "PATH": "/usr/bin:/bin",
        "COMPLIANCE_STORE": str(real.store),
        "COMPLIANCE_LOGIN": "proxy",
        "COMPLIANCE_ROLES": str(real.roles_file),
        "COMPLIANCE_KEY_FILE": str(real.key_file),
    }
    command = [sys.executable, "-m", "compliance", "serve", "--server.port", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert ".venv/bin/compliance keys" in done.stderr
