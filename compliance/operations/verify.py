"""Checks the chain, the receipts that its lines name, and checkpoints that were kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance import evidence, ledger
from compliance.evidence import receipts
from compliance.evidence.receipts import Receipt
from compliance.evidence.seal import Trust
from compliance.ledger import checkpoint, state
from compliance.ledger.tables import ledger as table
from compliance.purge.tables import EXECUTED, batch
from compliance.register.engine import reading
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_OF_EVIDENCE = (ledger.Event.BATCH_EXECUTED, ledger.Event.BATCH_REPLAYED, ledger.Event.EVIDENCE_RENEWED)
_COUNTS = ("planned", "deleted", "held", "changed", "failed")


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written: a code, the text `ledger_fault.<code>`, and what fills it."""

    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """What was checked, and the faults that were found; none means that everything is as it was written."""

    lines: int
    receipts: int
    checkpoints: tuple[tuple[str, int], ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class _Found:
    """A receipt and where it was found; None where its content is no receipt. `content` is the digest of all that
    sealed evidence holds, `fault` what is wrong with its seal.
    """

    name: str
    uid: str | None
    receipt: Receipt | None
    content: str | None = None
    fault: str | None = None


@dataclass
class _Named:
    """A line that names a receipt. A replayed purge was made in a chain that was lost, so its place is not in this."""

    line: int
    digest: str
    has_place: bool


@dataclass
class _Walk:
    """What one pass over the chain remembers."""

    wanted: set[int]
    digests: dict[int, str] = field(default_factory=lambda: {0: ledger.GENESIS})
    named: dict[str, _Named] = field(default_factory=dict)
    # What evidence held when a line told of it: as it was first, and after digests had expired.
    contents: set[tuple[str, str]] = field(default_factory=set)

    def over(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for line in lines:
            yield line
            # Here only once the line was found to fit.
            self.remember(line)

    def remember(self, line: Mapping[str, Any]) -> None:
        if line["seq"] in self.wanted:
            self.digests[line["seq"]] = line["digest"]
        if line["event"] in _OF_EVIDENCE:
            details = _details(line)
            self.contents.add((str(details.get("uid")), str(details.get("evidence"))))
        if line["event"] in (ledger.Event.BATCH_EXECUTED, ledger.Event.BATCH_REPLAYED):
            place = line["event"] == ledger.Event.BATCH_EXECUTED
            named = _Named(line["seq"], str(details.get("receipt")), place)
            self.named.setdefault(str(details.get("uid")), named)


@dataclass(frozen=True)
class _Begun:
    """Where a check goes on from: the line of a checkpoint, and what lines before it say of purges, and of rows up to
    the line `after`.
    """

    mark: ledger.Mark
    walk: _Walk
    rows: state.Latest
    after: int


def register(
    settings: Settings,
    engine: sa.Engine,
    *,
    folder: Path | None = None,
    checkpoints: Sequence[Path] = (),
    key: Ed25519PublicKey | None = None,
    since: Path | None = None,
) -> Report:
    """Checks the register's chain, its rows against what the chain's lines say of them, its receipts, those of the
    evidence, and those of another folder. With `since`, a checkpoint that the chain agrees with, lines before it are
    not read again: a change there shows to whoever reads all of them.

    Raises Refused `file_unreadable` for a checkpoint or a folder that is not there, `checkpoint_no_key` where
    checkpoints are to be checked without one.
    """
    signed = _read_checkpoints(checkpoints, key)
    # Where there is none, nobody can say who signed what.
    ours = keys.signing(settings).public_key() if settings.signing_key.exists() else None
    kept = [_evidence(settings, uid, ours) for uid in sorted(evidence.names(settings))]
    found = [*kept, *_in_folder(folder)]
    faults: list[Fault] = []
    with reading(engine) as connection:
        rows = connection.execute(sa.select(batch).where(batch.c.state.in_(EXECUTED)).order_by(batch.c.batch_id)).all()
        in_register = [_in_register(row) for row in rows]
        for row, one in zip(rows, in_register, strict=True):
            if one.receipt is not None and _differs(row, one.receipt):
                faults.append(Fault("batch_differs", {"name": one.name}))
        everything = [*in_register, *found]
        begun = _since(connection, since, key, everything, signed) if since is not None else None
        mark = None if begun is None else begun.mark
        lines = ledger.lines(connection, 0 if mark is None else mark.line)
        walk, report = _walk(lines, everything, signed, key, begun)
        told, _ = state.latest(connection, begun.rows, begun.after) if begun else state.latest(connection)
        differences = state.differences(connection, settings, told) if told else []
        faults += [Fault(f"rows_{one.what}", one.values) for one in differences]
    faults = [*report.faults, *faults]
    there = {one.uid for one in in_register}
    for uid, named in walk.named.items():
        if uid not in there:
            faults.append(Fault("receipt_missing", {"name": uid, "line": named.line}))
        # Asked only now, since a purge may have ended while this was reading.
        elif not evidence.file_of(settings, uid).exists():
            faults.append(Fault("receipt_missing", {"name": evidence.file_of_uid(uid), "line": named.line}))
    return Report(report.lines, report.receipts, report.checkpoints, tuple(faults))


def file(
    path: Path,
    *,
    folder: Path | None = None,
    checkpoints: Sequence[Path] = (),
    key: Ed25519PublicKey | None = None,
) -> Report:
    """Checks an exported chain, and the receipts of a folder, without a register. Raises what `register` does."""
    signed = _read_checkpoints(checkpoints, key)
    try:
        with path.open(encoding="utf-8", errors="replace") as content:
            lines = (ledger.from_json(text, number) for number, text in enumerate(content, 1))
            return _walk(lines, _in_folder(folder), signed, key)[1]
    except OSError:
        raise Refused("file_unreadable", file=path.name) from None


def evidence_heads(checkpoints: Sequence[Path], key: Ed25519PublicKey | None) -> list[evidence.Head]:
    """How much evidence there was when checkpoints were made. Raises Refused `checkpoint_forged` for one that is not
    signed with the key, and what `register` does.
    """
    heads = []
    for name, made in _read_checkpoints(checkpoints, key):
        if made is None or key is None or not made.is_signed_by(key):
            raise Refused("checkpoint_forged", file=name)
        if made.evidence is not None:
            heads.append(evidence.Head(made.evidence, made.evidence_head or ""))
    return heads


def _details(line: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        found = json.loads(line["details"])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _walk(
    lines: Iterable[Mapping[str, Any]],
    found: Sequence[_Found],
    signed: Sequence[tuple[str, checkpoint.Checkpoint | None]],
    key: Ed25519PublicKey | None,
    begun: _Begun | None = None,
) -> tuple[_Walk, Report]:
    walk = begun.walk if begun else _Walk(_wanted(found, signed))
    verdict = ledger.verify_lines(walk.over(lines), begun.mark if begun else None)
    faults: list[Fault] = []
    if verdict.broken_at is not None:
        told = {"line": verdict.broken_at, "lines": verdict.lines}
        faults.append(Fault(f"line_{verdict.why}", told))
    checked = [_check(one, walk, complete=verdict.broken_at is None) for one in found]
    faults += [fault for fault in checked if fault is not None]
    agreed = []
    for name, made in signed:
        fault = _check_checkpoint(name, made, key, walk, verdict)
        if fault is not None:
            faults.append(fault)
        elif made is not None:
            agreed.append((name, made.lines))
    return walk, Report(verdict.lines, checked.count(None), tuple(agreed), tuple(faults))


def _wanted(found: Sequence[_Found], signed: Sequence[tuple[str, checkpoint.Checkpoint | None]]) -> set[int]:
    """The lines whose digests have to be known."""
    places = {one.receipt.chain_seq for one in found if one.receipt}
    return places | {made.lines for _, made in signed if made is not None}


def _since(
    connection: sa.Connection,
    since: Path,
    key: Ed25519PublicKey | None,
    found: Sequence[_Found],
    signed: Sequence[tuple[str, checkpoint.Checkpoint | None]],
) -> _Begun | None:
    """Where to go on from. None where the chain does not agree with the checkpoint, and all of it is to be read."""
    ((_, made),) = _read_checkpoints([since], key)
    if made is None or key is None or not made.is_signed_by(key):
        return None
    mark = ledger.mark(connection, made.lines)
    if mark is None or mark.digest != made.digest:
        return None
    walk = _Walk(_wanted(found, signed))
    of_purges = table.c.event.in_([event.value for event in _OF_EVIDENCE])
    chosen = sa.select(table).where(table.c.seq <= mark.line, sa.or_(of_purges, table.c.seq.in_(sorted(walk.wanted))))
    for line in connection.execute(chosen.order_by(table.c.seq)).mappings():
        walk.remember(dict(line))
    rows = checkpoint.rows_of(since, made)
    return _Begun(mark, walk, rows or {}, mark.line if rows is not None else 0)


def _check(one: _Found, walk: _Walk, *, complete: bool) -> Fault | None:
    if one.receipt is None:
        return Fault("receipt_changed", {"name": one.name})
    named = walk.named.get(one.receipt.uid)
    if named is None:
        # Its line may be beyond the fault that was told of already.
        return Fault("receipt_unknown", {"name": one.name}) if complete else None
    if receipts.digest(one.receipt) != named.digest or one.uid not in (None, one.receipt.uid):
        return Fault("receipt_changed", {"name": one.name})
    if one.fault is not None:
        return Fault(one.fault, {"name": one.name})
    if one.content is not None and (one.receipt.uid, one.content) not in walk.contents:
        return Fault("evidence_unknown", {"name": one.name})
    place = one.receipt.chain_seq
    if named.has_place and (place >= named.line or walk.digests.get(place) != one.receipt.chain_digest):
        return Fault("receipt_position", {"name": one.name})
    return None


def _check_checkpoint(
    name: str,
    made: checkpoint.Checkpoint | None,
    key: Ed25519PublicKey | None,
    walk: _Walk,
    verdict: ledger.Verdict,
) -> Fault | None:
    if made is None or key is None or not made.is_signed_by(key):
        return Fault("checkpoint_forged", {"file": name})
    told = {"file": name, "lines": verdict.lines, "signed": made.lines}
    if made.lines in walk.digests:
        return None if walk.digests[made.lines] == made.digest else Fault("checkpoint_rewritten", told)
    return Fault("checkpoint_shorter", told)


def _read_checkpoints(
    files: Sequence[Path], key: Ed25519PublicKey | None
) -> list[tuple[str, checkpoint.Checkpoint | None]]:
    if files and key is None:
        raise Refused("checkpoint_no_key")
    return [(path.name, checkpoint.read(path)) for path in files]


def _differs(row: sa.Row[Any], receipt: Receipt) -> bool:
    if row.receipt_digest != receipts.digest(receipt):
        return True
    return any(getattr(row, name) != getattr(receipt, name) for name in _COUNTS)


def _in_register(row: sa.Row[Any]) -> _Found:
    try:
        found = receipts.parse(row.receipt or "")
    except ValueError:
        found = None
    return _Found(f"{row.batch_id} ({row.uid})", row.uid, found)


def _evidence(settings: Settings, uid: str, key: Ed25519PublicKey | None) -> _Found:
    found = evidence.find(settings, uid, key)
    receipt = found.evidence.receipt if found.evidence else None
    forged = key is not None and found.trust is Trust.FORGED
    return _Found(
        found.name, uid, receipt, found.seal.content if found.seal else None, "evidence_forged" if forged else None
    )


def _in_folder(folder: Path | None) -> list[_Found]:
    """The receipts of a folder: as they were downloaded, or as evidence."""
    if folder is None:
        return []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
        return [_Found(path.name, None, _from_file(path)) for path in paths]
    except OSError:
        raise Refused("file_unreadable", file=folder.name) from None


def _from_file(path: Path) -> Receipt | None:
    content = path.read_bytes()
    try:
        told = json.loads(content)
        if isinstance(told, dict) and "receipt" in told:
            return evidence.read(path).receipt
        return receipts.parse(content)
    except (ValueError, Refused, RecursionError):
        return None
