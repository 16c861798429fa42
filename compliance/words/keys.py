"""The keys that are kept outside every database: of pseudonyms, of the suppression list and of signatures."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from compliance.words.refusal import Refused
from compliance.words.settings import Settings

T = TypeVar("T")

_BYTES = 32
_BLOCK = 64


@dataclass(frozen=True, repr=False)
class Key:
    """A secret and the name that entries made with it carry; the name tells nothing of the secret."""

    key_id: str
    secret: bytes

    def digest(self, text: str) -> str:
        """The keyed digest (HMAC-SHA-256, its first 128 bits) of a text, as 32 hexadecimal digits."""
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:32]

    def derived(self, purpose: bytes) -> bytes:
        """Another key of 32 bytes, for one purpose only."""
        return hmac.new(self.secret, purpose, hashlib.sha256).digest()

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and outer pad, with which SQL makes the same digest (queries/build/keep_out/keyed.sql)."""
        padded = self.secret.ljust(_BLOCK, b"\0")
        return bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)


def pseudonym(settings: Settings, email: str) -> str:
    """A stand-in for an e-mail address: 32 hexadecimal digits that nobody without the key can guess."""
    return pseudonyms(settings).digest(email.strip().casefold())


def pseudonyms(settings: Settings) -> Key:
    """The key of the pseudonyms. Raises Refused `key_too_short`, and what `read` does."""
    secret = read(settings, "pseudonym")
    if len(secret) < _BYTES:
        raise Refused("key_too_short", bytes=_BYTES)
    return _key(secret)


def suppression(settings: Settings) -> tuple[Key, ...]:
    """The keys of the suppression list, the newest first: the first makes new entries, the others still find theirs.

    Raises Refused `key_too_short`, `key_unreadable` for a line that is no hexadecimal number, and what `read` does.
    """
    return tuple(_key(secret) for secret in _suppression_secrets(settings))


def add_suppression_key(settings: Settings) -> Key:
    """Puts a new key before the others, which stay for the entries made with them. Raises what `suppression` does."""
    known = _suppression_secrets(settings)
    fresh = secrets.token_bytes(_BYTES)
    _write_suppression(settings, (fresh, *known))
    return _key(fresh)


def drop_suppression_keys(settings: Settings, used: Collection[str]) -> tuple[Key, ...]:
    """Drops the keys whose ids are not in `used`, except the newest, and returns them.

    Raises what `suppression` does.
    """
    newest, *older = _suppression_secrets(settings)
    dropped = [secret for secret in older if _key(secret).key_id not in used]
    if dropped:
        _write_suppression(settings, (newest, *(secret for secret in older if secret not in dropped)))
    return tuple(_key(secret) for secret in dropped)


def _suppression_secrets(settings: Settings) -> tuple[bytes, ...]:
    content = read(settings, "suppression")
    try:
        found = tuple(bytes.fromhex(line) for line in content.decode("ascii").split())
    except ValueError:
        raise Refused("key_unreadable", setting=KINDS["suppression"].setting) from None
    if not found or any(len(secret) < _BYTES for secret in found):
        raise Refused("key_too_short", bytes=_BYTES)
    return found


def _write_suppression(settings: Settings, known: Iterable[bytes]) -> None:
    # The secrets as the file had them: what is made of a long one would have another id.
    lines = "".join(f"{secret.hex()}\n" for secret in known)
    path = settings.suppression_keys
    _written(path, lambda: _prepared(path, lines.encode()).replace(path))


