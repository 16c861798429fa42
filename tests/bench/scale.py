"""How the pages' statements grow with the rows, on each engine that could hold the copy, and where that leads to.

`python -m tests.bench scale --persons 1000 100000 1000000`. The same generated company in each size; answers are
compared before times are. What is said of a billion entries is a straight line through what was measured, on paper.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from compliance.review import asks as review_asks
from tests import servers
from tests.bench import peers, spark, stores
from tests.bench.peers import Answer, Peer

_BILLION = 1_000_000_000


@dataclass(frozen=True)
class Size:
    """What a company of one size came to: milliseconds by engine and question, None where an engine cannot ask it."""

    entries: int
    taken_in: float
    megabytes: float
    loaded_in: Mapping[str, float]
    answers: Mapping[tuple[str, str], Answer]

    @property
    def unequal(self) -> list[str]:
        """The engine and question of each answer that is another than the dashboard's."""
        return [
            f"{engine}: {question}"
            for (engine, question), one in self.answers.items()
            if one.lacking is None and one.rows != self.answers["dashboard", question].rows
        ]


def measure(folder: Path, persons: int) -> Size:
    """Makes a company of so many persons, asks each engine everything, and lets the engines go."""
    start = time.perf_counter()
    store = stores.made(folder, persons)
    taken_in = time.perf_counter() - start
    with tempfile.TemporaryDirectory(dir=folder) as name, ExitStack() as stack:
        own = Path(name)
        reading = peers.reading_of(store)
        peers.export(reading, own)
        engines: list[Peer] = [peers.dashboard(reading)]
        if servers.installed():
            engines.append(stack.enter_context(peers.postgresql(own)))
        if spark.installed():
            engines.append(stack.enter_context(spark.spark(own, peers.TABLES)))
        answers = {(one.name, asked.name): peers.answer(one, asked) for asked in peers.QUESTIONS for one in engines}
        return Size(
            reading.one(review_asks.WEEKLY).bases,
            taken_in,
            sum(path.stat().st_size for path in (store / "builds").iterdir()) / 1e6,
            {one.name: one.loaded_in for one in engines},
            answers,
        )


def line(measured: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """What does not grow, and what each entry adds: the straight line through the smallest and the largest size."""
    (few, at_few), (many, at_many) = measured[0], measured[-1]
    each = (at_many - at_few) / (many - few)
    return at_few - each * few, each


def told(sizes: Sequence[Size]) -> Iterator[str]:
    """The table: each question on each engine at each size, how it grows, and where the line is at a billion."""
    counted = "".join(f"{size.entries:>14,}" for size in sizes)
    yield f"{'entries':36}{counted}{'largest/smallest':>18}{'a billion, s':>14}"
    yield f"{'made and taken in, s':36}" + "".join(f"{size.taken_in:>14.1f}" for size in sizes)
    yield f"{'the build on disk, MB':36}" + "".join(f"{size.megabytes:>14.1f}" for size in sizes)
    for engine in sizes[0].loaded_in:
        loaded = "".join(f"{size.loaded_in[engine]:>14.1f}" for size in sizes)
        yield f"{engine}: loaded in, s".ljust(36) + loaded
    lacking: dict[str, list[str]] = {}
    for engine, question in sizes[0].answers:
        given = [size.answers[engine, question] for size in sizes]
        if given[0].lacking:
            lacking.setdefault(f"{engine}: {given[0].lacking}", []).append(question)
            continue
        times = [one.ms or 0.0 for one in given]
        text = f"{engine}: {question}".ljust(36) + "".join(f"{one:>11.1f} ms" for one in times)
        if len(sizes) > 1:
            still, each = line([(size.entries, one) for size, one in zip(sizes, times, strict=True)])
            text += f"{times[-1] / times[0]:>18.1f}{max(0.0, still + each * _BILLION) / 1000:>14.1f}"
        yield text
    for what, where in lacking.items():
        yield f"- {what} ({', '.join(where)})"
    if not spark.installed():
        yield "- Spark is not there: make scale installs it"
    unequal = [one for size in sizes for one in size.unequal]
    yield f"NOT EQUAL: {', '.join(unequal)}" if unequal else "all answers are equal"


def main(arguments: Sequence[str]) -> int:
    """All sizes, one table; ends with 1 where answers differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench scale")
    parser.add_argument("--persons", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, help="where companies of an earlier run lie, and are kept")
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sizes = [measure(folder.resolve(), persons) for persons in sorted(given.persons)]
    for one in told(sizes):
        print(one)
    return 1 if any(size.unequal for size in sizes) else 0
