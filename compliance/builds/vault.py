"""Builds at rest: every one encrypted with a key of its own, which is destroyed with it.

DuckDB writes encrypted files only with the cryptography of its extension httpfs, which is loaded from the
installed package and never fetched.
"""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb

from compliance.words import queries
from compliance.words.keys import Key
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_CHUNK = 1 << 20
# As DuckDB tells amounts of memory.
_BYTES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


def new_key(settings: Settings) -> str | None:
    """A random key for a new build; None where the installation says that builds are plain.

    Raises Refused `encryption_unavailable` where the extension cannot be loaded and nobody has said so.
    """
    if settings.plain_builds:
        return None
    check(settings)
    return secrets.token_hex(32)


def check(settings: Settings) -> None:
    """Raises Refused `encryption_unavailable` unless builds can be encrypted or are said to be plain."""
    if not settings.plain_builds and _loadable("httpfs") is None:
        raise Refused("encryption_unavailable", setting="COMPLIANCE_BUILDS")


@cache
def room() -> str:
    """What the working tables of whoever makes a build may take of the machine's memory, as DuckDB is told of it: a
    third of what DuckDB would take by itself, since dashboards are beside, and a gigabyte at least. A company of
    millions does not fit into the same room as one of thousands.
    """
    with duckdb.connect(":memory:") as con:
        told = con.execute(queries.load("memory_limit")).fetchone()
    assert told is not None
    return _room(str(told[0]))


def _room(told: str) -> str:
    number, unit = told.split()
    return f"{max(float(number) * _BYTES[unit] / 3, 1e9):.0f}B"


# So many rows are read where one is looked for: fewer would make a file larger, and slower to write.
_ROWS_TOGETHER = 40_960


def attach(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, *, key: str | None = None, read_only: bool = False
) -> None:
    """Attaches a build's file. Raises Refused `build_unreadable` where the key is not the file's."""
    options = ["read_only"] if read_only else [f"row_group_size {_ROWS_TOGETHER}"]
    if key is not None:
        prepare(con)
        options += [f"encryption_key '{key}'", "encryption_cipher 'GCM'"]
    quoted = str(path).replace("'", "''")
    try:
        con.execute(f"attach '{quoted}' as {name} ({', '.join(options)})")
    except (duckdb.InvalidInputException, duckdb.CatalogException, duckdb.BinderException):
        # The message may quote the statement, and the statement holds the key.
        raise Refused("build_unreadable", build=path.name) from None


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Loads the cryptography, and has what is spilled to disk encrypted. Raises Refused `encryption_unavailable`."""
    if _loadable("httpfs") is None:
        raise Refused("encryption_unavailable", setting="COMPLIANCE_BUILDS")
    load(con, "httpfs")
    con.execute("set temp_file_encryption = true")


def load(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Loads an extension of DuckDB's from the installed package, never from elsewhere.

    Raises Refused `extension_unavailable` where none is installed that fits.
    """
    extension = _loadable(name)
    if extension is None:
        raise Refused("extension_unavailable", package=f"duckdb-extension-{name.replace('_', '-')}")
    quoted = str(extension).replace("'", "''")
    con.execute(f"load '{quoted}'")


def digest_with(con: duckdb.DuckDBPyConnection, key: Key) -> None:
    """Has the macro keyed() of a connection make the digests that the key makes."""
    for name, pad in zip(("ipad", "opad"), key.pads, strict=True):
        con.execute(f"set variable {name} = $pad", {"pad": pad})
    con.execute(queries.load("keyed"))


def shred(path: Path) -> None:
    """Overwrites a file with zeros and removes it; one that is gone already is none of its business.

    Whoever has the file open keeps a view of it until they close it. Disks that copy on write may keep the old
    bytes elsewhere, which is why builds are encrypted; where one is full, its files are removed as they are.
    """
    try:
        size = path.stat().st_size
        try:
            with path.open("r+b", buffering=0) as file:
                for start in range(0, size, _CHUNK):
                    file.write(bytes(min(_CHUNK, size - start)))
                os.fsync(file.fileno())
        except OSError as error:
            # Only a disk that writes elsewhere needs room for what overwrites: overwriting hides nothing there.
            if error.errno != errno.ENOSPC:
                raise
        path.unlink()
    except FileNotFoundError:
        return


def shred_all(folder: Path) -> int:
    """Shreds every file below a folder and removes the folder; returns how many files there were."""
    count = 0
    # Somebody else may be clearing the same folder: what they have removed is gone, and that was all.
    for inner, folders, names in os.walk(folder, topdown=False):
        for path in (Path(inner) / name for name in (*names, *folders)):
            if path.is_file() and not path.is_symlink():
                shred(path)
                count += 1
            elif path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            Path(inner).rmdir()
    return count


@cache
def _loadable(name: str) -> Path | None:
    """An extension's file, where it fits this DuckDB."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.exists():
        return None
    con = duckdb.connect()
    try:
        quoted = str(path).replace("'", "''")
        con.execute(f"load '{quoted}'")
    except duckdb.Error:
        return None
    finally:
        con.close()
    return path