def signing(settings: Settings) -> Ed25519PrivateKey:
    """The key that signs checkpoints and evidence. Raises Refused `signing_key_unreadable`, and what `read` does."""
    content = read(settings, "signing")
    try:
        found = load_pem_private_key(content, None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise Refused("signing_key_unreadable", setting=KINDS["signing"].setting)
    return found


def replace_signing(settings: Settings) -> Ed25519PrivateKey:
    """Puts a new key in place of the one that signs, and returns it. Who signs by it from then on is the caller's to
    see to; the old one is gone. Raises Refused `key_unwritable`.
    """
    path = settings.signing_key
    _written(path, lambda: _prepared(path, _fresh_signing()).replace(path))
    return signing(settings)


def verifying(path: Path) -> Ed25519PublicKey:
    """The key that checks signatures, from its file. Raises Refused `file_unreadable` or `signing_key_unreadable`."""
    try:
        found = load_pem_public_key(path.read_bytes())
    except OSError:
        raise Refused("file_unreadable", file=path.name) from None
    except ValueError:
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise Refused("signing_key_unreadable", setting=path.name)
    return found


def name_of(key: Ed25519PublicKey) -> str:
    """What signatures call the key that checks them."""
    return hashlib.sha256(public_pem(key)).hexdigest()[:16]


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public key as a file holds it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def missing(settings: Settings) -> list[str]:
    """The kinds of keys of which there is no file."""
    return [kind for kind, told in KINDS.items() if not told.path(settings).exists()]


def make(settings: Settings, kinds: Iterable[str]) -> list[Path]:
    """Makes keys for an installation, and returns their files. Raises Refused, and makes none, where one of them is
    there, `key_exists`, or lies where an earlier version had it, `key_in_store`; and `key_unwritable`.
    """
    wanted = {kind: KINDS[kind].path(settings) for kind in kinds}
    for kind, path in wanted.items():
        if path.exists():
            raise Refused("key_exists", file=str(path))
        refuse_beside_data(settings, kind)
    for kind, path in wanted.items():
        if not _written(path, lambda path=path, kind=kind: _create(path, KINDS[kind].fresh())):  # type: ignore[misc]
            raise Refused("key_exists", file=str(path))
    return list(wanted.values())


def _fresh_signing() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True)
class Kind:
    """A kind of key: the setting that says where it is, its file, and what a new one is."""

    setting: str
    path: Callable[[Settings], Path]
    fresh: Callable[[], bytes]


KINDS = {
    "pseudonym": Kind("COMPLIANCE_KEY_FILE", lambda settings: settings.key_file, lambda: secrets.token_bytes(_BYTES)),
    "suppression": Kind(
        "COMPLIANCE_SUPPRESSION_KEYS",
        lambda settings: settings.suppression_keys,
        lambda: f"{secrets.token_hex(_BYTES)}\n".encode(),
    ),
    "signing": Kind("COMPLIANCE_SIGNING_KEY", lambda settings: settings.signing_key, _fresh_signing),
}


def _key(secret: bytes) -> Key:
    # A key longer than a block is hashed first, as HMAC does; ours never are, but a file may hold anything.
    usable = secret if len(secret) <= _BLOCK else hashlib.sha256(secret).digest()
    return Key(hashlib.sha256(b"key id|" + secret).hexdigest()[:16], usable)


def read(settings: Settings, kind: str) -> bytes:
    """What the file of a kind of key holds; the demo makes what is missing.

    Raises Refused `key_missing` outside the demo, where a vanished key must not be replaced in silence, `key_in_store`
    where it lies as an earlier version had it, `key_open_to_others`, and `key_file_unreadable`.
    """
    told = KINDS[kind]
    path = told.path(settings)
    if not path.exists():
        if settings.login != "demo":
            refuse_beside_data(settings, kind)
            raise Refused("key_missing", setting=told.setting, file=str(path))
        _written(path, lambda: _create(path, told.fresh()))
    if settings.login != "demo":
        refuse_open(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused("key_file_unreadable", setting=told.setting, file=str(path), why=error.strerror) from None


def refuse_open(path: Path) -> None:
    """Raises Refused `key_open_to_others` for a file with a secret in it that others on the machine can read or change.

    What others may have read is no secret any more: somebody decides, so it is not put right in silence.
    """
    if os.name == "posix" and path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Refused("key_open_to_others", file=path.name, command=f"chmod 600 {path}")


def refuse_beside_data(settings: Settings, kind: str) -> None:
    """Raises Refused `key_in_store` where a key lies in the store, as an earlier version kept it unless told otherwise,
    and the settings say another place: nobody makes a second one.
    """
    path = KINDS[kind].path(settings)
    before = settings.store / path.name
    if before != path and before.exists():
        command = f"mkdir -m 700 -p {path.parent} && mv {before} {path}"
        raise Refused("key_in_store", file=str(before), setting=KINDS[kind].setting, command=command)


def _written(path: Path, write: Callable[[], T]) -> T:
    try:
        return write()
    except (OSError, ValueError) as error:
        # A path without a name (/) is the latter.
        raise Refused("key_unwritable", file=str(path), why=getattr(error, "strerror", None) or str(error)) from None


def _create(path: Path, content: bytes) -> bool:
    """Whether the file is there by this call."""
    fresh = _prepared(path, content)
    try:
        # Linking fails where another process was first; its key is the one.
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def _prepared(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh
