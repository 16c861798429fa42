"""The ledger takes lines, gives none back, and shows where somebody meddled."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import evidence, ledger
from compliance.evidence import receipts
from compliance.ledger import Author, Event, checkpoint
from compliance.ledger.tables import ledger as table
from compliance.operations import commands, replay
from compliance.operations import verify as ledger_check
from compliance.purge.tables import batch
from compliance.register.engine import engine, writing
from compliance.review import ledger as ledger_page
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests.purges import NOW, begin, propose, purge, receipt


def lines(register: sa.Engine, count: int) -> None:
    for number in range(count):
        with writing(register) as connection:
            ledger.append(connection, Event.EXTRACT_MADE, author=Author("ab", "dpo"), now=NOW, details={"rows": number})


def verdict(register: sa.Engine) -> ledger.Verdict:
    with register.connect() as connection:
        return ledger.verify(connection)


def test_an_untouched_chain_is_intact(register: sa.Engine) -> None:
    lines(register, 3)
    assert verdict(register) == ledger.Verdict(3)


@pytest.mark.parametrize("verb", ["update ledger set role = 'x'", "delete from ledger", "truncate ledger"])
def test_the_database_refuses_to_change_a_line(register: sa.Engine, verb: str) -> None:
    if verb.startswith("truncate") and register.dialect.name == "sqlite":
        verb = "delete from ledger where true"
    lines(register, 1)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(register) as connection:
        connection.execute(sa.text(verb))
    assert verdict(register).lines == 1


@pytest.mark.parametrize(
    ("meddling", "why"),
    [
        ("update ledger set details = '{}' where seq = 3", "changed"),
        ("update ledger set actor = 'other' where seq = 3", "changed"),
        ("delete from ledger where seq = 3", "missing"),
    ],
)
def test_a_changed_line_is_named(
    register: sa.Engine, unguarded: Callable[[sa.Engine], None], meddling: str, why: str
) -> None:
    lines(register, 5)
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.text(meddling))
    assert verdict(register) == ledger.Verdict(2, 3, why)


@pytest.mark.parametrize("text", ["a@b.example", "19800101-1234", "800101+1234", "+46 70 123 45 67", "08-123 45 67"])
def test_personal_data_is_refused(register: sa.Engine, text: str) -> None:
    with pytest.raises(ValueError, match="personal data") as error, writing(register) as connection:
        ledger.append(connection, Event.EXTRACT_MADE, author=None, now=NOW, details={"note": f"x {text} y"})
    assert text not in str(error.value)
    assert verdict(register).lines == 0


def test_all_lines_leave_part_by_part_as_they_were_shown(register: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_page, "_PART", 3)

    def add(count: int) -> None:
        with writing(register) as connection:
            for _ in range(count):
                ledger.append(connection, Event.FIGURES_KEPT, author=None, now=NOW)

    add(8)
    with register.connect() as connection:
        shown = ledger.last(connection).seq
    # Others write before it leaves, and while it does.
    add(2)
    parts = []
    for part in ledger_page.every_row(register, None, "en", shown):
        parts.append([row["seq"] for row in part])
        add(1)
    assert [number for part in parts for number in part] == list(range(shown, 0, -1))
    assert max(map(len, parts)) == 3
    assert list(ledger_page.every_row(register, Event.SIGNED_IN, "en", 0)) == []


def test_a_line_leaves_with_the_change_that_failed(register: sa.Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(register) as connection:
        ledger.append(connection, Event.EXTRACT_MADE, author=None, now=NOW)
        raise ZeroDivisionError
    assert verdict(register).lines == 0


def test_who_comes_goes_or_looks_changes_nothing(register: sa.Engine) -> None:
    """Each time somebody signs in would else be a time to find all figures anew, for everybody."""
    unchanged = set()
    for event in Event:
        with writing(register) as connection:
            before = ledger.last_change(connection)
            ledger.append(connection, event, author=None, now=NOW)
            after = ledger.last_change(connection)
            assert after in (before, ledger.last(connection))
        if after == before:
            unchanged.add(event.value)
    assert unchanged == {
        "user:signed_in", "user:signed_out", "user:refused", "persons:seen",
        "extract:begun", "extract:made", "extract:broken",
    }  # fmt: skip


def test_eight_threads_keep_the_chain(register: sa.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: lines(register, 10), range(8)))
    assert verdict(register) == ledger.Verdict(80)


_PROCESS = """
import datetime as dt
from compliance import ledger
from compliance.register.engine import engine, writing
from compliance.words import settings
for number in range(20):
    with writing(engine(settings.load())) as connection:
        ledger.append(connection, ledger.Event.EXTRACT_MADE, author=None, now=dt.datetime.now(dt.UTC))
