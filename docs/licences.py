"""Writes docs/licences.md: under which licence everything that runs was given to us, as its packages say themselves.

Run by `make sbom`; tests/house compares, and refuses a licence that would bind what uses it.
"""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]

# SPDX, for packages that say it in other words.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "The Unlicense (Unlicense)": "Unlicense",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Ask for their notice to be kept, and for nothing else.
FREE = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0",
     "Unlicense", "Zlib"}
)  # fmt: skip
# Bind whoever changes the library itself. We change none, link none into our own files, and anybody can replace them.
LIBRARIES = {
    "certifi": "MPL-2.0",
    "orjson": "MPL-2.0",
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "python-stdnum": "LGPL-2.1-or-later",
}


def pinned(root: Path = ROOT) -> dict[str, str]:
    """Every package of requirements.txt with its version."""
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.M))


def licence(package: str) -> str:
    """What an installed package says of its licence, as an SPDX expression where it can be one."""
    told = metadata(package)
    expression = told.get("License-Expression")
    if expression:
        return str(expression)
    stated = [str(one).rsplit("::", 1)[1].strip() for one in told.get_all("Classifier") or [] if "License ::" in one]
    first = str(told.get("License") or "").strip().partition("\n")[0]
    # A text of the whole licence in place of its name begins with whose it is.
    words = stated or [first]
    return " OR ".join(dict.fromkeys(SPDX.get(word, word or "unknown") for word in words))


def complaint(package: str, expression: str) -> str | None:
    """What is wrong with a licence: that it binds what uses the package, or that nobody has looked at it; None if none.

    Of what is joined by OR one is enough, of what is joined by AND each is needed.
    """
    for part in expression.split(" AND "):
        offered = {one.strip(" ()") for one in part.split(" OR ")}
        if not offered & (FREE | {LIBRARIES.get(package, "")}):
            return f"{package}: {expression} binds what uses it, or nobody has looked at it yet"
    return None


def page(found: dict[str, tuple[str, str]]) -> str:
    """The page, from each package's version and licence."""
    rows = "\n".join(f"| {name} | {version} | {told} |" for name, (version, told) in sorted(found.items()))
    kept = ", ".join(sorted(LIBRARIES))
    return f"""# Licences of what runs

Made by `make sbom` from what the packages of `requirements.txt` say of themselves. None binds what uses it.
{kept} are under the LGPL or the MPL, which bind whoever changes
those libraries: none is changed here, and each can be replaced by another build of it. Not listed here: what packages
carry within (Streamlit its JavaScript, DuckDB and the database drivers their C), which stands in the packages
themselves, and what only the tests use.

| Package | Version | Licence |
|---|---|---|
{rows}
"""


def read(root: Path = ROOT) -> dict[str, tuple[str, str]]:
    """Version and licence of every pinned package. Raises PackageNotFoundError for one that is not installed."""
    return {name: (version, licence(name)) for name, version in pinned(root).items()}


if __name__ == "__main__":
    (ROOT / "docs" / "licences.md").write_text(page(read()), encoding="utf-8")
