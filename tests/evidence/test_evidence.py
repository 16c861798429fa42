"""An older register that is brought back learns of every purge made since, before anybody purged is shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import builds, evidence, ledger
from compliance.builds import tables as builds_tables
from compliance.evidence import receipts
from compliance.ledger import tables as ledger_tables
from compliance.operations import replay
from compliance.purge import tables as purge_tables
from compliance.reading import copy
from compliance.register.engine import engine, writing
from compliance.requests import tables as requests_tables
from compliance.suppression import tables as suppression_tables
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests.purges import NOW, ask, make_build, propose, purge
from tests.world import TODAY, shipped_parameters, shipped_policy

LATER = NOW + dt.timedelta(days=2)


@pytest.fixture
def older(register_settings: Settings, tmp_path: Path) -> Settings:
    """The same installation with a register from before every purge."""
    return dataclasses.replace(register_settings, register_url=f"sqlite:///{tmp_path / 'older.db'}")


def suppressed(register: sa.Engine) -> list[tuple[object, ...]]:
    columns = [suppression_tables.suppression.c[name] for name in evidence.Suppressed.model_fields]
    with register.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(sa.select(*columns))), key=str)


def shown(settings: Settings) -> copy.Reading | None:
    return copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())


def refusal(settings: Settings) -> str:
    with pytest.raises(Refused) as refused:
        shown(settings)
    return refused.value.code


def test_an_entry_of_the_list_is_kept_whole() -> None:
    columns = {column.name for column in suppression_tables.suppression.columns}
    assert set(evidence.Suppressed.model_fields) == columns - {"suppression_id", "batch_id"}


def test_evidence_holds_receipt_list_and_requests_for_this_user_alone(
    register: sa.Engine, register_settings: Settings
) -> None:
    ask(register)
    made = purge(register_settings, register, closes="F-1")
    path = evidence.file_of(register_settings, made.uid)
    kept = evidence.read(path)
    assert kept.receipt == made
    assert len(kept.suppression) == 2
    assert [(one.source, one.reference, one.outcome) for one in kept.requests] == [("form", "F-1", "done")]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in register_settings.evidence.iterdir()] == [path.name]
    text = path.read_text(encoding="utf-8")
    assert "Anna" not in text and "anna@kund.example" not in text and "701234567" not in text


def test_what_a_crash_kept_from_being_written_is_written_later(
    register: sa.Engine, register_settings: Settings
) -> None:
    first = purge(register_settings, register)
    second = purge(register_settings, register, keep=False)
    assert evidence.names(register_settings) == {first.uid}
    assert evidence.write_missing(register_settings, register) == 1
    assert evidence.names(register_settings) == {first.uid, second.uid}
    assert evidence.write_missing(register_settings, register) == 0


def test_a_purge_without_a_receipt_leaves_no_evidence(register: sa.Engine, register_settings: Settings) -> None:
    propose(register)
    with pytest.raises(Refused, match="receipt_missing"):
        evidence.write(register_settings, register, 1)
    assert evidence.names(register_settings) == frozenset()


def test_a_register_that_knows_everything_is_shown(register: sa.Engine, register_settings: Settings) -> None:
    purge(register_settings, register)
    make_build(register_settings, register)
    assert shown(register_settings) is not None
    told = replay.replay(register_settings, register, LATER)
    assert told == replay.Replayed(0, 0, False)
    assert shown(register_settings) is not None


def test_an_older_register_is_not_shown_until_its_purges_are_replayed(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    old = engine(older)
    ask(old)
    build = make_build(older, old)
    assert shown(older) is not None
    ask(register)
    made = purge(register_settings, register, closes="F-1")
    assert refusal(older) == "replay_needed"

    assert replay.replay(older, old, LATER) == replay.Replayed(1, 2, True)

    assert suppressed(old) == suppressed(register)
    with old.connect() as connection:
        batch = connection.execute(sa.select(purge_tables.batch)).one()
        request = connection.execute(sa.select(requests_tables.request)).one()
        state = connection.scalar(sa.select(builds_tables.build.c.state))
        keys = connection.scalar(sa.select(sa.func.count()).select_from(builds_tables.build_key))
        events = list(connection.scalars(sa.select(ledger_tables.ledger.c.event).order_by(ledger_tables.ledger.c.seq)))
        assert ledger.verify(connection).broken_at is None
    assert (batch.uid, batch.kind, batch.state) == (made.uid, "replayed", "executed")
    assert (batch.planned, batch.deleted, batch.held) == (3, 2, 1)
    assert receipts.parse(batch.receipt) == made and batch.receipt_digest == receipts.digest(made)
    assert (request.closed_on, request.outcome) == (NOW.date(), "done")
    assert (request.name, request.email, request.phone) == (None, None, None)
    # The copy still held the purged, so it is gone with its key; the exports are taken in anew.
    assert (state, keys, build.path.exists()) == ("retired", 0, False)
    assert events[-2:] == ["batch:replayed", "key:destroyed"]
    assert shown(older) is None
    make_build(older, old)
    assert shown(older) is not None


def test_a_replay_is_made_once(register: sa.Engine, register_settings: Settings, older: Settings) -> None:
    purge(register_settings, register)
    assert replay.replay(older, engine(older), LATER).batches == 1
    assert replay.replay(older, engine(older), LATER) == replay.Replayed(0, 0, False)
    assert len(suppressed(engine(older))) == 2


@pytest.mark.parametrize("state", ["proposed", "approved", "executing"])
def test_a_register_from_between_proposal_and_execution_goes_on_with_its_own_batch(
    register: sa.Engine, register_settings: Settings, older: Settings, state: str
) -> None:
    old = engine(older)
    uid = propose(old, state)
    with old.connect() as connection:
        row = dict(connection.execute(sa.select(purge_tables.batch)).mappings().one())
    with writing(register) as connection:
        connection.execute(sa.insert(purge_tables.batch).values(**row))
    purge(register_settings, register, uid=uid)
    replay.replay(older, old, LATER)
    with old.connect() as connection:
        batch = connection.execute(sa.select(purge_tables.batch)).one()
    assert (batch.batch_id, batch.uid, batch.state, batch.kind) == (1, uid, "executed", "replayed")
    assert len(suppressed(old)) == 2


def test_a_replay_into_the_register_that_lost_it_works_on_both_databases(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    # The other way round: the purge was made in SQLite, and the register under test is the one that lacks it.
    ask(engine(older))
    made = purge(older, engine(older), closes="F-1")
    make_build(register_settings, register)
    assert refusal(register_settings) == "replay_needed"
    assert replay.replay(register_settings, register, LATER) == replay.Replayed(1, 2, True)
    assert suppressed(register) == suppressed(engine(older))
    with register.connect() as connection:
        request = connection.execute(sa.select(requests_tables.request)).one()
    # A request from after the backup is known again too, so that the form's next export does not open it anew.
    assert (request.reference, request.closed_on, request.email) == ("F-1", NOW.date(), None)
    assert evidence.read(evidence.write(register_settings, register, 1)).requests[0].reference == "F-1"
    assert evidence.names(register_settings) == {made.uid}


def test_a_build_that_is_older_than_a_purge_is_not_shown(register: sa.Engine, register_settings: Settings) -> None:
    make_build(register_settings, register)
    # As if the purge's own build had never become current.
    purge(register_settings, register)
    assert refusal(register_settings) == "replay_needed"
    assert replay.replay(register_settings, register, LATER) == replay.Replayed(0, 0, True)
    assert shown(register_settings) is None


def test_purges_are_counted_the_same_by_every_asker(register: sa.Engine, register_settings: Settings) -> None:
    purge(register_settings, register)
    propose(register)
    with register.connect() as connection:
        assert builds.purges(connection) == 1


@pytest.mark.parametrize("damage", ["cut", "digest", "entry", "other name", "no json", "not an object"])
def test_damaged_evidence_is_named_and_changes_nothing(
    register: sa.Engine, register_settings: Settings, older: Settings, damage: str
) -> None:
    made = purge(register_settings, register)
    whole = purge(register_settings, register, now=LATER)
    path = evidence.file_of(register_settings, made.uid)
    content = json.loads(path.read_text(encoding="utf-8"))
    if damage == "cut":
        path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    elif damage == "no json":
        path.write_bytes(b"\xff\x00")
    elif damage == "not an object":
        path.write_text("[1]", encoding="utf-8")
    elif damage == "other name":
        path = path.rename(evidence.file_of(register_settings, "f" * 32))
    else:
        if damage == "digest":
            content["digest"] = "0" * 64
        else:
            content["suppression"][0]["record_digest"] = "0" * 32
        path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        replay.replay(older, engine(older), LATER)
    assert (refused.value.code, refused.value.values) == ("evidence_damaged", {"file": path.name})
    assert suppressed(engine(older)) == []
    assert whole.uid in evidence.names(older)


def test_evidence_written_again_forgets_entries_that_have_expired(
    register: sa.Engine, register_settings: Settings
) -> None:
    made = purge(register_settings, register)
    with writing(register) as connection:
        connection.execute(
            sa.delete(suppression_tables.suppression).where(suppression_tables.suppression.c.category.is_(None))
        )
    path = evidence.write(register_settings, register, made.batch)
    assert [one.category for one in evidence.read(path).suppression] == ["PROSPECT"]
