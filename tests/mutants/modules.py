"""What becomes of the mutants of a module: made by mutmut on a copy, tried by tests/mutants/forked.py."""

from __future__ import annotations

import difflib
import functools
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents

from compliance.words.texts import catalogue
from tests.mutants.forked import ENDLESS
from tests.mutants.lines import ROOT, copied

# Of a room so many mutants are taken, by this seed.
Sample = tuple[int, int]

_REFUSED = re.compile(r'Refused\(\s*"(\w+)"')


def tried(
    paths: Sequence[str], tests: Sequence[str], sample: Sample | None = None, most: float | None = None
) -> Iterator[tuple[str, str, bool]]:
    """Each mutant of some modules, or of a sample of them all, by its path and its changed lines, and whether one of
    the tests turned red. Tests that came to no end in their time, of `most` seconds at most, have told nothing, and
    the mutant is marked so.

    Raises RuntimeError where tests are red before anything is changed, or no answer came for a mutant.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = copied(Path(name))
        made = {}
        for path in paths:
            made[path] = mutate_file_contents(path, (copy / path).read_text(encoding="utf-8"))
            (copy / path).write_text(made[path].code, encoding="utf-8")
        left: dict[str, tuple[str, str]] = {}
        everything = [(path, mutant) for path, file in made.items() for mutant in file.mutant_names]
        for path, mutant in sampled(everything, sample):
            if _wordless(made[path], mutant):
                yield path, _difference(made[path], mutant), True
            else:
                left[f"{path.removesuffix('.py').replace('/', '.')}.{mutant}"] = path, mutant
        command = [sys.executable, "-m", "tests.mutants.forked"]
        environ = {**os.environ, "PYTHONPATH": str(copy)}
        with subprocess.Popen(
            command, cwd=copy, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as worker:
            assert worker.stdin and worker.stdout
            where = [(name, *_changed(made[path], mutant)) for name, (path, mutant) in left.items()]
            worker.stdin.write(json.dumps([where, list(tests), most]) + "\n")
            worker.stdin.close()
            for line in worker.stdout:
                name, told = json.loads(line)
                path, mutant = left.pop(name)
                mark = f"{ENDLESS}: " if told == ENDLESS else ""
                yield path, mark + _difference(made[path], mutant), told not in (None, ENDLESS)
        if left:
            raise RuntimeError(f"{', '.join(paths)}: no answer for {len(left)} mutants")


def differences(path: str) -> set[str]:
    """What the mutants of a module change, in the words by which they are accepted."""
    made = mutate_file_contents(path, (ROOT / path).read_text(encoding="utf-8"))
    return {_difference(made, mutant) for mutant in made.mutant_names}


def sampled(mutants: Sequence[tuple[str, str]], sample: Sample | None) -> Sequence[tuple[str, str]]:
    """As many as a sample has, in the order in which they are: the same ones whenever all are the same."""
    if sample is None or sample[0] >= len(mutants):
        return mutants
    size, seed = sample
    return [mutants[number] for number in sorted(random.Random(seed).sample(range(len(mutants)), size))]


def _wordless(made: MutatedFile, mutant: str) -> bool:
    """Whether a refusal has no words: that is told by a test in tests/words, which reads modules as they lie."""
    codes = _REFUSED.findall("\n".join(_lines(made, mutant)))
    return any(f"refusal.{code}" not in catalogue() for code in codes)


def _difference(made: MutatedFile, mutant: str) -> str:
    """The lines that a mutant changes, as they are and as it has them."""
    before, after = (_lines(made, name) for name in (_whole(mutant), mutant))
    changed = list(difflib.unified_diff(before, after, n=0))[2:]
    return " -> ".join(" ".join(line[1:] for line in changed if line[0] == side) for side in "-+")


def _changed(made: MutatedFile, mutant: str) -> tuple[int, int]:
    """The first line of the unchanged function, and the one from which on a mutant is another."""
    before, after = (_lines(made, name) for name in (_whole(mutant), mutant))
    first = made.line_span_by_function_name[_whole(mutant)].start
    same = itertools.takewhile(lambda both: both[0] == both[1], zip(before, after, strict=False))
    return first, first + sum(1 for _ in same)


def _whole(mutant: str) -> str:
    return f"{mutant.partition('__mutmut_')[0]}__mutmut_orig"


def _lines(made: MutatedFile, function: str) -> list[str]:
    span = made.line_span_by_function_name[function]
    lines = _split(made.code)[span.start - 1 : span.end]
    return [line.replace(function, "").strip() for line in lines]


@functools.lru_cache(maxsize=8)
def _split(code: str) -> list[str]:
    """A module with all its mutants has lines by the hundred thousand, and is asked for two functions at a time."""
    return code.splitlines()
