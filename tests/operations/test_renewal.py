"""The key that signs is replaced: what it signed of purges is signed anew, and nothing is left that nobody believes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import evidence
from compliance.evidence import seal
from compliance.operations import renewal, replay, verify
from compliance.register.engine import engine
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests.purges import NOW, ask, begin, purge

LATER = NOW + dt.timedelta(days=2)


def begun_alike(register: sa.Engine, settings: Settings, folder: Path) -> Settings:
    """The same installation with its register as it was before every purge."""
    older = dataclasses.replace(settings, register_url=f"sqlite:///{folder / 'older.db'}")
    for one in (register, engine(older)):
        begin(one)
    return older


def test_evidence_is_believed_by_a_register_that_is_older_than_the_new_key(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    older = begun_alike(register, register_settings, tmp_path)
    ask(register)
    uids = {purge(register_settings, register).uid, purge(register_settings, register, closes="F-1").uid}
    old = keys.signing(register_settings).public_key()
    name, resigned = renewal.replace_signing(register_settings, register, LATER)
    ours = keys.signing(register_settings).public_key()
    assert (name, resigned) == (keys.name_of(ours), 2) and name != keys.name_of(old)
    assert {evidence.find(register_settings, uid, ours).trust for uid in uids} == {seal.Trust.SIGNED}
    assert {evidence.find(register_settings, uid, old).trust for uid in uids} == {seal.Trust.FORGED}
    assert verify.register(register_settings, register).faults == ()
    ask(engine(older))
    told = replay.replay(older, engine(older), LATER)
    assert told is not None and told.batches == 2


def test_nothing_is_replaced_where_evidence_is_not_there_to_be_signed(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    purge(register_settings, register)
    before = register_settings.signing_key.read_bytes()
    for gone in ("folder", "file"):
        elsewhere = tmp_path / gone
        if gone == "folder":
            register_settings.evidence.rename(elsewhere)
        else:
            (file,) = register_settings.evidence.iterdir()
            file.rename(elsewhere)
        with pytest.raises(Refused, match="evidence_"):
            renewal.replace_signing(register_settings, register, LATER)
        elsewhere.rename(register_settings.evidence if gone == "folder" else file)
    assert register_settings.signing_key.read_bytes() == before


def test_nothing_is_replaced_while_purges_wait_to_be_replayed(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    older = begun_alike(register, register_settings, tmp_path)
    purge(register_settings, register)
    before = register_settings.signing_key.read_bytes()
    with pytest.raises(Refused, match="replay_needed"):
        renewal.replace_signing(older, engine(older), LATER)
    # Nor while nobody has said whose a purge is.
    strange = dataclasses.replace(register_settings, register_url=f"sqlite:///{tmp_path / 'strange.db'}")
    with pytest.raises(Refused, match="evidence_elsewhere"):
        renewal.replace_signing(strange, engine(strange), LATER)
    assert register_settings.signing_key.read_bytes() == before


def test_a_key_that_is_lost_for_good_is_replaced_where_every_purge_is_known(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    made = purge(register_settings, register)
    real = dataclasses.replace(register_settings, login="proxy")
    real.signing_key.unlink()
    older = dataclasses.replace(real, register_url=f"sqlite:///{tmp_path / 'older.db'}")
    # Nobody can say any more whether that purge was ours.
    with pytest.raises(Refused, match="key_lost_signing"):
        renewal.replace_signing(older, engine(older), LATER)
    assert not real.signing_key.exists()
    _, resigned = renewal.replace_signing(real, register, LATER)
    assert resigned == 1
    assert evidence.find(real, made.uid, keys.signing(real).public_key()).trust is seal.Trust.SIGNED
