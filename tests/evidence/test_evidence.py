"""An older register that is brought back learns of every purge made since, before anybody purged is shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import builds, evidence, ledger, wipe
from compliance.access import demo_actors
from compliance.builds import tables as builds_tables
from compliance.evidence import content, receipts, seal
from compliance.ledger import tables as ledger_tables
from compliance.operations import replay, verify
from compliance.purge import tables as purge_tables
from compliance.purge.verbs import confirm_return
from compliance.reading import copy
from compliance.register.engine import engine, writing
from compliance.requests import tables as requests_tables
from compliance.sources import tasks as sources
from compliance.sources import verification
from compliance.sources.tables import source_task
from compliance.suppression import tables as suppression_tables
from compliance.suppression.entries import Hit
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Role
from tests.purges import NOW, ask, begin, make_build, propose, purge
from tests.world import TODAY, acting, shipped_parameters, shipped_policy

LATER = NOW + dt.timedelta(days=2)


@pytest.fixture
def older(register: sa.Engine, register_settings: Settings, tmp_path: Path) -> Settings:
    """The same installation with its register as it was before every purge."""
    settings = dataclasses.replace(register_settings, register_url=f"sqlite:///{tmp_path / 'older.db'}")
    begin(register)
    begin(engine(settings))
    return settings


def suppressed(register: sa.Engine) -> list[tuple[object, ...]]:
    columns = [suppression_tables.suppression.c[name] for name in content.Suppressed.model_fields]
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
    assert set(content.Suppressed.model_fields) == columns - {"suppression_id", "batch_id"}


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
    assert evidence.write_unwiped(register_settings, register, NOW) == 1
    assert evidence.names(register_settings) == {first.uid, second.uid}
    assert evidence.write_unwiped(register_settings, register, NOW) == 0


def test_a_purge_without_a_receipt_leaves_no_evidence(register: sa.Engine, register_settings: Settings) -> None:
    propose(register)
    with pytest.raises(Refused, match="receipt_missing"):
        evidence.write(register_settings, register, 1, NOW)
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


def test_a_return_that_was_confirmed_stays_confirmed_by_the_evidence(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    purge(register_settings, register)
    key = keys.suppression(register_settings)[0]
    its = {"key_id": key.key_id, "record_digest": key.digest("record|crm_prospekt:P1")}
    with writing(register) as connection:
        connection.execute(
            sa.update(suppression_tables.suppression).where(suppression_tables.suppression.c.suppression_id == 1), its
        )
        connection.execute(
            sa.insert(source_task).values(
                batch_id=1, source="crm", dataset="crm_prospekt", kind="database", state="failed", planned=2,
                keys=sources.pack(["P1", "P2"]),
            )
        )  # fmt: skip
        entry = connection.execute(
            sa.select(suppression_tables.suppression).where(suppression_tables.suppression.c.suppression_id == 1)
        ).one()
        seen = {"first_build": 1, "last_build": 1, "first_seen_at": NOW, "last_seen_at": NOW}
        connection.execute(
            sa.insert(suppression_tables.reappearance).values(
                suppression_id=entry.suppression_id,
                record_digest=entry.record_digest,
                kind="let_in",
                source=entry.source,
                dataset=entry.dataset,
                **seen,
            )
        )
    dpo = next(actor for actor in demo_actors(register_settings) if actor.role is Role.DPO)
    confirm_return(acting(register_settings, register, dpo, LATER), 1, "other_person")
    assert [line["others"] for line in renewed(register)] == [1]
    assert replay.replay(older, engine(older), LATER).batches == 1
    with engine(older).connect() as connection:
        told = connection.execute(sa.select(suppression_tables.reappearance)).one()
        task = connection.execute(sa.select(source_task)).one()
    assert (told.kind, told.verdict, told.confirmed_by) == ("let_in", None, dpo.pseudonym)
    # Nor is its source told to erase who is back.
    assert (task.planned, sources.unpack(task._mapping["keys"])) == (1, ["P2"])
    assert verify.register(older, engine(older)).faults == ()


def renewed(register: sa.Engine) -> list[dict[str, object]]:
    lines = sa.select(ledger_tables.ledger.c.details).where(ledger_tables.ledger.c.event == "evidence:renewed")
    with register.connect() as connection:
        return [json.loads(details) for details in connection.scalars(lines)]


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
    assert evidence.read(evidence.write(register_settings, register, 1, NOW)).requests[0].reference == "F-1"
    assert evidence.names(register_settings) == {made.uid}


def test_a_build_that_is_older_than_a_purge_is_not_shown(register: sa.Engine, register_settings: Settings) -> None:
    begin(register)
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


Meddle = Callable[[Path], None]


def cut(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")


def without_entries(path: Path) -> None:
    """As measured: the list emptied, and every digest that anybody can compute redone."""
    told = json.loads(path.read_text(encoding="utf-8"))
    told["evidence"]["suppression"] = []
    told["seal"]["content"] = content.digest_of(content.canonical(told["evidence"]))
    path.write_bytes(seal.to_bytes(seal.Seal(**told["seal"]), content.canonical(told["evidence"])))


def with_another_entry(path: Path) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    told["evidence"]["suppression"][0]["record_digest"] = "0" * 32
    path.write_bytes(seal.to_bytes(seal.Seal(**told["seal"]), content.canonical(told["evidence"])))


def as_anybody_could(path: Path) -> None:
    path.write_bytes(b"\xff\x00")


def as_a_list(path: Path) -> None:
    path.write_text("[1]", encoding="utf-8")


@pytest.mark.parametrize("meddle", [cut, without_entries, with_another_entry, as_anybody_could, as_a_list])
def test_evidence_that_was_meddled_with_is_missed_and_nothing_is_replayed(
    register: sa.Engine, register_settings: Settings, older: Settings, meddle: Meddle
) -> None:
    made = purge(register_settings, register)
    purge(register_settings, register, now=LATER)
    path = evidence.file_of(register_settings, made.uid)
    meddle(path)
    # Where the seal was left it is known which purge it was.
    name = path.name if meddle in (cut, with_another_entry) else "nr 1"
    with pytest.raises(Refused) as refused:
        replay.replay(older, engine(older), LATER)
    assert (refused.value.code, refused.value.values["file"]) == ("evidence_gone", name)
    assert suppressed(engine(older)) == []
    assert refusal(older) == "replay_needed"


def invented(settings: Settings, tmp_path: Path, forge: str) -> Path:
    """Evidence of a purge that never was, which closes somebody's request, in the installation's folder."""
    strange = dataclasses.replace(
        settings,
        register_url=f"sqlite:///{tmp_path / 'strange.db'}",
        evidence=tmp_path / "strange",
        signing_key=tmp_path / "strange.key",
    )
    ask(engine(strange))
    made = purge(strange, engine(strange), closes="F-1")
    source, path = evidence.file_of(strange, made.uid), evidence.file_of(settings, made.uid)
    told = json.loads(source.read_text(encoding="utf-8"))
    path.parent.mkdir(exist_ok=True)
    if forge == "other key":
        path.write_bytes(source.read_bytes())
    elif forge == "earlier version":
        del told["evidence"]["orders"]
        digest = content.digest_of(content.canonical(told["evidence"]))
        path.write_bytes(content.canonical({"digest": digest, **told["evidence"]}))
    elif forge == "number":
        told["seal"]["number"] = 10**9
        path.write_text(json.dumps(told["seal"]), encoding="utf-8")
    else:
        path.write_text("junk", encoding="utf-8")
    return path


@pytest.mark.parametrize("forge", ["other key", "earlier version", "number", "junk"])
def test_evidence_of_a_purge_that_never_was_blocks_nothing_and_does_nothing(
    register: sa.Engine, register_settings: Settings, tmp_path: Path, forge: str
) -> None:
    ask(register)
    purge(register_settings, register)
    build = make_build(register_settings, register)
    path = invented(register_settings, tmp_path, forge)
    assert shown(register_settings) is not None
    wipe.settle(register_settings, register, LATER)

    assert replay.replay(register_settings, register, LATER) == replay.Replayed(0, 0, False)

    with register.connect() as connection:
        request = connection.execute(sa.select(requests_tables.request)).one()
        ((name, trust),) = evidence.left_aside(register_settings, connection)
    assert (request.closed_on, request.email) == (None, "anna@kund.example")
    assert build.path.exists() and shown(register_settings) is not None
    expected = {"other key": "forged", "earlier version": "unsigned"}.get(forge, "damaged")
    assert (name, trust.value) == (path.name, expected)


def test_evidence_of_an_earlier_version_is_believed_on_somebodys_word(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    ask(register)
    invented(register_settings, tmp_path, "earlier version")
    replayed = replay.replay(register_settings, register, LATER, unsigned=True)
    assert replayed == replay.Replayed(1, 2, False)
    # It is signed with what the register has from then on.
    assert evidence.refresh(register_settings, register, LATER) == 1
    (uid,) = evidence.names(register_settings)
    key = keys.signing(register_settings).public_key()
    assert evidence.find(register_settings, uid, key).trust is seal.Trust.SIGNED
    assert verify.register(register_settings, register).faults == ()


@pytest.fixture
def another(register: sa.Engine, register_settings: Settings, tmp_path: Path) -> Settings:
    """An installation with the same keys and the same folder of evidence, and a register of its own."""
    begin(register)
    settings = dataclasses.replace(register_settings, register_url=f"sqlite:///{tmp_path / 'another.db'}")
    ask(engine(settings))
    return settings


def unsaid(settings: Settings, *uids: str) -> None:
    """Leaves evidence as an earlier version has sealed it."""
    for uid in uids:
        path = evidence.file_of(settings, uid)
        sealed = seal.peek(path)
        assert sealed is not None
        bare = dataclasses.replace(sealed, register="").signed_with(keys.signing(settings))
        told = json.loads(path.read_bytes())["evidence"]
        path.write_bytes(seal.to_bytes(bare, content.canonical(told)))
        assert "register" not in json.loads(path.read_bytes())["seal"]


@pytest.mark.parametrize("said", [True, False], ids=["another's", "an earlier version's"])
def test_signed_evidence_of_another_register_is_believed_on_somebodys_word_alone(
    register: sa.Engine, register_settings: Settings, another: Settings, said: bool
) -> None:
    ask(register)
    own = purge(register_settings, register)
    before = suppressed(register)
    build = make_build(register_settings, register)
    strange = [purge(another, engine(another), closes=closes) for closes in ("F-1", None)]
    if not said:
        unsaid(register_settings, *(one.uid for one in strange))
    assert refusal(register_settings) == "evidence_elsewhere"
    for word in ({}, {"unsigned": True}, {"accept_loss": True}):
        with pytest.raises(Refused) as refused:
            replay.replay(register_settings, register, LATER, **word)
        assert refused.value.code == "evidence_elsewhere" and refused.value.values["files"] == 2
    assert suppressed(register) == before and build.path.exists()

    assert replay.replay(register_settings, register, LATER, any_register=True) == replay.Replayed(2, 4, True)

    with register.connect() as connection:
        assert connection.scalar(sa.select(requests_tables.request.c.closed_on)) == NOW.date()
        numbers = sorted(connection.scalars(sa.select(evidence.tables.evidence.c.number)))
        assert evidence.lacking(register_settings, connection) == []
    # Its own numbers go on; what does not say whose it is may be this one's, and keeps what it has.
    assert numbers == ([1, 2, 3] if said else [1, 1, 2])
    # From then on they are this register's by their seal too.
    assert evidence.refresh(register_settings, register, LATER) == 2
    with register.connect() as connection:
        ours = ledger.identity(connection)
    told = [seal.peek(evidence.file_of(register_settings, one.uid)) for one in (own, *strange)]
    assert {one.register for one in told if one} == {ours}
    assert verify.register(register_settings, register).faults == ()
    assert shown(register_settings) is None


def test_a_register_without_a_line_believes_no_register(
    register_settings: Settings, another: Settings, tmp_path: Path
) -> None:
    """Nobody can say that it is the one of whose purges there is evidence."""
    purge(another, engine(another))
    empty = dataclasses.replace(register_settings, register_url=f"sqlite:///{tmp_path / 'empty.db'}")
    assert refusal(empty) == "evidence_elsewhere"
    with pytest.raises(Refused, match="evidence_elsewhere"):
        replay.replay(empty, engine(empty), LATER)
    assert replay.replay(empty, engine(empty), LATER, any_register=True).batches == 1


def test_what_a_register_knows_is_sealed_as_its_own_after_an_upgrade(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    made = purge(register_settings, register)
    unsaid(register_settings, made.uid)
    assert make_build(register_settings, register) and shown(register_settings) is not None
    assert refusal(older) == "evidence_elsewhere"
    assert evidence.refresh(register_settings, register, LATER) == 1
    assert evidence.refresh(register_settings, register, LATER) == 0
    assert refusal(older) == "replay_needed"
    assert replay.replay(older, engine(older), LATER).batches == 1


def test_what_another_register_numbers_is_not_missed_here(
    register: sa.Engine, register_settings: Settings, another: Settings
) -> None:
    made = [purge(another, engine(another)) for _ in range(3)]
    for one in made[:2]:
        evidence.file_of(another, one.uid).unlink()
    with register.connect() as connection:
        assert evidence.lacking(register_settings, connection) == []
        # Once they are to be this one's, those before them are.
        assert evidence.lacking(register_settings, connection, any_register=True) == ["nr 1", "nr 2"]


def test_evidence_is_numbered_chained_and_named_by_the_line_of_its_purge(
    register: sa.Engine, register_settings: Settings
) -> None:
    made = [purge(register_settings, register, now=NOW + dt.timedelta(hours=hour)) for hour in range(3)]
    seals = [seal.peek(evidence.file_of(register_settings, one.uid)) for one in made]
    assert [one.number for one in seals if one] == [1, 2, 3]
    assert [one.previous for one in seals if one] == [seal.NOTHING, *(one.head for one in seals[:2] if one)]
    with register.connect() as connection:
        lines = [json.loads(line["details"]) for line in ledger.lines(connection) if "executed" in line["event"]]
        assert evidence.head(connection) == evidence.Head(3, seals[2].head if seals[2] else "")
    assert [(line["evidence"], line["evidence_no"]) for line in lines] == [
        (one.made, one.number) for one in seals if one
    ]


def test_orders_to_the_sources_are_open_again_after_a_replay(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    uid = propose(register)
    tasks = [("crm_prospekt", "order", ["P1", "P2"]), ("hr_users", "database", ["7"])]
    with writing(register) as connection:
        for dataset, kind, found in tasks:
            connection.execute(
                sa.insert(source_task).values(
                    batch_id=1, source="crm", dataset=dataset, kind=kind, state="open", planned=len(found),
                    keys=sources.pack(found),
                )
            )  # fmt: skip
    purge(register_settings, register, uid=uid)
    replay.replay(older, engine(older), LATER)
    with engine(older).connect() as connection:
        found = connection.execute(sa.select(source_task).order_by(source_task.c.dataset)).all()
    assert [(row.dataset, row.kind, sources.unpack(row._mapping["keys"])) for row in found] == tasks
    # Nobody knows whether the database was erased, so the next attempt looks.
    assert [(row.state, row.reason) for row in found] == [("open", None), ("failed", "uncertain")]
    # An export that still has them says so.
    hit = Hit(
        dataset="crm_prospekt", source="crm", row_no=1, suppression_id=1, batch_id=found[0].batch_id,
        record_digest="d" * 32, name_digest=None, email_name_digest=None, phone_digest=None, still_there=True,
        is_undecided=False, kind=None,
    )  # fmt: skip
    with writing(engine(older)) as connection:
        exported = {"crm_prospekt": verification.Exported(LATER, certain=True)}
        told = verification.decide(connection, exported, [hit], build_id=1, run_id="r", author=None, now=LATER)
    assert told == {found[0].batch_id: purge_tables.State.RESURFACED}


def test_evidence_that_was_given_up_and_found_again_is_believed_beside_what_is_broken(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    first, second = (purge(register_settings, register, now=NOW + dt.timedelta(hours=hour)) for hour in range(2))
    found, broken = (evidence.file_of(register_settings, one.uid) for one in (first, second))
    broken.write_bytes(broken.read_bytes()[:-10])
    with writing(engine(older)) as connection:
        evidence.give_up(older, connection, ["nr 1", broken.name], now=LATER)
        assert evidence.unknown(older, connection) == {first.uid}
        assert evidence.left_aside(older, connection) == [(broken.name, seal.Trust.DAMAGED)]
    assert found.exists()


@pytest.mark.parametrize("vouched", [False, True], ids=["an export says it", "somebody vouches for it"])
def test_a_source_that_has_erased_is_forgotten_by_the_evidence_too(
    register: sa.Engine, register_settings: Settings, vouched: bool
) -> None:
    uid = propose(register)
    with writing(register) as connection:
        connection.execute(
            sa.insert(source_task).values(
                batch_id=1, source="crm", dataset="crm_prospekt", kind="order", state="open", planned=1,
                keys=sources.pack(["P1"]),
            )
        )  # fmt: skip
    purge(register_settings, register, uid=uid)
    path = evidence.file_of(register_settings, uid)
    assert len(evidence.read(path).orders) == 1
    with writing(register) as connection:
        exported = {"crm_prospekt": verification.Exported(LATER, certain=True, unread_keys=int(vouched))}
        verification.decide(connection, exported, [], build_id=1, run_id="r", author=None, now=LATER)
        if vouched:
            verification.vouch(connection, 1, None, LATER)
    wipe.settle(register_settings, register, LATER)
    assert evidence.read(path).orders == ()
    assert verify.register(register_settings, register).faults == ()


def test_a_folder_that_is_not_there_is_never_made_anew(register: sa.Engine, register_settings: Settings) -> None:
    made = purge(register_settings, register)
    purge(register_settings, register, keep=False)
    aside = register_settings.evidence.rename(register_settings.evidence.with_name("aside"))
    for back in (lambda: None, register_settings.evidence.mkdir):
        # Not mounted; then the empty place where it would be mounted.
        back()
        with pytest.raises(Refused) as refused:
            wipe.settle(register_settings, register, LATER)
        assert refused.value.code.endswith("_gone")
    assert list(register_settings.evidence.iterdir()) == []
    register_settings.evidence.rmdir()
    aside.rename(register_settings.evidence)
    wipe.settle(register_settings, register, LATER)
    assert made.uid in evidence.names(register_settings) and len(evidence.names(register_settings)) == 2


def test_a_register_without_the_folder_of_evidence_says_that_it_knows_nothing(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    purge(register_settings, register)
    unmounted = dataclasses.replace(older, evidence=register_settings.evidence.with_name("unmounted"))
    with pytest.raises(Refused, match="evidence_folder_gone"):
        replay.replay(unmounted, engine(unmounted), LATER)
    assert not unmounted.evidence.exists()


def test_a_replay_does_what_was_agreed_to_and_nothing_else(
    register: sa.Engine, register_settings: Settings, older: Settings
) -> None:
    made = purge(register_settings, register)
    asked: list[replay.Plan] = []

    def no(plan: replay.Plan) -> bool:
        asked.append(plan)
        return False

    assert replay.replay(older, engine(older), LATER, agree=no) is None
    assert [plan.uids for plan in asked] == [{made.uid}]
    assert suppressed(engine(older)) == []

    def meanwhile(_plan: replay.Plan) -> bool:
        purge(register_settings, register, now=LATER)
        return True

    with pytest.raises(Refused, match="evidence_changed"):
        replay.replay(older, engine(older), LATER, agree=meanwhile)
    assert suppressed(engine(older)) == []


def test_evidence_written_again_forgets_entries_that_have_expired(
    register: sa.Engine, register_settings: Settings
) -> None:
    made = purge(register_settings, register)
    with writing(register) as connection:
        connection.execute(
            sa.delete(suppression_tables.suppression).where(suppression_tables.suppression.c.category.is_(None))
        )
    path = evidence.write(register_settings, register, made.batch, NOW)
    assert [one.category for one in evidence.read(path).suppression] == ["PROSPECT"]
