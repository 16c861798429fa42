"""Changes statements and modules piece by piece, and says which changes no test noticed: python -m tests.mutants.

`--sql [NAME ...]`, `--python [PATH ...]` and `--lines` try one kind alone. `--sample N` takes so many mutants of each
room of modules, by chance: the same ones with the same `--seed`, while nothing of them is edited. What survives and
changes nothing stands in accepted.toml, each with its why. Ends with 1 where less than `--least` percent of the others
were noticed.
"""

from __future__ import annotations

import argparse
import json
import select
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from compliance.words import queries
from tests.mutants import lines, modules, sql
from tests.mutants.targets import ROOMS, TARGETS

ROOT = Path(__file__).parents[2]
ACCEPTED = tomllib.loads((Path(__file__).parent / "accepted.toml").read_text(encoding="utf-8"))["accepted"]
# A mutant on which nothing is heard for so long never ends, with tests and with a quick check alone.
_PATIENCE, _QUICK = 600.0, 90.0


@dataclass
class Found:
    """What became of the mutants of one file."""

    name: str
    killed: int = 0
    accepted: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)
    whole: bool = True

    @property
    def counted(self) -> int:
        """All but those that change nothing."""
        return self.killed + len(self.survived)

    def add(self, what: str, killed: bool) -> None:
        if killed:
            self.killed += 1
        elif what in reasons(self.name):
            self.accepted.append(what)
        else:
            self.survived.append(what)

    def __str__(self) -> str:
        share = f"{100 * self.killed / self.counted:5.1f} %" if self.counted else "      -"
        same = f", {len(self.accepted)} change nothing" if self.accepted else ""
        lines = [f"{share} {self.name}: {self.killed} killed, {len(self.survived)} survived{same}"]
        lines += [f"          {what}" for what in self.survived]
        lines += [
            f"          accepted, but killed or not there: {what}"
            for what in reasons(self.name)
            if self.whole and what not in self.accepted
        ]
        return "\n".join(lines)


def reasons(name: str) -> Mapping[str, str]:
    """The mutants of a file that change nothing, each with its why."""
    return {what: one["why"] for one in ACCEPTED if one["file"] == name for what in one["mutants"]}


def of_statement(name: str) -> Found:
    """Tries all mutants of a statement. Raises RuntimeError where its checks are red before anything is changed."""
    text = queries.load(name)
    tried = sql.mutants(text)
    found = Found(name)
    told = dict(_answers(name, [(-1, sql.plain(text)), *((number, one.text) for number, one in enumerate(tried))]))
    if told.pop(-1) is not None:
        raise RuntimeError(f"the checks of {name} are red before anything is changed")
    for number, one in enumerate(tried):
        found.add(one.what, killed=told[number] is not None)
    return found


def _answers(name: str, texts: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str | None]]:
    """What first told each mutant, None where nothing did; by a process that is begun anew where it ends on one."""
    left = list(texts)
    patience = _PATIENCE if TARGETS[name].tests else _QUICK
    while left:
        command = [sys.executable, "-m", "tests.mutants.worker"]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdin and worker.stdout
            worker.stdin.write(json.dumps([name, left]) + "\n")
            worker.stdin.flush()
            while left:
                ready, _, _ = select.select([worker.stdout], [], [], patience)
                line = worker.stdout.readline() if ready else ""
                if not line:
                    worker.kill()
                    yield left.pop(0)[0], "ended the process" if ready else "never ended"
                    break
                number, red = json.loads(line)
                left.pop(0)
                yield number, red


def of_modules(only: Sequence[str], sample: modules.Sample | None = None, most: float | None = None) -> Iterator[Found]:
    """Tries all mutants of the modules, or of some, or a sample of each room's, `most` seconds each at most.

    Raises RuntimeError where their tests are red before.
    """
    for paths, tests in ROOMS:
        wanted = [path for path in paths if not only or path in only]
        found = {path: Found(path, whole=sample is None) for path in wanted}
        for path, what, red in modules.tried(wanted, tests, sample, most) if wanted else ():
            found[path].add(what, red)
        yield from found.values()


def main() -> int:
    """0 where enough of the changes were noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--sql", nargs="*", metavar="NAME", help="statements alone, all or these")
    parser.add_argument("--python", nargs="*", metavar="PATH", help="modules alone, all or these")
    parser.add_argument("--lines", action="store_true", help="single lines of what cannot be taken back, alone")
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutants of each room of modules, by chance")
    parser.add_argument("--seed", type=int, default=0, help="of the sample: the same mutants again")
    parser.add_argument("--most", type=float, metavar="SECONDS", help="for a mutant of modules; then it has survived")
    parser.add_argument("--least", type=float, default=95.0, metavar="PERCENT")
    given = parser.parse_args()
    everything = given.sql is None and given.python is None and not given.lines
    found = []
    if everything or given.lines:
        found.append(Found("lines"))
        for what, red in lines.tried():
            found[-1].add(what, red)
        print(found[-1], flush=True)
    for name in given.sql or (TARGETS if everything or given.sql is not None else ()):
        found.append(of_statement(name))
        print(found[-1], flush=True)
    if everything or given.python is not None:
        sample = (given.sample, given.seed) if given.sample else None
        for one in of_modules(given.python or (), sample, given.most):
            found.append(one)
            print(one, flush=True)
    killed, counted = sum(one.killed for one in found), sum(one.counted for one in found)
    share = 100 * killed / counted if counted else 0.0
    print(f"{share:5.1f} % of {counted:,} noticed")
    return 0 if share >= given.least else 1


if __name__ == "__main__":
    sys.exit(main())
