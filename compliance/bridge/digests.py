"""The keyed digests by which a start of a bridge knows entries: 8 bytes each, of no use without the key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from compliance.words import keys
from compliance.words.settings import Settings

BYTES = 8


def secret(settings: Settings) -> str:
    """What the digests are made with, also by queries/reading/bridge_entries.sql. Raises what keys.pseudonyms does."""
    # Another key than the one of the pseudonyms, made from it: who has a batch's digests cannot find them here.
    return keys.pseudonyms(settings).derived(b"entries of a bridge 1").hex()


def digest(secret: str, basis_id: str) -> str:
    """The digest of an entry, in hexadecimal digits."""
    return hashlib.sha256(f"{secret}{basis_id}".encode()).hexdigest()[: 2 * BYTES]


def pack(digests: Iterable[str]) -> bytes:
    """Digests as they are kept: in order, so that no one can tell in which they were stored."""
    return bytes.fromhex("".join(sorted(digests)))


def unpack(packed: bytes) -> list[str]:
    """What `pack` was given, in order."""
    text = packed.hex()
    return [text[at : at + 2 * BYTES] for at in range(0, len(text), 2 * BYTES)]
