"""Spark as a cluster on this machine, a master and two workers, over the Parquet files of a build."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Container, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from compliance.words import queries
from tests.bench.peers import Peer, Question, Rows, Unable
from tests.browsing import free_port

_WORKERS = 2
_PATIENCE_SECONDS = 90.0


def installed() -> bool:
    """Whether Spark is there: it is in no list of requirements of the dashboard's, `make scale` installs it."""
    return find_spec("pyspark") is not None


def _home() -> Path:
    found = find_spec("pyspark")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a master whose workers have come to it."""
    here, page = free_port(), free_port()
    address = f"spark://127.0.0.1:{here}"
    begun = [_start(folder, "master.Master", "--host", "127.0.0.1", "--port", str(here), "--webui-port", str(page))]
    try:
        for number in range(_WORKERS):
            begun.append(
                _start(
                    folder, "worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "2g", "--webui-port",
                    str(free_port()), "--work-dir", str(folder / f"worker{number}"), address,
                )
            )  # fmt: skip
        _wait_for(f"http://127.0.0.1:{page}/json/", begun)
        yield address
    finally:
        for process in reversed(begun):
            process.terminate()
        for process in begun:
            process.wait(30)


def _start(folder: Path, what: str, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "SPARK_HOME": str(_home()), "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [str(_home() / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}", *arguments]
    with (folder / f"{what}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


def _wait_for(status: str, begun: Iterable[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if any(process.poll() is not None for process in begun):
            break
        with contextlib.suppress(OSError):
            told = urllib.request.urlopen(status, timeout=10).read().decode()
            if told.count('"ALIVE"') > _WORKERS:
                return
        time.sleep(0.3)
    raise RuntimeError("Spark's workers did not come to their master")


def in_its_words(statement: str) -> str:
    """A statement as Spark has it: the same tables, columns and conditions, with its names for PostgreSQL's functions
    and without what only tells a planner how.
    """
    parsed = sqlglot.parse_one(statement, dialect="postgres")
    for one in parsed.find_all(exp.CTE):
        one.set("materialized", None)
    for call in list(parsed.find_all(exp.StringToArray)):
        call.replace(exp.Anonymous(this="split", expressions=[call.this, call.expression]))
    return parsed.sql(dialect="spark")


@contextlib.contextmanager
def spark(folder: Path, tables: Iterable[str], reworded: Container[str] = ()) -> Iterator[Peer]:
    """Spark with the Parquet files in `folder` as its tables; each statement as it is written, but for those that are
    `reworded`.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    # A statement that it cannot run is told by whoever asks, in one line.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    start = time.perf_counter()
    with cluster(folder) as address:
        builder: Any = SparkSession.builder
        settings = {
            "spark.executor.memory": "1500m",
            "spark.executor.cores": "1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.session.timeZone": "UTC",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "OFF",
        }
        builder = builder.master(address).appName("compliance scale")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        for table in tables:
            session.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
        loaded = time.perf_counter() - start

        def ask(question: Question) -> Rows:
            written = queries.load(question.query)
            statement = in_its_words(written) if question.query in reworded else written
            try:
                return [tuple(row) for row in session.sql(statement, question.bound).collect()]
            except PySparkException as problem:
                raise Unable(str(problem).strip().splitlines()[0][:160]) from None

        try:
            yield Peer("Spark", ask, loaded)
        finally:
            session.stop()
