"""Folders and processes for the tests of the embedded cluster; every test must leave no server behind."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from stead.platform.database.embedded import Cluster
from stead.platform.database.postmaster import processes_in
from stead.platform.database.throwaway import throwaway_cluster, throwaway_folder

HOLDER = """
import pathlib, sys, time
from stead.platform.database.embedded import open_cluster
cluster = open_cluster(pathlib.Path(sys.argv[1]), durable=False)
print("open", flush=True)
sys.stdin.read()
cluster.close()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A reachable folder; the cluster of a test lies at `folder / "pg"`."""
    with throwaway_folder() as made:
        yield made
        assert processes_in((made / "pg" / "pgdata").resolve()) == []


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """One running cluster for the tests that only need a database."""
    with throwaway_cluster() as cluster:
        yield cluster


@pytest.fixture
def holder() -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Start another process that holds the cluster until its standard input closes."""
    started: list[subprocess.Popen[str]] = []

    def start(data_dir: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ask(url: str, query: str) -> object:
    """Ask one value, or run a statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def gone_within(seconds: float, pgdata: Path) -> bool:
    """Whether no server process works in the folder any more, in time."""
    end = time.monotonic() + seconds
    while processes_in(pgdata) and time.monotonic() < end:
        time.sleep(0.05)
    return not processes_in(pgdata)
