"""Evidence of purges, kept outside the register: what an older register needs to be told when it is brought back.

One file per purge holds its receipt, its entries of the suppression list, the references of the requests it closed and
the orders to sources that are still open: digests, codes, dates and the sources' own keys, no contact details. Files
are numbered, name the one before and are signed (compliance.evidence.seal); the digest of each stands in the ledger's
line of its purge, and the register knows which there must be. `replay` tells a register of those that it does not
know, so that nobody purged is shown.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance import ledger
from compliance.evidence import seal as seals
from compliance.evidence.content import Evidence, LeftBehind, canonical, digest_of, gather
from compliance.evidence.seal import Found, Seal, Trust
from compliance.evidence.tables import evidence
from compliance.purge import tables as purge_tables
from compliance.purge.tables import batch
from compliance.register.engine import writing
from compliance.words import keys
from compliance.words.files import private, publish
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_NAME = re.compile(r"batch-([0-9a-f]{32})\.json")
# The purge of such a file was made; of the last two, who knows by which register.
_OURS = (Trust.SIGNED, Trust.BROKEN, Trust.ELSEWHERE, Trust.UNSAID)
_SAYS_WHO = (Trust.ELSEWHERE, Trust.UNSAID)
# What `lacking` says where the folder is not there.
FOLDER = "*"
# Before the number of evidence that nobody knows the purge of.
_NUMBER = "nr "
_MADE = batch.c.state.in_(purge_tables.EXECUTED) & batch.c.receipt.is_not(None)
# The purges that were made, with what is known of their evidence: nothing of those of an earlier version.
_MADE_AND_KEPT = (
    sa.select(batch.c.batch_id, batch.c.uid, evidence.c.content, evidence.c.is_kept)
    .outerjoin(evidence, evidence.c.batch_id == batch.c.batch_id)
    .where(_MADE)
)


@dataclass(frozen=True)
class Head:
    """How much evidence there is, and the digest by which the next one names the last; 0 where there is none."""

    number: int
    digest: str


# What a register says of a purge's evidence


def enter(connection: sa.Connection, batch_id: int) -> dict[str, ledger.Detail]:
    """Numbers the evidence of a batch that is carried out in the caller's transaction, once all that it holds is there.

    Returns what the ledger's line of the purge says of it. Raises what `content.gather` does.
    """
    uid, told = gather(connection, batch_id)
    digest = digest_of(canonical(told))
    return {"evidence": digest, "evidence_no": _number_anew(connection, batch_id, uid, digest)}


def _number_anew(connection: sa.Connection, batch_id: int, uid: str, digest: str) -> int:
    before = head(connection)
    made = Seal(before.number + 1, before.digest, uid, digest, digest)
    connection.execute(sa.insert(evidence).values(**_row(batch_id, made), is_kept=False))
    return made.number


def adopt(connection: sa.Connection, batch_id: int, sealed: Seal | None, left: Sequence[LeftBehind] = ()) -> int | None:
    """Enters evidence that was found, of a purge that the register is told of, in the caller's transaction; with what,
    by its word, was not wiped; returns its number. What another register has numbered is numbered anew.

    Without a seal it is of an earlier version, and `refresh` gives it one.
    """
    if sealed is None:
        return None
    if sealed.register and sealed.register != ledger.identity(connection):
        before = head(connection)
        sealed = Seal(before.number + 1, before.digest, sealed.uid, sealed.content, sealed.content)
    known = sa.update(evidence).where(evidence.c.batch_id == batch_id)
    values = {**_row(batch_id, sealed), "is_kept": True, "left_behind": _packed(left)}
    if connection.execute(known.values(**values)).rowcount == 0:
        connection.execute(sa.insert(evidence).values(**values))
    return sealed.number


def renew(
    connection: sa.Connection, batch_id: int, *, author: ledger.Author | None, now: dt.datetime
) -> tuple[str, bytes] | None:
    """Says, in the caller's transaction, that a batch's evidence is to hold what the register has by now: digests that
    expired and orders that were seen to leave it. A line of the ledger names the new digest; `refresh` writes the file.

    A batch that was carried out before evidence was numbered is numbered now; of one without a receipt none is kept.
    Returns its uid and that content. Raises what `content.gather` does.
    """
    if connection.scalar(sa.select(batch.c.receipt).where(batch.c.batch_id == batch_id)) is None:
        return None
    row = connection.execute(sa.select(evidence).where(evidence.c.batch_id == batch_id)).one_or_none()
    uid, told = gather(connection, batch_id)
    content = canonical(told)
    digest = digest_of(content)
    if row is None:
        number = _number_anew(connection, batch_id, uid, digest)
    elif row.content == digest:
        return uid, content
    else:
        number = row.number
        connection.execute(sa.update(evidence).where(evidence.c.batch_id == batch_id).values(content=digest))
    details: dict[str, ledger.Detail] = {
        "batch": batch_id, "uid": uid, "evidence": digest, "evidence_no": number,
        "suppression": len(told["suppression"]), "requests": len(told["requests"]), "orders": len(told["orders"]),
        "others": len(told["others"]), "left_behind": len(told.get("left_behind", ())),
    }  # fmt: skip
    ledger.append(connection, ledger.Event.EVIDENCE_RENEWED, author=author, now=now, details=details)
    return uid, content


def head(connection: sa.Connection) -> Head:
    """The last evidence that the register knows of."""
    row = connection.execute(
        sa.select(evidence.c.number, evidence.c.head)
        .order_by(evidence.c.number.desc(), evidence.c.head.is_not(None).desc())
        .limit(1)
    ).one_or_none()
    return Head(row.number, row.head or seals.NOTHING) if row else Head(0, seals.NOTHING)


def _row(batch_id: int, sealed: Seal) -> dict[str, object]:
    told = {name: getattr(sealed, name) for name in ("number", "previous", "head", "made", "content")}
    return {"batch_id": batch_id, **told}


# Writing files


def write(settings: Settings, register: sa.Engine, batch_id: int, now: dt.datetime) -> Path:
    """Keeps the evidence of an executed batch as the register has it now, in place of what was kept of it before.

    Raises Refused `evidence_gone` where what was kept is not there: a disk that is not mounted must not be taken for a
    new one; `receipt_missing` or `receipt_damaged` for a batch without a receipt that can be read; `file_unwritable`
    where the folder does not take it; and what compliance.words.keys.signing does.
    """
    with writing(register) as connection:
        told = renew(connection, batch_id, author=None, now=now)
        if told is None:
            raise Refused("receipt_missing", batch=batch_id)
        return _write(settings, connection, batch_id, *told)


def rewrite(
    settings: Settings,
    connection: sa.Connection,
    batch_ids: Iterable[int],
    *,
    author: ledger.Author | None,
    now: dt.datetime,
) -> None:
    """Keeps the evidence of batches as the caller's transaction is about to leave it, where there is any: that of one
    whose files nobody has tried to wipe yet is written once somebody has, and of one without a receipt none.

    A transaction that fails afterwards leaves evidence of more than it did, which keeps out who would be asked about
    else, until `refresh`. Raises what `write` does.
    """
    made = _MADE_AND_KEPT.where(batch.c.batch_id.in_(list(batch_ids)))
    for row in connection.execute(made.order_by(batch.c.batch_id)).all():
        told = renew(connection, row.batch_id, author=author, now=now)
        if told and (row.is_kept or row.uid in names(settings)):
            _write(settings, connection, row.batch_id, *told)


def _write(settings: Settings, connection: sa.Connection, batch_id: int, uid: str, content: bytes) -> Path:
    key = keys.signing(settings)
    row = connection.execute(sa.select(evidence).where(evidence.c.batch_id == batch_id)).one()
    path = file_of(settings, uid)
    if row.is_kept and not path.exists():
        raise Refused("evidence_gone", folder=str(settings.evidence), file=path.name, files=1)
    identity = ledger.identity(connection)
    sealed = Seal(row.number, row.previous, uid, row.made, row.content, register=identity).signed_with(key)
    publish(path, [seals.to_bytes(sealed, content)], replace=True)
    if not row.is_kept:
        connection.execute(sa.update(evidence).where(evidence.c.batch_id == batch_id).values(is_kept=True))
    return path


def missing(settings: Settings, register: sa.Engine) -> list[int]:
    """The executed batches of which no evidence was ever kept, since nobody has tried yet to wipe what they left."""
    with register.connect() as connection:
        executed = connection.execute(
            _MADE_AND_KEPT.where(evidence.c.is_kept.is_not(True)).order_by(batch.c.batch_id)
        ).all()
    kept = names(settings) if executed else frozenset()
    # An earlier version entered nothing, and the file alone said it.
    return [row.batch_id for row in executed if row.is_kept is False or row.uid not in kept]


def unwiped(settings: Settings, register: sa.Engine) -> list[int]:
    """The executed batches whose files are not known to be wiped: nobody has tried yet, or something may not be."""
    with register.connect() as connection:
        left = connection.scalars(
            sa.select(evidence.c.batch_id).where(evidence.c.batch_id.is_not(None), evidence.c.left_behind.is_not(None))
        ).all()
    return sorted({*left, *missing(settings, register)})


def write_unwiped(settings: Settings, register: sa.Engine, now: dt.datetime, left: Sequence[LeftBehind] = ()) -> int:
    """Keeps the evidence of every batch of `unwiped`, once wiping was tried; returns how many there were.

    It says what is `left`, which is tried again, or nothing of that where all was wiped. Raises what `write` does.
    """
    found = unwiped(settings, register)
    for batch_id in found:
        with writing(register) as connection:
            known = sa.update(evidence).where(evidence.c.batch_id == batch_id)
            if connection.execute(known.values(left_behind=_packed(left))).rowcount == 0 and left:
                # An earlier version entered nothing.
                enter(connection, batch_id)
                connection.execute(known.values(left_behind=_packed(left)))
            told = renew(connection, batch_id, author=None, now=now)
            if told is None:
                raise Refused("receipt_missing", batch=batch_id)
            _write(settings, connection, batch_id, *told)
    return len(found)


def left_exports(register: sa.Engine) -> frozenset[str]:
    """The digests (`sha256-...`) of raw exports that evidence says were not wiped: a register that was told of their
    purges may not know their intake.
    """
    with register.connect() as connection:
        told = connection.scalars(sa.select(evidence.c.left_behind).where(evidence.c.left_behind.is_not(None))).all()
    return frozenset(one["name"] for left in told for one in orjson.loads(left) if one["kind"] == "export")


def _packed(left: Sequence[LeftBehind]) -> str | None:
    return orjson.dumps([one.model_dump() for one in left]).decode() if left else None


def refresh(settings: Settings, register: sa.Engine, now: dt.datetime) -> int:
    """Writes again what is kept of purges and is not as the register says, not sealed, sealed with a key that has been
    replaced since, or not of this register by its seal; returns how much there was. What is not kept yet waits for
    `write_unwiped`.

    Raises what `write` does.
    """
    with register.connect() as connection:
        rows = connection.execute(
            _MADE_AND_KEPT.where(evidence.c.is_kept.is_not(False)).order_by(batch.c.batch_id)
        ).all()
        identity = ledger.identity(connection)
    kept = names(settings) if rows else frozenset()
    present = [row for row in rows if row.uid in kept]
    if not present:
        return 0
    ours = keys.name_of(keys.signing(settings).public_key()), identity
    old = []
    for row in present:
        sealed = seals.peek(file_of(settings, row.uid))
        if sealed is None or (sealed.key, sealed.register) != ours or sealed.content != row.content:
            old.append(row.batch_id)
    for batch_id in old:
        write(settings, register, batch_id, now)
    return len(old)


# What lies in the folder


def names(settings: Settings) -> frozenset[str]:
    """The purges of which there are files, whatever is in them."""
    # Read each time: a folder's time of change is too coarse to tell whether a remembered listing still holds.
    try:
        with os.scandir(settings.evidence) as entries:
            found = [_NAME.fullmatch(entry.name) for entry in entries]
    except FileNotFoundError:
        return frozenset()
    return frozenset(match[1] for match in found if match)


def unknown(settings: Settings, connection: sa.Connection) -> frozenset[str]:
    """The purges that were made and that this register does not know as made: it is older than they are, or another
    register has made them.

    Files that are not believed are none of them: whoever can write to the folder could else darken the dashboard.
    Raises Refused `key_missing` where a file is signed and the key is not there to say by whom.
    """
    return frozenset(found for found, trust in _judged(settings, connection) if trust in _OURS)


def left_aside(settings: Settings, connection: sa.Connection) -> list[tuple[str, Trust]]:
    """The files that claim a purge which this register does not know, and are not believed: their names, and why."""
    found = _judged(settings, connection)
    return sorted((file_of_uid(uid), trust) for uid, trust in found if trust not in _OURS)


def _judged(settings: Settings, connection: sa.Connection) -> list[tuple[str, Trust]]:
    strange = _strange(settings, connection)
    key = _public(settings, strange)
    identity = ledger.identity(connection)
    found = [(uid, seals.trust(file_of(settings, uid), uid, key, identity)) for uid in sorted(strange)]
    given_up = _given_up(connection) if any(trust is Trust.BROKEN for _, trust in found) else frozenset()
    return [
        (uid, Trust.DAMAGED if trust is Trust.BROKEN and _number(settings, uid) in given_up else trust)
        for uid, trust in found
    ]


def strangers(settings: Settings, connection: sa.Connection, *, any_register: bool = False) -> list[Found]:
    """Every file that claims a purge which this register does not know, with what is in it, and how far believed; with
    `any_register` whichever register has made it.

    Raises what `unknown` does.
    """
    strange = _strange(settings, connection)
    key = _public(settings, strange)
    identity = None if any_register else ledger.identity(connection)
    return [seals.find(file_of(settings, uid), uid, key, identity) for uid in sorted(strange)]


def refuse_elsewhere(settings: Settings, connection: sa.Connection) -> None:
    """Raises Refused `evidence_elsewhere` where evidence of a purge that this register does not know is signed with our
    key and is another register's, or does not say whose: only somebody who knows where it comes from can.
    """
    found = [file_of_uid(uid) for uid, trust in _judged(settings, connection) if trust in _SAYS_WHO]
    if found:
        told = {"file": ", ".join(sorted(found)[:5]), "files": len(found)}
        raise Refused("evidence_elsewhere", folder=str(settings.evidence), **told)


def _given_up(connection: sa.Connection) -> frozenset[int]:
    """The numbers of the evidence that somebody went on without, of purges that the register does not know."""
    return frozenset(connection.scalars(sa.select(evidence.c.number).where(evidence.c.batch_id.is_(None))))


def _number(settings: Settings, uid: str) -> int:
    """What number a file says it has; 0 for none."""
    sealed = seals.peek(file_of(settings, uid))
    return sealed.number if sealed else 0


def _strange(settings: Settings, connection: sa.Connection) -> frozenset[str]:
    kept = names(settings)
    if not kept:
        return kept
    return kept - set(connection.scalars(sa.select(batch.c.uid).where(batch.c.state.in_(purge_tables.EXECUTED))))


def _public(settings: Settings, uids: frozenset[str]) -> Ed25519PublicKey | None:
    """Our public key, as far as something that is signed must be checked with it."""
    if not any(seals.peek(file_of(settings, uid)) for uid in uids):
        return None
    return keys.signing(settings).public_key()


def find(settings: Settings, uid: str, key: Ed25519PublicKey | None) -> Found:
    """The file of a purge that is known, with how far it is believed on the word of `key`, of whatever register."""
    return seals.find(file_of(settings, uid), uid, key, None)


def read(path: Path) -> Evidence:
    """What a file holds, whoever signed it.

    Raises Refused `evidence_damaged` where it is not what was written under that name.
    """
    match = _NAME.fullmatch(path.name)
    found = seals.find(path, match[1], None, None).evidence if match else None
    if found is None:
        raise Refused("evidence_damaged", file=path.name)
    return found


# What must lie there and does not


def lacking(
    settings: Settings, connection: sa.Connection, told: Sequence[Head] = (), *, any_register: bool = False
) -> list[str]:
    """What evidence there must be and is not: what the register says was kept, what checkpoints (`told`) knew, and
    what later files name as before them. Each by its file's name, or by its number where nobody knows the purge.

    Files of another register say nothing of that, but with `any_register`, where they are about to become this one's.
    """
    if not settings.evidence.is_dir():
        return [FOLDER]
    kept = names(settings)
    rows = connection.execute(sa.select(evidence.c.number, evidence.c.head, evidence.c.batch_id)).all()
    given_up = {row.number for row in rows if row.batch_id is None}
    strange = strangers(settings, connection, any_register=any_register)
    broken = {one.name for one in strange if one.trust is Trust.BROKEN and one.seal and one.seal.number not in given_up}
    absent = sorted({*_absent(connection, kept), *broken})
    sealed = _sealed(settings, kept, None if any_register else ledger.identity(connection))
    there = {one.number for one in sealed} | {row.number for row in rows}
    last = max([*(one.number for one in sealed), *(one.number for one in told)], default=0)
    gone = set(range(1, last + 1)) - there
    heads = {one.head for one in sealed} | {row.head for row in rows}
    # A file has the number that a checkpoint knew another by.
    gone |= {one.number for one in told if one.number and one.digest not in heads} - given_up
    return [*absent, *(f"{_NUMBER}{number}" for number in sorted(gone))]


def absent(settings: Settings, connection: sa.Connection) -> list[str]:
    """The files that the register says were kept, and that are not there. What `lacking` looks for takes longer."""
    return sorted(_absent(connection, names(settings)))


def _absent(connection: sa.Connection, kept: frozenset[str]) -> set[str]:
    made = connection.execute(
        sa.select(batch.c.uid, evidence.c.is_kept)
        .outerjoin(evidence, evidence.c.batch_id == batch.c.batch_id)
        .where(_MADE)
    ).all()
    # An earlier version did not say what it kept: of one purge no file may be written yet, but not of all.
    known = {row.uid for row in made if row.is_kept or (row.is_kept is None and not kept)}
    return {file_of_uid(uid) for uid in known - kept}


def _sealed(settings: Settings, uids: frozenset[str], register: str | None) -> list[Seal]:
    """The seals that are ours: what others say of numbers means nothing. Of an earlier version's, nobody can tell."""
    found = {uid: seals.peek(file_of(settings, uid)) for uid in uids}
    named = [one for uid, one in found.items() if one is not None and one.uid == uid]
    if not named:
        return []
    key = keys.signing(settings).public_key()
    return [one for one in named if one.is_signed_by(key) and (register is None or one.register in ("", register))]


