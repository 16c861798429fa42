"""Keys are made by one command, never twice and never in place of lost ones; the one that signs can be replaced."""

from __future__ import annotations

import datetime as dt
import os
import re
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.access import start
from compliance.command import main
from compliance.ledger import checkpoint
from compliance.operations import renewal, verify
from compliance.register.engine import engine, writing
from compliance.suppression.tables import suppression
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.command import Exit
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests.purges import propose

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
PETRA = ledger.Author("p" * 32, "dpo")


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A new installation with a sign-in, as the environment says it; nothing has been made yet."""
    for name in [name for name in os.environ if name.startswith("COMPLIANCE_")]:
        monkeypatch.delenv(name)
    (tmp_path / "roles.toml").write_text('dpo = ["petra@bolaget.example"]\n', encoding="utf-8")
    for name, value in (("STORE", "store"), ("ROLES", "roles.toml")):
        monkeypatch.setenv(f"COMPLIANCE_{name}", str(tmp_path / value))
    monkeypatch.setenv("COMPLIANCE_LOGIN", "proxy")
    # A command makes what it writes its user's alone; the tests after it should not.
    monkeypatch.setattr(os, "umask", lambda _: 0o022)
    return settings_of.load()


def files(settings: Settings) -> list[Path]:
    return [kind.path(settings) for kind in keys.KINDS.values()]


def test_a_first_start_says_the_one_command_that_makes_the_keys(
    real: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "checkpoint", str(real.store.parent / "checkpoint")]) == Exit.REFUSED
    told = capsys.readouterr().err
    assert ".venv/bin/compliance keys init" in told and "backup" not in told
    assert main(["keys", "init"]) == Exit.DONE
    told = capsys.readouterr().out
    assert all(str(path) in told for path in files(real))
    assert main(["ledger", "checkpoint", str(real.store.parent / "checkpoint")]) == Exit.DONE
    assert start.check(real, "0.0.0.0") is engine(real)


def test_keys_lie_outside_the_store_but_for_the_demos(real: Settings) -> None:
    main(["keys", "init"])
    assert not [path for path in files(real) if path.is_relative_to(real.store)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(real)} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in files(real)} == {0o700}
    demo = settings_of.load({"COMPLIANCE_STORE": str(real.store)})
    assert [path.parent for path in files(demo)] == [real.store] * 3
    named = settings_of.load({"COMPLIANCE_KEYS": "/etc/compliance/keys", "COMPLIANCE_SIGNING_KEY": "/run/signing"})
    told = ["/etc/compliance/keys/pseudonym.key", "/etc/compliance/keys/suppression.keys", "/run/signing"]
    assert [str(path) for path in files(named)] == told


def test_what_is_made_is_what_the_keys_should_be(real: Settings) -> None:
    assert main(["keys"]) == Exit.DONE
    assert real.key_file.stat().st_size == 32
    assert re.fullmatch(r"[0-9a-f]{64}\n", real.suppression_keys.read_text(encoding="ascii"))
    assert keys.pseudonyms(real) and len(keys.suppression(real)) == 1 and keys.signing(real)


def test_a_key_that_is_there_is_never_replaced_by_init(real: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "init", "signing"]) == Exit.DONE
    signing = real.signing_key.read_bytes()
    assert main(["keys", "init"]) == Exit.DONE
    before = [path.read_bytes() for path in files(real)]
    assert before[2] == signing
    assert main(["keys", "init"]) == Exit.DONE
    assert "Every key is there" in capsys.readouterr().out
    assert main(["--language", "sv", "keys", "init", "signing"]) == Exit.REFUSED
    assert "inget har skapats" in capsys.readouterr().err
    assert [path.read_bytes() for path in files(real)] == before


def use(settings: Settings, kind: str) -> None:
    """Makes something with a kind of key that would be lost with it."""
    if kind == "pseudonym":
        with writing(engine(settings)) as connection:
            ledger.append(connection, ledger.Event.FIGURES_KEPT, author=PETRA, now=NOW)
    if kind == "suppression":
        propose(engine(settings))
        entry = {"batch_id": 1, "key_id": "k", "record_digest": "d", "source": "s", "dataset": "d"}
        with writing(engine(settings)) as connection:
            days = {"erased_on": NOW.date(), "expires_on": NOW.date()}
            connection.execute(sa.insert(suppression).values(**entry, **days))
    if kind == "signing":
        checkpoint.write(settings, engine(settings), settings.store / "checkpoint", NOW)


@pytest.mark.parametrize("kind", keys.KINDS)
def test_a_lost_key_is_not_made_anew_where_something_was_made_with_it(
    real: Settings, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "init"])
    use(real, kind)
    keys.KINDS[kind].path(real).unlink()
    for arguments in (["keys", "init"], ["keys", "init", kind], ["keys"]):
        assert main(arguments) == Exit.REFUSED
        assert "backup of the keys" in capsys.readouterr().err
    assert not keys.KINDS[kind].path(real).exists()


def test_the_start_says_to_bring_a_lost_key_back_and_not_to_make_one(real: Settings) -> None:
    main(["keys", "init"])
    use(real, "pseudonym")
    real.key_file.unlink()
    with pytest.raises(Refused, match="key_lost_pseudonym"):
        start.check(real, "0.0.0.0")


def test_evidence_of_purges_alone_keeps_a_signing_key_from_being_made_anew(real: Settings) -> None:
    """As on a new machine, where the folder of evidence is mounted and the register not brought back yet."""
    real.evidence.mkdir(parents=True)
    (real.evidence / f"batch-{'a' * 32}.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Refused, match="key_lost_signing"):
        renewal.make(real, engine(real), ["signing"])


def test_a_key_where_an_earlier_version_had_it_is_moved_and_no_other_made(
    real: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    real.store.mkdir()
    before = real.store / "pseudonym.key"
    before.write_bytes(bytes(range(32)))
    before.chmod(0o600)
    with pytest.raises(Refused, match="key_in_store"):
        keys.pseudonyms(real)
    assert main(["keys", "init"]) == Exit.REFUSED
    told = capsys.readouterr().err
    command = re.search(r"Move it: (.*) \(or", told)
    assert command is not None and subprocess.run(command[1], shell=True, check=False).returncode == 0
    assert keys.pseudonyms(real).secret == bytes(range(32)) and main(["keys", "init"]) == Exit.DONE


@pytest.mark.parametrize("kind", keys.KINDS)
def test_a_key_that_others_can_read_is_refused_wherever_it_is_used(real: Settings, kind: str) -> None:
    main(["keys", "init"])
    keys.KINDS[kind].path(real).chmod(0o640)
    with pytest.raises(Refused, match="key_open_to_others"):
        keys.read(real, kind)


@pytest.mark.parametrize("kind", keys.KINDS)
def test_a_key_that_is_no_file_is_refused_in_words(real: Settings, kind: str) -> None:
    keys.KINDS[kind].path(real).mkdir(parents=True)
    with pytest.raises(Refused, match="key_file_unreadable"):
        keys.read(real, kind)


# Replacing them


def test_the_key_that_signs_is_replaced_and_what_it_signed_is_believed(
    real: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "init"])
    before = real.store / "before.json"
    checkpoint.write(real, engine(real), before, NOW)
    old = real.signing_key.read_bytes()
    assert main(["keys", "rotate", "signing"]) == Exit.DONE
    fresh = keys.name_of(keys.signing(real).public_key())
    assert fresh in capsys.readouterr().out and real.signing_key.read_bytes() != old
    with engine(real).connect() as connection:
        assert [line["event"] for line in ledger.lines(connection)][-1] == ledger.Event.KEY_REPLACED
    # A checkpoint of before is one still, on the word of the public key beside it, and on no other.
    theirs = keys.verifying(checkpoint.public_file(before))
    assert verify.register(real, engine(real), checkpoints=[before], key=theirs).faults == ()
    ours = keys.signing(real).public_key()
    faults = verify.register(real, engine(real), checkpoints=[before], key=ours).faults
    assert [fault.code for fault in faults] == ["checkpoint_forged"]


def test_one_key_is_added_to_the_suppression_list_and_the_others_stay(
    real: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "init"])
    (first,) = keys.suppression(real)
    assert main(["keys", "rotate", "suppression"]) == Exit.DONE
    new, old = keys.suppression(real)
    assert old == first and new.key_id in capsys.readouterr().out


@pytest.mark.parametrize("words", [["rotate"], ["rotate", "pseudonym"], ["rotate", "signing", "suppression"], ["x"]])
def test_other_calls_change_no_key(real: Settings, words: list[str]) -> None:
    main(["keys", "init"])
    before = [path.read_bytes() for path in files(real)]
    assert main(["keys", *words]) == Exit.USAGE
    assert [path.read_bytes() for path in files(real)] == before


def test_the_module_makes_them_too(real: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["keys", "init"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("compliance.keys", run_name="__main__")
    assert ended.value.code == Exit.DONE
    assert all(file.exists() for file in (real.key_file, real.signing_key, real.suppression_keys))
