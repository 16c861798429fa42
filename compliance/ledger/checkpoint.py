"""Checkpoints: signed words on how long the ledger was and how it ended.

A chain shows a changed line, but not that its end was cut off or that all of it was written anew. A checkpoint that is
kept elsewhere shows both, and the public key, kept in a third place, shows that the checkpoint is ours.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance import ledger
from compliance.evidence.tables import evidence
from compliance.ledger import state
from compliance.ledger.tables import ledger as table
from compliance.register.engine import writing
from compliance.words import keys
from compliance.words.files import publish
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# Signed with the content, so that no signature of anything else can pass for one of a checkpoint.
_PURPOSE = b"compliance ledger checkpoint 1\n"


@dataclass(frozen=True)
class Checkpoint:
    """The ledger had so many lines at that time, and the last one's digest was this; and so much evidence was kept, and
    the last one's head was this. None where an earlier version did not say how much.
    """

    lines: int
    digest: str
    at: str
    key: str
    signature: str = ""
    evidence: int | None = None
    evidence_head: str | None = None
    # The digest of the file beside it that has what the lines say of rows, to go on from (`rows_file`).
    rows: str | None = None

    def signed(self) -> bytes:
        """What the signature covers."""
        content = {name: value for name, value in asdict(self).items() if name != "signature" and value is not None}
        return _PURPOSE + json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is that key's, on just this content."""
        try:
            key.verify(base64.b64decode(self.signature, validate=True), self.signed())
        except (InvalidSignature, binascii.Error):
            return False
        return True


def write(settings: Settings, register: sa.Engine, file: Path, now: dt.datetime) -> Checkpoint:
    """Signs the chain as it is, into `file`, with the public key beside it in `file`.pub, and what the lines say of
    rows in `file`.rows; then a line of the ledger.

    Raises Refused `chain_broken`, `key_missing`, `signing_key_unreadable`, `file_exists`, `file_unwritable`.
    """
    key = keys.signing(settings)
    with writing(register) as connection:
        verdict = ledger.verify(connection)
        if verdict.broken_at is not None:
            raise Refused("chain_broken", line=verdict.broken_at)
        last = connection.scalar(sa.select(table.c.digest).where(table.c.seq == verdict.lines))
        kept = connection.execute(
            sa.select(evidence.c.number, evidence.c.head)
            .where(evidence.c.is_kept)
            .order_by(evidence.c.number.desc())
            .limit(1)
        ).one_or_none()
        told = state.pack(state.latest(connection)[0])
        bare = Checkpoint(
            verdict.lines,
            last or ledger.GENESIS,
            now.astimezone(dt.UTC).isoformat(),
            keys.name_of(key.public_key()),
            evidence=kept.number if kept else 0,
            evidence_head=kept.head if kept else "",
            rows=hashlib.sha256(told).hexdigest(),
        )
        made = replace(bare, signature=base64.b64encode(key.sign(bare.signed())).decode("ascii"))
        publish(rows_file(file), [told], replace=True)
        publish(file, [json.dumps(asdict(made), indent=2).encode() + b"\n"])
        publish(public_file(file), [keys.public_pem(key.public_key())], replace=True)
        details: dict[str, ledger.Detail] = {"lines": made.lines, "digest": made.digest, "key": made.key}
        ledger.append(connection, ledger.Event.CHECKPOINT_MADE, author=None, now=now, details=details)
    return made


def public_file(file: Path) -> Path:
    """Where the public key of a checkpoint is written."""
    return file.with_name(f"{file.name}.pub")


def rows_file(file: Path) -> Path:
    """Where a checkpoint has what the lines before it say of rows."""
    return file.with_name(f"{file.name}.rows")


def rows_of(file: Path, made: Checkpoint) -> state.Latest | None:
    """What the lines before a checkpoint say of rows; None where that is not there, or not what was signed."""
    try:
        told = rows_file(file).read_bytes()
    except OSError:
        return None
    return state.unpack(told) if hashlib.sha256(told).hexdigest() == made.rows else None


def newest(folder: Path, count: int) -> list[Path]:
    """The files of the newest checkpoints in a folder, the newest last. Raises Refused `file_unreadable` for a folder
    that is not there, and `checkpoint_none` for one without any.
    """
    try:
        made = [(one.at, path) for path in folder.iterdir() if path.suffix == ".json" and (one := read(path))]
    except OSError:
        raise Refused("file_unreadable", file=folder.name) from None
    if not made:
        raise Refused("checkpoint_none", folder=folder.name)
    return [path for _, path in sorted(made)[-count:]]


def read(file: Path) -> Checkpoint | None:
    """A checkpoint from its file, None for content that is none. Raises Refused `file_unreadable`."""
    try:
        content = json.loads(file.read_bytes())
        made = Checkpoint(**content)
    except OSError:
        raise Refused("file_unreadable", file=file.name) from None
    except (ValueError, TypeError, RecursionError):
        return None
    texts = [made.digest, made.at, made.key, made.signature, made.evidence_head or "", made.rows or ""]
    numbers = [made.lines, made.evidence or 0]
    fits = all(type(number) is int for number in numbers) and all(isinstance(text, str) for text in texts)
    return made if fits else None
