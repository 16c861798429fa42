"""A small disk of one's own that can be full."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_MEGABYTES = 64
_FILLER = "filler"


@dataclass(frozen=True)
class Disk:
    """A folder on a disk of its own."""

    folder: Path

    @contextlib.contextmanager
    def full_but_for(self, size: int) -> Iterator[None]:
        """Leaves room for so many bytes until the end of the block."""
        filler = self.folder / _FILLER
        # A file that was removed while somebody had it open gives its room back once nobody has: now, not meanwhile.
        gc.collect()
        filler.write_bytes(bytes(max(shutil.disk_usage(self.folder).free - size, 0)))
        try:
            yield
        finally:
            filler.unlink()

    def files(self) -> set[str]:
        """What lies on it, but for the register's own."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and path.name != _FILLER)
        return {str(path.relative_to(self.folder)) for path in found if not path.name.startswith("register.db")}


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Mounts one, which only root may."""
    folder.mkdir()
    options = f"size={_MEGABYTES}m"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False).returncode:
        reason = "a small disk cannot be mounted: run as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield Disk(folder)
    finally:
        # Also while a build is still open somewhere.
        subprocess.run(["umount", "-l", str(folder)], check=True)
