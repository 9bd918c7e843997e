"""How fast the stores are: SQLite and PostgreSQL beside what their bare drivers take for the same rows.

    python -m benchmarks.store [--items 1000000] [--postgresql URL] [--json FILE]

The PostgreSQL database must be empty. ``ratio`` is the store's time by the bare driver's, in the same run.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from blake3 import blake3

from alaas.stores import Finding, NewAnswer, NewBatch, NewItem, Rule
from alaas.stores.sql import Sql
from alaas.types import Item

CALL = 10_000
RULE = Rule()


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement; ``bare`` is the floor's, ``target`` what it should be."""

    database: str
    what: str
    value: float
    unit: str
    target: str
    bare: float | None = None


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--postgresql", help="URL of an empty database")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        figures += measure("sqlite", f"sqlite:///{folder}/store.db", options.items, BareSqlite(Path(folder)))
    if options.postgresql:
        figures += measure(
            "postgresql", options.postgresql, options.items, BarePostgresql(options.postgresql)
        )
    for figure in figures:
        bare = "" if figure.bare is None else f"{figure.bare:,.1f}"
        name, value = f"{figure.database:11}{figure.what:34}", f"{figure.value:12,.1f} {figure.unit:8}"
        print(f"{name}{value}{bare:>12}  {figure.target}")
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")


def measure(database: str, url: str, count: int, bare: Bare) -> list[Figure]:
    """All figures of one database."""
    figures: list[Figure] = []

    def note(what: str, value: float, unit: str, target: str, floor: float | None = None) -> None:
        figures.append(
            Figure(database=database, what=what, value=value, unit=unit, target=target, bare=floor)
        )

    with Sql.from_url(url) as store:
        store.create_project("p", "{}", actor="me")
        seconds, memory = _fill(store, count)
        floor = bare.add(count)
        note("add_items", count / seconds, "items/s", "≥ 40,000", count / floor)
        note("memory that adding took", memory, "MB", "flat")
        note("settle", count / _settle(store, count), "items/s", "")
        note("snapshot", 1000 * _best(lambda: store.snapshot("p", "me", rule=RULE)), "ms", "< 300 for 100k")
        note("counts", 1000 * _best(lambda: store.counts("p")), "ms", "once a second")
        picks = iter(range(count))
        note(
            "hand_out(100)",
            1000 * _best(lambda: _hand_out(store, [next(picks) for _ in range(100)])),
            "ms",
            "< 50",
        )
        note("tell(1)", 1000 * _best(lambda: _tell(store, [next(picks)]), 30), "ms", "", 1000 * bare.commit())
        note(
            "tell(1000)",
            1000 * _best(lambda: _tell(store, [next(picks) for _ in range(1000)])),
            "ms",
            "< 300",
        )
        rate, late = _crowd(lambda number: _tell(store, [number]), [next(picks) for _ in range(1000)])
        note("50 threads, tell(1)", rate, "calls/s", "≥ 200", _crowd(lambda _: bare.commit(), [0] * 500)[0])
        note("50 threads, tell(1), p99", late, "ms", "< 100")
    bare.close()
    return figures


def _fill(store: Sql, count: int) -> tuple[float, float]:
    """Add items whose ids are in no order; give the seconds, and the megabytes that memory grew by."""
    seconds, before = 0.0, _memory()
    for start in range(0, count, CALL):
        new = [
            NewItem(item=Item(id=_name(number), uri=f"s3://bucket/photos/{number}.jpg"))
            for number in range(start, min(start + CALL, count))
        ]
        began = time.perf_counter()
        store.add_items("p", new, actor="me")
        seconds += time.perf_counter() - began
    return seconds, _memory() - before


def _settle(store: Sql, count: int) -> float:
    seconds = 0.0
    for start in range(0, count, 1000):
        found = [
            Finding(number=number, digest=blake3(str(number).encode()).digest())
            for number in range(start, min(start + 1000, count))
        ]
        began = time.perf_counter()
        store.settle("p", found)
        seconds += time.perf_counter() - began
    return seconds


