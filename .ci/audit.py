"""Known vulnerabilities of what runs: pip-audit's answer, and whether it is one.

pip-audit calls a package that the service does not answer for "skipped" and ends with 0, also where it was not answered
for any. Here that is no clean answer: exit 0 says that every package was looked up and none is known to be vulnerable,
1 that some are, 3 that some or all could not be looked up (with no connection, or behind a mirror without the service).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CLEAN, VULNERABLE, NOT_LOOKED_UP = 0, 1, 3


def verdict(answer: dict[str, Any] | None) -> tuple[int, list[str]]:
    """The exit code of what pip-audit has answered as JSON, and what to say; None is no answer at all."""
    told = answer["dependencies"] if answer else []
    skipped = [one["name"] for one in told if "skip_reason" in one]
    looked_up = [one for one in told if "skip_reason" not in one]
    found = [
        f"{one['name']} {one['version']}: {problem['id']}, mended in {', '.join(problem['fix_versions']) or 'none yet'}"
        for one in looked_up
        for problem in one["vulns"]
    ]
    if found:
        return VULNERABLE, [*found, f"{len(looked_up)} packages were looked up, {len(skipped)} could not be."]
    if not looked_up:
        return NOT_LOOKED_UP, ["The service of known vulnerabilities was not reached: nothing was looked up."]
    if skipped:
        return NOT_LOOKED_UP, [f"Not answered for, so not known to be safe: {', '.join(skipped)}"]
    return CLEAN, [f"None of {len(looked_up)} packages is known to be vulnerable."]


def main() -> int:
    """Asks about requirements.txt, says what was answered, and returns the exit code."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements.txt"), "--require-hashes",
        "--disable-pip", "--progress-spinner", "off", "--timeout", "10", "--format", "json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - every word is ours
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "", file=sys.stderr)
    code, lines = verdict(answer)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
