"""Files that must be whole or not there at all, whatever happens meanwhile."""

from __future__ import annotations

import glob
import os
import re
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from compliance.words import disks
from compliance.words.processes import lives
from compliance.words.refusal import Refused

# How names of `beside` end, and what SQLite adds to them.
_LEFT = re.compile(r"\.(\d+)\.[0-9a-f]{8}(-journal)?$")


def publish(path: Path, chunks: Iterable[bytes], *, replace: bool = False) -> None:
    """Writes a file that only this user may read; it lasts when this returns, and until then there is none.

    Raises Refused `file_exists` unless it may `replace` one, and where the folder does not take it what `unwritable`
    says.
    """
    sweep(path)
    fresh = beside(path)
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
            settle(fresh, path, replace=replace)
        finally:
            with suppress(OSError):
                fresh.unlink()
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: Exception) -> Refused:
    """Why a file cannot be written: Refused `disk_full`, `folder_closed`, or `file_unwritable` for what else it may be.

    Asked once what was half written is removed, since it says how much room there is.
    """
    return disks.refused(error, path.parent) or Refused("file_unwritable", file=path.name)


def beside(path: Path) -> Path:
    """A name in the same folder that nobody else uses; what a killed process left there never looks finished."""
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")


def sweep(path: Path) -> None:
    """Removes what processes that were killed have left beside a file; what a living one writes stays, and what cannot
    be removed does too: it keeps nobody from writing.
    """
    _sweep(path.parent, f".{glob.escape(path.name)}.*")


def sweep_all(folder: Path, kind: str) -> None:
    """The same for every file of a kind in a folder, whatever its name: for those that are never written twice under
    one. Their names of `beside` are made for NAME.`kind`.
    """
    _sweep(folder, f".*.{kind}.*")


def _sweep(folder: Path, pattern: str) -> None:
    for left in folder.glob(pattern):
        found = _LEFT.search(left.name)
        if found and not lives(int(found[1])):
            with suppress(OSError):
                left.unlink()


def settle(fresh: Path, path: Path, *, replace: bool = False) -> None:
    """Gives a finished file its name, durably. Raises Refused `file_exists` unless it may `replace` one; OSError."""
    if replace:
        fresh.replace(path)
    else:
        try:
            # Linking fails where a file has the name already, also one that came a moment ago.
            os.link(fresh, path)
        except FileExistsError:
            raise Refused("file_exists", file=path.name) from None
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def close_to_others(path: Path) -> None:
    """Takes every right to a file or folder from everybody but its owner; what is not there needs nothing.

    Raises Refused `store_open_to_others` where that cannot be done from here.
    """
    if os.name != "posix" or not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        try:
            path.chmod(mode & 0o700)
        except OSError:
            raise Refused("store_open_to_others", file=path.name, command=f"chmod go= {path}") from None


def private(folder: Path) -> Path:
    """Makes a folder that only this user can open, and returns it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder
