"""What a disk does not take, for lack of room or of rights, as a refusal that names the folder.

Room is asked for before anything is written; where it gave out all the same, what was half written goes first, since
whoever says so in the register needs some of it.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from compliance.words.refusal import Refused

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
# Libraries keep the words of an error only, and DuckDB has its own for what it may not spill.
_FULL_WORDS = (*map(os.strerror, _FULL), "database or disk is full", "max_temp_directory_size")
_CLOSED_WORDS = tuple(map(os.strerror, _CLOSED))
# What the register needs besides, to say what became of a run.
_SPARE = 8_000_000
_MEGABYTE = 1_000_000
# What a database needs to begin anything.
_PAGE = 65_536


def need(folder: Path, size: int) -> None:
    """Raises Refused `disk_too_small`, with how much is missing, where a disk has no room for about so many bytes.

    One that does not say how much it has is tried.
    """
    free = _free(folder)
    if free is not None and free < size + _SPARE:
        needed, left = math.ceil((size + _SPARE) / _MEGABYTE), free // _MEGABYTE
        raise Refused("disk_too_small", folder=str(folder), needed=needed, free=left, missing=needed - left)


def refused(error: BaseException, folder: Path) -> Refused | None:
    """What an error says of a disk: Refused `disk_full` or `folder_closed`; None where it is about something else.

    `folder` is where it was written, as far as the error does not say itself. `free` is what there is by now, where the
    disk says it.
    """
    for one in _chain(error):
        named = one.filename if isinstance(one, OSError) and isinstance(one.filename, str) else None
        where = folder if named is None else Path(named) if _is_folder(Path(named)) else Path(named).parent
        told = str(one)
        number = one.errno if isinstance(one, OSError) else None
        if number in _FULL or any(words in told for words in _FULL_WORDS):
            return full(where)
        if number in _CLOSED or (number is None and any(words in told for words in _CLOSED_WORDS)):
            return Refused("folder_closed", folder=str(where))
    return None


def full(folder: Path) -> Refused:
    """That a disk has no room left, with what it has by now as far as it says."""
    free = _free(folder)
    return Refused("disk_full", folder=str(folder), free=None if free is None else free // _MEGABYTE)


def is_full(folder: Path) -> bool:
    """Whether a disk says that it has no room for anything."""
    return _has_less(folder, _PAGE)


def is_short(folder: Path) -> bool:
    """Whether a disk says that it has hardly the room that the register needs."""
    return _has_less(folder, _SPARE)


def is_closed(folder: Path) -> bool:
    """Whether nothing may be written into a folder that is there."""
    return _is_folder(folder) and not os.access(folder, os.W_OK)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and what it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # In one that may not be looked into.
        return False


def _has_less(folder: Path, size: int) -> bool:
    free = _free(folder)
    return free is not None and free < size


def _free(folder: Path) -> int | None:
    """How many bytes a disk has left for us, also where the folder is not made yet; None where it does not say.

    Some that hang on a network refuse to answer, or answer that they have nothing of nothing.
    """
    try:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        found = shutil.disk_usage(there)
    except OSError:
        return None
    return found.free if found.total else None
