"""`python -m compliance.demo --persons 5000 --as-of 2026-11-24 --out folder`: writes the demo company's exports."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

from compliance.demo.generate import write_exports


def main() -> int:
    """Writes the exports and says how much they hold."""
    parser = argparse.ArgumentParser(prog="python -m compliance.demo", description="Writes invented exports.")
    parser.add_argument("--persons", type=int, default=5000, help="from 1,000 to 10,000,000")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, help="the day they are made for")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--week-before", action="store_true", help="as they would have been a week earlier")
    given = parser.parse_args()
    manifest = write_exports(given.out, given.persons, given.as_of, seed=given.seed, this_week=not given.week_before)
    print(f"{manifest.persons} persons, {sum(manifest.bases.values())} bases, in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
