"""Writes docs/article15.schema.json, what the keys of a person's bundle mean, from its types: `python docs/schema.py`.

The same types give the same bytes, so that a test can tell whether the file that is kept is of this house.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from compliance.person.bundle import Bundle

SCHEMA = Path(__file__).with_name("article15.schema.json")


def written() -> str:
    """The file as it must be."""
    return json.dumps(Bundle.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{SCHEMA}\n")
