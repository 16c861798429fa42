"""How the product's acts and the pages' statements grow with the rows, on each engine that could hold the copy, and
where that leads to.

`python -m tests.bench scale --persons 1000 100000 1000000`. The acts are an export taken in, a new day, and a purge of
a hundredth, by the dashboard's own code in files and in PostgreSQL. The statements are asked of the same generated
company in each size; answers are compared before times are. What is said of a billion is a straight line through what
was measured, on paper.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from compliance.review import asks as review_asks
from tests import servers
from tests.bench import peers, purge, spark, stores
from tests.bench.peers import Answer, Peer

_BILLION = 1_000_000_000
# Of so many persons one is purged.
_ONE_OF = 100


@dataclass(frozen=True)
class Size:
    """What a company of one size came to: milliseconds by engine and question, None where an engine cannot ask it."""

    persons: int
    entries: int
    acts: Mapping[str, float]
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
    acts = dict(acts_of(folder, persons))
    store = stores.made(folder, persons)
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
            persons,
            reading.one(review_asks.WEEKLY).bases,
            acts,
            sum(path.stat().st_size for path in (store / "builds").iterdir()) / 1e6,
            {one.name: one.loaded_in for one in engines},
            answers,
        )


def acts_of(folder: Path, persons: int) -> Iterator[tuple[str, float]]:
    """What each act takes with so many persons, in seconds, first in files and then in a PostgreSQL of their own."""
    with tempfile.TemporaryDirectory(dir=folder) as name, ExitStack() as stack:
        own = Path(name)
        exports = own / "exports"
        exports.mkdir()
        purge.prospects(exports, persons, stores.TODAY, every=_ONE_OF)
        places: dict[str, dict[str, str]] = {"files": {}}
        if servers.installed():
            socket = stack.enter_context(servers.postgresql(shared_buffers="1GB"))
            register, copy = (servers.create(socket, name) for name in ("register", "copy"))
            places["PostgreSQL"] = {
                "COMPLIANCE_REGISTER_URL": register,
                "COMPLIANCE_COPY_URL": copy,
                "COMPLIANCE_COPY_READER_URL": copy,
            }
        for place, told in places.items():
            store = own / place
            yield f"{place}: taken in, s", stores.measured("intake", store, str(exports), **told)["seconds"]
            yield f"{place}: a new day, s", stores.measured("day", store, **told)["seconds"]
            steps = stores.measured("propose", store, **told)
            yield f"{place}: a batch until claimed, s", sum(steps.values()) - steps["entries"]
            yield f"{place}: purged, s", stores.measured("purge", store, **told)["seconds"]


def line(measured: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """What does not grow, and what each entry adds: the straight line through the smallest and the largest size."""
    (few, at_few), (many, at_many) = measured[0], measured[-1]
    each = (at_many - at_few) / (many - few)
    return at_few - each * few, each


def told(sizes: Sequence[Size]) -> Iterator[str]:
    """The table: each question on each engine at each size, how it grows, and where the line is at a billion."""
    grown = f"{'largest/smallest':>18}{'a billion, s':>14}"
    yield f"{'prospects in one file':36}" + "".join(f"{size.persons:>14,}" for size in sizes) + grown
    for act in sizes[0].acts:
        took = [size.acts[act] for size in sizes]
        text = f"{act:36}" + "".join(f"{one:>14.2f}" for one in took)
        yield text + _growth([(size.persons, one) for size, one in zip(sizes, took, strict=True)])
    yield ""
    yield f"{'entries of the whole company':36}" + "".join(f"{size.entries:>14,}" for size in sizes) + grown
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
        yield text + _growth([(size.entries, one / 1000) for size, one in zip(sizes, times, strict=True)])
    for what, where in lacking.items():
        yield f"- {what} ({', '.join(where)})"
    if not spark.installed():
        yield "- Spark is not there: make scale installs it"
    unequal = [one for size in sizes for one in size.unequal]
    yield f"NOT EQUAL: {', '.join(unequal)}" if unequal else "all answers are equal"


def _growth(measured: Sequence[tuple[float, float]]) -> str:
    """How many times as long the largest takes, and seconds at a billion; nothing of one size alone."""
    if len(measured) == 1:
        return ""
    still, each = line(measured)
    return f"{measured[-1][1] / measured[0][1]:>18.1f}{max(0.0, still + each * _BILLION):>14.1f}"


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
