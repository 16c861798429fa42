"""The key of the pseudonyms, kept outside every database."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from compliance.refusal import Refused
from compliance.settings import Settings

_BYTES = 32


def pseudonym(settings: Settings, email: str) -> str:
    """A stand-in for an e-mail address: 32 hexadecimal digits that nobody without the key can guess."""
    digest = hmac.new(_key(settings), email.strip().casefold().encode(), hashlib.sha256)
    return digest.hexdigest()[:32]


def _key(settings: Settings) -> bytes:
    """Raises Refused `key_missing` outside the demo, where a vanished key must not be replaced in silence."""
    path = settings.key_file
    if not path.exists():
        if settings.login != "demo":
            raise Refused("key_missing", setting="COMPLIANCE_KEY_FILE")
        _create(path)
    key = path.read_bytes()
    if len(key) < _BYTES:
        raise Refused("key_too_short", bytes=_BYTES)
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
    try:
        # Linking fails where another process was first; its key is the one.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