"""


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "COMPLIANCE_STORE": str(settings.store),
        "COMPLIANCE_REGISTER_URL": settings.register_url,
    }


def test_two_processes_on_a_new_register_keep_the_chain(register_settings: Settings) -> None:
    running = [subprocess.Popen([sys.executable, "-c", _PROCESS], env=environment(register_settings)) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    done = check(register_settings)
    assert (done.returncode, done.stdout) == (0, "ledger: 40 lines, chain intact\n")


def check(settings: Settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compliance.ledger", "verify"],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_names_the_changed_line(
    register: sa.Engine, register_settings: Settings, unguarded: Callable[[sa.Engine], None]
) -> None:
    lines(register, 3)
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.update(table).where(table.c.seq == 2).values(event="intake:done"))
    done = check(register_settings)
    assert done.returncode == 1
    assert "line 2 is changed" in done.stdout


def faults(register: sa.Engine, settings: Settings, **more: Any) -> list[tuple[str, str]]:
    report = ledger_check.register(settings, register, **more)
    return [(fault.code, str(fault.values.get("name", fault.values.get("file")))) for fault in report.faults]


def test_a_digest_is_no_phone_number(register: sa.Engine) -> None:
    lines(register, 1)
    with writing(register) as connection:
        ledger.append(connection, Event.BATCH_EXECUTED, author=None, now=NOW, details={"uid": "00" + "7" * 30})
    assert verdict(register) == ledger.Verdict(2)
    assert ledger.looks_personal("00" + "7" * 12)


def test_receipts_that_are_as_they_were_written_are_counted(register: sa.Engine, register_settings: Settings) -> None:
    lines(register, 2)
    purge(register_settings, register)
    purge(register_settings, register)
    report = ledger_check.register(register_settings, register)
    # Each in the register and in its evidence.
    # Two proposals had a line each, too.
    assert (report.lines, report.receipts, report.faults) == (6, 4, ())


def meddle(register: sa.Engine, batch_id: int, **values: Any) -> None:
    with writing(register) as connection:
        connection.execute(sa.update(batch).where(batch.c.batch_id == batch_id).values(**values))


def test_a_receipt_changed_in_the_register_is_named(register: sa.Engine, register_settings: Settings) -> None:
    purge(register_settings, register)
    made = purge(register_settings, register)
    forged = receipts.canonical(made.model_copy(update={"persons_gone": 1})).decode()
    meddle(register, 2, receipt=forged)
    named = f"2 ({made.uid})"
    assert faults(register, register_settings) == [("receipt_changed", named), ("batch_differs", named)]
    meddle(register, 2, receipt="no receipt")
    assert faults(register, register_settings) == [("receipt_changed", named)]


def test_counts_changed_in_the_register_are_named(register: sa.Engine, register_settings: Settings) -> None:
    made = purge(register_settings, register)
    meddle(register, 1, deleted=1, held=2)
    assert faults(register, register_settings) == [("batch_differs", f"1 ({made.uid})")]


def test_a_receipt_changed_in_its_evidence_is_named(register: sa.Engine, register_settings: Settings) -> None:
    made = purge(register_settings, register)
    path = evidence.file_of(register_settings, made.uid)
    path.write_text(path.read_text(encoding="utf-8").replace("PROSPECT", "EMPLOYEE"), encoding="utf-8")
    assert faults(register, register_settings) == [("receipt_changed", path.name)]
    path.unlink()
    assert faults(register, register_settings) == [("receipt_missing", path.name)]


def test_a_batch_that_was_taken_out_of_the_register_is_missed(register: sa.Engine, register_settings: Settings) -> None:
    made = purge(register_settings, register)
    meddle(register, 1, state="refused")
    assert faults(register, register_settings) == [("receipt_missing", made.uid)]


def test_a_batch_that_no_line_knows_is_named(register: sa.Engine, register_settings: Settings) -> None:
    purge(register_settings, register)
    uid = propose(register)
    forged = receipt(uid=uid, batch=2)
    counts = {name: getattr(forged, name) for name in ("deleted", "held", "changed", "failed")}
    meddle(
        register,
        2,
        state="executed",
        receipt=receipts.canonical(forged).decode(),
        receipt_digest=receipts.digest(forged),
        **counts,
    )
    assert faults(register, register_settings) == [("receipt_unknown", f"2 ({uid})")]


def test_a_receipt_from_another_place_in_the_chain_is_named(register: sa.Engine, register_settings: Settings) -> None:
    lines(register, 1)
    uid = propose(register)
    moved = receipt(uid=uid, chain_seq=1, chain_digest="9" * 64)
    counts = {name: getattr(moved, name) for name in ("deleted", "held", "changed", "failed")}
    with writing(register) as connection:
        details: dict[str, ledger.Detail] = {"batch": 1, "uid": uid, "receipt": receipts.digest(moved)}
        ledger.append(connection, Event.BATCH_EXECUTED, author=None, now=NOW, details=details)
    meddle(
        register,
        1,
        state="executed",
        receipt=receipts.canonical(moved).decode(),
        receipt_digest=receipts.digest(moved),
        **counts,
    )
    assert faults(register, register_settings)[0] == ("receipt_position", f"1 ({uid})")


def test_a_replayed_purge_is_checked_without_the_place_it_had_in_the_lost_chain(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    older = dataclasses.replace(register_settings, register_url=f"sqlite:///{tmp_path / 'older.db'}")
    for one in (register, engine(older)):
        begin(one)
    lines(register, 3)
    purge(register_settings, register)
    replay.replay(older, engine(older), NOW)
    assert faults(engine(older), older) == []


def test_a_folder_of_receipts_is_checked_as_well(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    made = purge(register_settings, register)
    folder = tmp_path / "auditor"
    folder.mkdir()
    (folder / "whole.json").write_text(made.model_dump_json(indent=2), encoding="utf-8")
    assert faults(register, register_settings, folder=folder) == []
    (folder / "changed.json").write_bytes(receipts.canonical(made.model_copy(update={"persons_gone": 9})))
    (folder / "other.json").write_bytes(receipts.canonical(receipt(uid="5" * 32)))
    assert faults(register, register_settings, folder=folder) == [
        ("receipt_changed", "changed.json"),
        ("receipt_unknown", "other.json"),
    ]


@pytest.fixture
def signed(register: sa.Engine, register_settings: Settings, tmp_path: Path) -> Path:
    """A checkpoint of a ledger of five lines."""
    lines(register, 5)
    file = tmp_path / "kept" / "checkpoint.json"
    checkpoint.write(register_settings, register, file, NOW)
    return file


def against(register: sa.Engine, settings: Settings, file: Path) -> list[str]:
    public = keys.verifying(checkpoint.public_file(file))
    report = ledger_check.register(settings, register, checkpoints=[file], key=public)
    return [fault.code for fault in report.faults]


def test_a_checkpoint_agrees_with_the_chain_that_grew(
    register: sa.Engine, register_settings: Settings, signed: Path
) -> None:
    lines(register, 2)
    assert against(register, register_settings, signed) == []
    with register.connect() as connection:
        made = connection.execute(sa.select(table).where(table.c.seq == 6)).one()
    assert made.event == "checkpoint:made" and json.loads(made.details)["lines"] == 5
    assert stat.S_IMODE(signed.stat().st_mode) == 0o600


def test_a_cut_off_end_is_found(
    register: sa.Engine, register_settings: Settings, signed: Path, unguarded: Callable[[sa.Engine], None]
) -> None:
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.delete(table).where(table.c.seq > 4))
    assert verdict(register) == ledger.Verdict(4)
    assert against(register, register_settings, signed) == ["checkpoint_shorter"]


def test_a_chain_written_anew_is_found(
    register: sa.Engine, register_settings: Settings, signed: Path, unguarded: Callable[[sa.Engine], None]
) -> None:
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.delete(table))
    lines(register, 8)
    with writing(register) as connection:
        connection.execute(sa.delete(table).where(table.c.seq > 4))
    with writing(register) as connection:
        ledger.append(connection, Event.INTAKE_DONE, author=None, now=NOW)
    assert verdict(register) == ledger.Verdict(5)
    assert against(register, register_settings, signed) == ["checkpoint_rewritten"]


@pytest.mark.parametrize(
    "forging",
    [{"lines": 4}, {"digest": "0" * 64}, {"at": "2020-01-01"}, {"signature": "AAAA"}, {"signature": "?"}, {"more": 1}],
    ids=lambda forging: "-".join(map(str, forging)),
)
def test_a_forged_checkpoint_is_found(
    register: sa.Engine, register_settings: Settings, signed: Path, forging: dict[str, Any]
) -> None:
    content = json.loads(signed.read_text(encoding="utf-8"))
    signed.write_text(json.dumps({**content, **forging}), encoding="utf-8")
    assert against(register, register_settings, signed) == ["checkpoint_forged"]


NESTED = "[" * 100_000


@pytest.mark.parametrize("line", ['{"at": "0001-01-01T00:00:00+14:00"}', NESTED])
def test_what_nobody_can_read_through_is_a_fault_and_no_crash(
    register: sa.Engine, register_settings: Settings, signed: Path, tmp_path: Path, line: str
) -> None:
    signed.write_text(line, encoding="utf-8")
    assert against(register, register_settings, signed) == ["checkpoint_forged"]
    folder = tmp_path / "auditor"
    folder.mkdir()
    (folder / "receipt.json").write_text(line, encoding="utf-8")
    assert faults(register, register_settings, folder=folder) == [("receipt_changed", "receipt.json")]
    (tmp_path / "chain.jsonl").write_text(f"{line}\n", encoding="utf-8")
    (fault,) = ledger_check.file(tmp_path / "chain.jsonl").faults
    assert fault.values["line"] == 1


def test_a_checkpoint_signed_with_another_key_is_forged(
    register: sa.Engine, register_settings: Settings, signed: Path, tmp_path: Path
) -> None:
    other = dataclasses.replace(register_settings, signing_key=tmp_path / "other.key")
    forged = tmp_path / "forged.json"
    checkpoint.write(other, register, forged, NOW)
    ours = keys.verifying(checkpoint.public_file(signed))
    report = ledger_check.register(register_settings, register, checkpoints=[forged], key=ours)
    assert [fault.code for fault in report.faults] == ["checkpoint_forged"]


def test_a_broken_chain_is_not_signed(
    register: sa.Engine, register_settings: Settings, unguarded: Callable[[sa.Engine], None], tmp_path: Path
) -> None:
    lines(register, 3)
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.update(table).where(table.c.seq == 2).values(role="x"))
    file = tmp_path / "checkpoint.json"
    with pytest.raises(Refused, match="chain_broken"):
        checkpoint.write(register_settings, register, file, NOW)
    assert not file.exists() and not checkpoint.public_file(file).exists()


def test_a_checkpoint_does_not_replace_one(register: sa.Engine, register_settings: Settings, signed: Path) -> None:
    before = signed.read_bytes()
    with pytest.raises(Refused, match="file_exists"):
        checkpoint.write(register_settings, register, signed, NOW)
    assert signed.read_bytes() == before
    assert verdict(register).lines == 6


def test_a_signing_key_is_made_in_the_demo_only(register_settings: Settings) -> None:
    real = dataclasses.replace(register_settings, login="oidc")
    with pytest.raises(Refused) as refused:
        keys.signing(real)
    assert refused.value.code == "key_missing" and refused.value.values["setting"] == "COMPLIANCE_SIGNING_KEY"
    made = keys.signing(register_settings)
    assert made.private_bytes_raw() == keys.signing(real).private_bytes_raw()
    register_settings.signing_key.write_text("no key", encoding="utf-8")
    with pytest.raises(Refused, match="signing_key_unreadable"):
        keys.signing(register_settings)


def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The command line in this process, which is faster; two tests above run it as it is."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    mask = os.umask(0o077)
    try:
        return commands.check([str(argument) for argument in arguments])
    finally:
        os.umask(mask)


def test_an_export_is_checked_without_the_register(
    register: sa.Engine,
    register_settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = purge(register_settings, register)
    lines(register, 2)
    kept, chain, point = tmp_path / "receipts", tmp_path / "chain.jsonl", tmp_path / "point.json"
    kept.mkdir()
    (kept / "receipt.json").write_bytes(receipts.canonical(made))
    assert command(register_settings, monkeypatch, "export", chain) == 0
    assert command(register_settings, monkeypatch, "checkpoint", point) == 0
    capsys.readouterr()
    nowhere = dataclasses.replace(
        register_settings, store=tmp_path / "nowhere", register_url=f"sqlite:///{tmp_path / 'nowhere' / 'r.db'}"
    )
    arguments = ["verify", "--file", chain, "--receipts", kept, "--checkpoint", point, "--public-key", f"{point}.pub"]
    assert command(nowhere, monkeypatch, *arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ledger: 4 lines, chain intact",
        "receipts: 1 intact",
        "checkpoint point.json: intact (4 lines)",
    ]
    assert not (tmp_path / "nowhere").exists()

    whole = chain.read_text(encoding="utf-8").splitlines()
    for spoilt, told in (
        ([whole[0], whole[1].replace("rows", "Rows"), whole[2]], "line 2 is changed"),
        ([whole[0], "{", whole[2]], "line 2 is changed"),
        ([whole[0], whole[2]], "line 2 is missing"),
        (whole[:2], "of 4 signed lines only 2 are there"),
        (whole[1:], "line 1 is missing"),
    ):
        chain.write_text("\n".join(spoilt) + "\n", encoding="utf-8")
        assert command(nowhere, monkeypatch, *arguments) == 1
        assert told in capsys.readouterr().out


def test_the_command_says_what_it_needs(
    register_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine(register_settings)
    assert command(register_settings, monkeypatch, "verify", "--checkpoint", tmp_path / "none.json") == 4
    assert "--public-key" in capsys.readouterr().err
    assert command(register_settings, monkeypatch, "verify", "--file", tmp_path / "none.jsonl") == 4
    assert "cannot be read" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        command(register_settings, monkeypatch)