def _hand_out(store: Sql, numbers: list[int]) -> None:
    batch = NewBatch(
        id=f"b{numbers[0]}",
        annotator="me",
        numbers=tuple(numbers),
        scores=(0.5,) * len(numbers),
        lease=3600.0,
        provenance="{}",
        candidates=b"",
    )
    store.hand_out("p", batch, rule=RULE, budget=None)


def _tell(store: Sql, numbers: list[int]) -> None:
    answers = [NewAnswer(item=_name(number), annotator="me", value="cat") for number in numbers]
    assert all(receipt.outcome == "kept" for receipt in store.tell("p", answers, rule=RULE))


def _crowd(call: Callable[[int], object], numbers: list[int]) -> tuple[float, float]:
    """Calls a second by 50 threads, and the 99th percentile of how long one takes, in milliseconds."""
    taken: list[float] = []

    def work(mine: list[int]) -> None:
        for number in mine:
            began = time.perf_counter()
            call(number)
            taken.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work, args=(numbers[place::50],)) for place in range(50)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken) / (time.perf_counter() - began), 1000 * float(np.percentile(taken, 99))


def _best(call: Callable[[], object], times: int = 5) -> float:
    """The median of some runs, in seconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return float(np.median(taken))


def _name(number: int) -> str:
    return blake3(number.to_bytes(8, "little")).hexdigest()[:24]


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_ROWS = "number, id, uri, state"


class Bare:
    """The driver alone, with a table of four columns and a unique index."""

    def add(self, count: int) -> float:
        """Seconds to insert that many rows."""
        raise NotImplementedError

    def commit(self) -> float:
        """Seconds to insert one row and commit."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connection."""
        raise NotImplementedError


class BareSqlite(Bare):
    """Python's sqlite3."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(
            "CREATE TABLE bare (number INTEGER PRIMARY KEY, id TEXT UNIQUE, uri TEXT, state TEXT)"
        )
        self._connection.execute("CREATE TABLE single (number INTEGER)")

    def add(self, count: int) -> float:
        seconds = 0.0
        for start in range(0, count, CALL):
            rows = [(n, _name(n), f"s3://bucket/photos/{n}.jpg", "new") for n in range(start, start + CALL)]
            began = time.perf_counter()
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(f"INSERT INTO bare ({_ROWS}) VALUES (?, ?, ?, ?)", rows)
            self._connection.execute("COMMIT")
            seconds += time.perf_counter() - began
        return seconds

    def commit(self) -> float:
        with self._lock:
            began = time.perf_counter()
            self._connection.execute("INSERT INTO single VALUES (1)")
            return time.perf_counter() - began

    def close(self) -> None:
        self._connection.close()


class BarePostgresql(Bare):
    """psycopg alone."""

    def __init__(self, url: str) -> None:
        import psycopg

        self._lock = threading.Lock()
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(
            "CREATE TABLE bare (number BIGINT PRIMARY KEY, id TEXT UNIQUE, uri TEXT, state TEXT)"
        )
        self._connection.execute("CREATE TABLE single (number BIGINT)")

    def add(self, count: int) -> float:
        seconds = 0.0
        for start in range(0, count, CALL):
            rows = [(n, _name(n), f"s3://bucket/photos/{n}.jpg", "new") for n in range(start, start + CALL)]
            began = time.perf_counter()
            with self._connection.cursor() as cursor, cursor.copy(f"COPY bare ({_ROWS}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            seconds += time.perf_counter() - began
        return seconds

    def commit(self) -> float:
        with self._lock:
            began = time.perf_counter()
            self._connection.execute("INSERT INTO single VALUES (1)")
            return time.perf_counter() - began

    def close(self) -> None:
        self._connection.execute("DROP TABLE bare, single")
        self._connection.close()


if __name__ == "__main__":
    main()
