"""The seal of a file of evidence: its number, the one before it, its content's digest, the register whose purge it was,
and a signature over all that.

A file is one JSON object of two lines, `{"seal": ...,` and `"evidence": ...}`, so that a seal is read without its
evidence. The signature is made with the key that signs checkpoints of the ledger.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.evidence.content import Evidence, canonical, digest_of
from compliance.words import keys

# Signed with the content, so that no signature of anything else can pass for one of evidence.
PURPOSE = b"compliance evidence 2\n"
# What the first evidence has before it.
NOTHING = "0" * 64


class Trust(StrEnum):
    """How far a file of evidence is believed. Texts: `evidence_trust.<value>`.

    SIGNED is whole and signed with our key, of this register: where it does not know the purge, it is told of it.
    ELSEWHERE is signed with our key, of another register: of one that has the same keys, as for trials, or of the one
    before this, which was begun anew. UNSAID is signed with our key by an earlier version, which did not say of which
    register. Nothing is shown while such a purge is not known here, and a register is told of it only on the word of a
    person who knows where it comes from (`register replay --any-register`).
    UNSIGNED is whole and was written by an earlier version, which signed nothing. Anybody who can write to the folder
    can make one, so it proves nothing of its own: where the register knows the purge, its ledger says whether the
    receipt is right, and the file is signed then with what the register has; where it does not, the file is named and
    left aside, and a person who knows where it comes from may have it believed (`register replay --unsigned`).
    BROKEN has a seal signed with our key and another content: its purge was made, and nobody can say whom it was about,
    so it is as good as missing. FORGED is sealed, but not with our key. DAMAGED is no evidence, or of another purge
    than its name says. Neither is ever believed.
    """

    SIGNED = "signed"
    BROKEN = "broken"
    ELSEWHERE = "elsewhere"
    UNSAID = "unsaid"
    UNSIGNED = "unsigned"
    FORGED = "forged"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Seal:
    """What is said of a file of evidence. `made` is the digest of its content as it was first, `content` as it is,
    `register` the identity of the register that has carried the purge out (compliance.ledger.identity), nothing where
    an earlier version has sealed it.
    """

    number: int
    previous: str
    uid: str
    made: str
    content: str
    key: str = ""
    signature: str = ""
    register: str = ""

    @property
    def told(self) -> dict[str, object]:
        """What stands in its file: nothing of a register where an earlier version has sealed it, and signed that."""
        return {name: value for name, value in asdict(self).items() if name != "register" or value}

    @property
    def head(self) -> str:
        """The digest by which the next one names it: of what never changes, while expired digests leave the content."""
        return digest_of(
            canonical({"number": self.number, "previous": self.previous, "uid": self.uid, "made": self.made})
        )

    def signed_with(self, key: Ed25519PrivateKey) -> Seal:
        """The same with a signature."""
        named = dataclasses.replace(self, key=keys.name_of(key.public_key()))
        signature = base64.b64encode(key.sign(named._covered())).decode("ascii")
        return dataclasses.replace(named, signature=signature)

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is that key's, on just this."""
        try:
            key.verify(base64.b64decode(self.signature, validate=True), self._covered())
        except (InvalidSignature, binascii.Error):
            return False
        return True

    def _covered(self) -> bytes:
        return PURPOSE + canonical({name: value for name, value in self.told.items() if name != "signature"})


@dataclass(frozen=True)
class Found:
    """A file of evidence as it was found. Its content is None where it is damaged, its seal where it has none."""

    name: str
    uid: str
    trust: Trust
    seal: Seal | None
    evidence: Evidence | None


def to_bytes(seal: Seal, content: bytes) -> bytes:
    """A file: the seal on its first line, the evidence on its second."""
    return b'{"seal":' + canonical(seal.told) + b',\n"evidence":' + content + b"}\n"


def peek(path: Path) -> Seal | None:
    """The seal of a file, as far as it says; nothing is checked. None where there is none, or no such file."""
    try:
        with path.open("rb") as file:
            first = file.readline(4096)
        return _seal(orjson.loads(first.rstrip(b",\n") + b"}")["seal"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find(path: Path, uid: str, key: Ed25519PublicKey | None, register: str | None) -> Found:
    """A file with how far it is believed by the register of that identity, or by whichever where it is None, on the
    word of `key`; without one nothing signed is.
    """
    seal = peek(path)
    if seal is None:
        evidence = _unsealed(path)
        whole = evidence is not None and evidence.receipt.uid == uid
        return Found(path.name, uid, Trust.UNSIGNED if whole else Trust.DAMAGED, None, evidence if whole else None)
    if seal.uid != uid:
        return Found(path.name, uid, Trust.DAMAGED, seal, None)
    evidence = _sealed(path, seal)
    if key is None or not seal.is_signed_by(key):
        return Found(path.name, uid, Trust.FORGED, seal, evidence)
    if register is not None and (seal.register != register or not seal.register):
        return Found(path.name, uid, Trust.ELSEWHERE if seal.register else Trust.UNSAID, seal, evidence)
    return Found(path.name, uid, Trust.BROKEN if evidence is None else Trust.SIGNED, seal, evidence)


def _sealed(path: Path, seal: Seal) -> Evidence | None:
    """What a file holds below its seal; None where that is not what was sealed."""
    try:
        content = canonical(orjson.loads(path.read_bytes())["evidence"])
        evidence = Evidence.model_validate_json(content)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return evidence if digest_of(content) == seal.content and evidence.receipt.uid == seal.uid else None


def _unsealed(path: Path) -> Evidence | None:
    """What an earlier version has kept; None where that is not what was written, or something else."""
    try:
        told = orjson.loads(path.read_bytes())
        digest = told.pop("digest")
        # Of what stands there, since what an earlier version wrote lacks what is kept today.
        content = canonical(told)
        evidence = Evidence.model_validate_json(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return evidence if digest == digest_of(content) else None


def trust(path: Path, uid: str, key: Ed25519PublicKey | None, register: str) -> Trust:
    """How far a file is believed, as `find` says. Remembered for a file that has not changed: pages ask each time."""
    try:
        told = path.stat()
    except OSError:
        return Trust.DAMAGED
    version = (told.st_mtime_ns, told.st_size, told.st_ino)
    return _trust(path, uid, key.public_bytes_raw() if key else None, register, version)


@lru_cache(maxsize=4096)
def _trust(path: Path, uid: str, key: bytes | None, register: str, _version: tuple[int, ...]) -> Trust:
    return find(path, uid, Ed25519PublicKey.from_public_bytes(key) if key else None, register).trust


def _seal(told: object) -> Seal:
    """Raises TypeError for what is no seal."""
    if not isinstance(told, dict):
        raise TypeError
    seal = Seal(**told)
    texts = [value for name, value in asdict(seal).items() if name != "number"]
    if type(seal.number) is not int or not all(isinstance(text, str) for text in texts):
        raise TypeError
    return seal
