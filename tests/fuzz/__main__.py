"""Tries many files: python -m tests.fuzz [--files 10000] [--seed N]. The seed of a failure makes its file again."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from compliance.build.builder import workbench
from compliance.words import settings as settings_of
from tests.fuzz import trial
from tests.fuzz.shapes import made

# A whole run of intake takes as long as a hundred looks.
_RUN_EACH = 50


def main() -> int:
    """0 where everything held; else the seeds and shapes of the files with which it did not are printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    given = parser.parse_args()
    print(f"{given.files:,} files from seed {given.seed}", flush=True)
    became: Counter[str] = Counter()
    failed: list[int] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = settings_of.load({"COMPLIANCE_STORE": str(folder / "store")})
        con = workbench(folder)
        for number in range(given.files):
            seed = given.seed + number
            try:
                became[trial.try_one(con, folder / "one", seed)] += 1
                if number % _RUN_EACH == 0:
                    became[f"run: {trial.run_one(settings, folder / 'run', seed)}"] += 1
            except Exception:
                failed.append(seed)
                print(f"seed {seed}: {', '.join(made(seed).how)}\n{traceback.format_exc()}", flush=True)
                if len(failed) >= 20:
                    break
            if number % 1000 == 999:
                print(f"{number + 1:,} files, {len(failed)} failed", flush=True)
        con.close()
    for what, times in became.most_common():
        print(f"{times:7,} {what}")
    print(f"failed: {failed}" if failed else "everything held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