def refuse_gone(settings: Settings, register: sa.Engine) -> None:
    """Raises Refused `evidence_gone` where evidence that was kept is not there, as with a disk that is not mounted."""
    with register.connect() as connection:
        gone = lacking(settings, connection)
        if gone == [FOLDER] and not _has_kept(connection):
            # Before the first purge there is none.
            return
    if gone:
        raise gone_refused(settings, gone)


def gone_refused(settings: Settings, gone: Sequence[str]) -> Refused:
    """The refusal that names what evidence is missing, of what `lacking` says."""
    folder = str(settings.evidence)
    if FOLDER in gone:
        return Refused("evidence_folder_gone", folder=folder)
    return Refused("evidence_gone", folder=folder, file=", ".join(gone[:5]), files=len(gone))


def _has_kept(connection: sa.Connection) -> bool:
    """Whether evidence of this register's purges was kept; an earlier version entered nothing when it did."""
    kept = (
        sa.select(batch.c.batch_id)
        .outerjoin(evidence, evidence.c.batch_id == batch.c.batch_id)
        .where(_MADE, evidence.c.is_kept.is_not(False))
    )
    return connection.execute(kept.limit(1)).first() is not None


def give_up(settings: Settings, connection: sa.Connection, lost: Sequence[str], *, now: dt.datetime) -> None:
    """Goes on without evidence that `lacking` named, in the caller's transaction, with a line of the ledger for each.

    Of a purge that the register knows it is made anew from the register, once files are wiped again. What nobody knows
    stays lost, and with it who was purged by it.
    """
    if FOLDER in lost:
        private(settings.evidence)
        _give_up(connection, 0, {}, now)
        lost = lacking(settings, connection)
    for name in lost:
        match = _NAME.fullmatch(name)
        batch_id = match and connection.scalar(sa.select(batch.c.batch_id).where(_MADE, batch.c.uid == match[1]))
        if match and batch_id is not None:
            anew = sa.update(evidence).where(evidence.c.batch_id == batch_id).values(is_kept=False)
            if connection.execute(anew).rowcount == 0:
                enter(connection, batch_id)
            _give_up(connection, 0, {"batch": batch_id, "uid": match[1]}, now)
        else:
            number = _number(settings, match[1]) if match else int(name.removeprefix(_NUMBER))
            _give_up(connection, number, {"evidence_no": number}, now)


def _give_up(connection: sa.Connection, number: int, details: dict[str, ledger.Detail], now: dt.datetime) -> None:
    connection.execute(sa.insert(evidence).values(number=number, is_kept=False))
    ledger.append(connection, ledger.Event.EVIDENCE_LOST, author=None, now=now, details=details)


def losses(connection: sa.Connection) -> int:
    """How often somebody went on without evidence; that is never forgotten, also where it was found again."""
    given_up = sa.select(sa.func.count()).select_from(evidence).where(evidence.c.batch_id.is_(None))
    return int(connection.execute(given_up).scalar_one())


def file_of(settings: Settings, uid: str) -> Path:
    """Where the evidence of a purge is kept."""
    return settings.evidence / file_of_uid(uid)


def file_of_uid(uid: str) -> str:
    """The name of the file of a purge."""
    return f"batch-{uid}.json"
