"""How fast a server of projects is: asking, telling, many annotators at once, reading a large manifest.

    python -m benchmarks.server                                   # SQLite, about five minutes
    python -m benchmarks.server --postgresql postgresql://user@host/database
    python -m benchmarks.server --write-docs                      # docs/benchmarks-server.md

Everything is asked of a real server with a worker, over HTTP, by clients in processes of their own on the
same machine. Each
figure stands beside what the machine can do at best: bare scoring and selection for ``ask``, an append and an
fsync for each label, a request that does nothing, a bare table in SQLite for the manifest.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import alaas
from alaas.client import Client
from alaas.errors import AlaasError
from benchmarks._machine import describe_machine
from benchmarks._markdown import markdown_table
from benchmarks._worker import ROOT
from benchmarks.service._server import (
    CLASSES,
    COLUMNS,
    PROJECT,
    fill,
    label_of,
    rest,
    serving,
    write_addresses,
    write_manifest,
)

PAGE = ROOT / "docs" / "benchmarks-server.md"
_ANNOTATORS, _SECONDS, _RATE = 50, 15.0, 220.0


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement: ``value`` in ``unit``, the target and the floor in the same unit."""

    store: str
    what: str
    value: float
    unit: str
    target: str
    holds: bool
    floor: float | None = None
    floor_is: str = ""


def median(times: int, work: Callable[[], object]) -> float:
    """Seconds of the median call."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def ask_floor(items: int) -> float:
    """Seconds of scoring ``items`` rows with a layer and choosing 100 by margin, arrays in hand."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(items, COLUMNS)).astype(np.float32)
    layer = rng.normal(size=(COLUMNS, len(CLASSES))).astype(np.float32)

    def work() -> None:
        logits = features @ layer
        scores = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True)
        alaas.query("margin", budget=100, probs=scores)

    work()
    return median(5, work)


def sync_floor(folder: Path, seconds: float = 2.0) -> float:
    """Appends of 200 bytes, each with an fsync, in a second."""
    count, began = 0, time.perf_counter()
    with (folder / "floor").open("ab", buffering=0) as file:
        while time.perf_counter() - began < seconds:
            file.write(b"x" * 200)
            os.fsync(file.fileno())
            count += 1
    return count / (time.perf_counter() - began)


def table_floor(folder: Path, manifest: Path) -> float:
    """Rows a second of reading the manifest and writing it to a bare table with a unique id."""
    began = time.perf_counter()
    connection = sqlite3.connect(folder / "floor.db")
    connection.execute("CREATE TABLE items (number INTEGER PRIMARY KEY, id TEXT UNIQUE, row TEXT)")
    with manifest.open(newline="") as file:
        rows = csv.reader(file)
        head = next(rows)
        pairs = ((row[0], json.dumps(dict(zip(head[1:], row[1:], strict=True)))) for row in rows)
        connection.executemany("INSERT INTO items (id, row) VALUES (?, ?)", pairs)
    connection.commit()
    count = connection.execute("SELECT count(*) FROM items").fetchone()[0]
    connection.close()
    return count / (time.perf_counter() - began)


def child(*arguments: str) -> dict[str, float]:
    """What a program of ours prints."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure_server(name: str, store: str, folder: Path, items: int) -> list[Figure]:
    """Ask, tell, and a crowd."""
    manifest = write_manifest(folder / "pool.csv", items)
    synced = sync_floor(folder)
    with serving(folder, store) as client:
        began = time.perf_counter()
        fill(client, manifest)
        print(f"{name}: {items} items and their features in {time.perf_counter() - began:.1f} s", flush=True)
        project = client.project(PROJECT)
        first = project.ask(300)
        project.tell(first.id, {item.id: label_of(item.id) for item in first.items})
        rest(client)
        return [
            asking(name, client, items),
            telling(name, client, synced),
            *crowding(name, client, synced),
        ]


def asking(name: str, client: Client, items: int) -> Figure:
    """One batch of a warm project."""
    project = client.project(PROJECT)
    project.ask(100)
    seconds = median(7, lambda: project.ask(100))
    return Figure(
        store=name,
        what=f"ask(100) of {items:,} items",
        value=seconds,
        unit="s",
        target="< 2",
        holds=seconds < 2,
        floor=ask_floor(items),
        floor_is="scores and margin, arrays in hand",
    )


def telling(name: str, client: Client, synced: float) -> Figure:
    """A thousand labels in one request."""
    project, taken = client.project(PROJECT), []
    for _ in range(5):
        batch = project.ask(1000)
        rest(client)
        began = time.perf_counter()
        project.tell(batch.id, {item.id: label_of(item.id) for item in batch.items})
        taken.append(time.perf_counter() - began)
    rest(client)
    seconds = statistics.median(taken)
    return Figure(
        store=name,
        what="tell of 1,000 labels",
        value=seconds,
        unit="s",
        target="< 0.5",
        holds=seconds < 0.5,
        floor=1 / synced,
        floor_is="one append and fsync",
    )


def crowding(name: str, client: Client, synced: float) -> list[Figure]:
    """Fifty annotators: alone, beside a selection, and in a hurry."""
    nothing = median(200, client.health)
    quiet, busy = crowd(client, _RATE), crowd(client, _RATE, selecting=True)
    most = crowd(client, 0.0)

    def rate(what: str, value: float, target: str = "", *, holds: bool = True) -> Figure:
        return Figure(
            store=name,
            what=what,
            value=value,
            unit="1/s",
            target=target,
            holds=holds,
            floor=synced,
            floor_is="appends with fsync",
        )

    def slowest(what: str, seconds: float, target: str = "", *, holds: bool = True) -> Figure:
        return Figure(
            store=name,
            what=what,
            value=1e3 * seconds,
            unit="ms",
            target=target,
            holds=holds,
            floor=1e3 * nothing,
            floor_is="GET /healthz, alone",
        )

    told, p99 = busy["labels_per_second"], busy["p99"]
    return [
        rate("50 annotators: labels a second", told, "≥ 200", holds=told >= 200),
        slowest("50 annotators, while items are selected: p99", p99, "< 100", holds=p99 < 0.1),
        slowest("the same, while nothing else happens: p99", quiet["p99"]),
        rate("50 annotators as fast as they can", most["labels_per_second"]),
    ]


def crowd(client: Client, rate: float, *, selecting: bool = False) -> dict[str, float]:
    """Fifty annotators for a while; with ``selecting``, somebody asks for 100 items all the time."""
    stop = threading.Event()

    def select() -> None:
        with Client(client.url, timeout=300.0) as other:
            project = other.project(PROJECT)
            while not stop.is_set():
                try:
                    batch = project.ask(100, annotator="selector")
                    project.release(batch.id)
                except AlaasError:
                    return

    selector = threading.Thread(target=select)
    if selecting:
        selector.start()
    try:
        return child("benchmarks.service._crowd", client.url, str(_ANNOTATORS), str(_SECONDS), str(rate))
    finally:
        stop.set()
        if selecting:
            selector.join()


def measure_import(name: str, store: str, folder: Path, items: int) -> list[Figure]:
    """A large manifest, and a quarter of it to see whether memory grows."""
    small = write_addresses(folder / "quarter.csv", items // 4)
    large = write_addresses(folder / "whole.csv", items)
    few = child("benchmarks.service._import", store, str(small))
    many = child("benchmarks.service._import", store, str(large))
    rate = many["items"] / many["seconds"]
    growth = many["memory"] / few["memory"]
    return [
        Figure(
            store=name,
            what=f"manifest of {items:,} rows: items a second",
            value=rate,
            unit="1/s",
            target="≥ 20,000",
            holds=rate >= 20_000,
            floor=table_floor(folder, large),
            floor_is="csv and a bare SQLite table",
        ),
        Figure(
            store=name,
            what="the same: most memory",
            value=many["memory"] / 1e6,
            unit="MB",
            target="flat",
            holds=growth < 1.1,
            floor=few["memory"] / 1e6,
            floor_is="a quarter of the rows",
        ),
    ]


def table(figures: list[Figure]) -> str:
    """All figures as Markdown."""
    return markdown_table(
        ["what", "store", "measured", "wanted", "holds", "beside", "times"],
        [
            [
                figure.what,
                figure.store,
                f"{figure.value:,.3g} {figure.unit}"
                if figure.value < 1000
                else f"{figure.value:,.0f} {figure.unit}",
                figure.target,
                "yes" if figure.holds else "NO",
                "" if figure.floor is None else f"{figure.floor:,.3g} {figure.unit}, {figure.floor_is}",
                "" if figure.floor is None else f"{figure.value / figure.floor:,.2f}",
            ]
            for figure in figures
        ],
    )


def main() -> int:
    """Measure and print; ends with 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--manifest", type=int, default=1_000_000)
    parser.add_argument("--postgresql", help="URL of an empty database; measured too")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write-docs", action="store_true")
    asked = parser.parse_args()
    figures: list[Figure] = []
    for name in ("SQLite", *(("PostgreSQL",) if asked.postgresql else ())):
        with tempfile.TemporaryDirectory(prefix="alaas-benchmark-") as place:
            folder = Path(place)
            store = asked.postgresql if name == "PostgreSQL" else f"sqlite:///{folder}/alaas.db"
            figures += measure_server(name, store, folder, asked.items)
            print(table(figures), flush=True)
            figures += measure_import(name, store, folder, asked.manifest)
    print(table(figures))
    machine = describe_machine()
    if asked.json:
        asked.json.write_text(
            json.dumps({"machine": asdict(machine), "figures": [asdict(f) for f in figures]}, indent=2)
        )
    if asked.write_docs:
        PAGE.write_text(_page(figures))
    return 0 if all(figure.holds for figure in figures) else 1


def _page(figures: list[Figure]) -> str:
    machine = describe_machine()
    return f"""# How fast a server of projects is

<!-- Made by `python -m benchmarks.server --write-docs`. -->

Measured over HTTP with clients in processes of their own, on the same {machine.cores} cores:
{machine.processor}, {machine.memory_gb:.0f} GB, {machine.system}, Python {machine.python},
commit {machine.commit}. Ratios carry over to other machines, seconds do not. Projects have rows of
{COLUMNS} numbers; labels are told one a request, and every label is on the disk before its request is
answered. The jobs (choosing, retraining after every second with labels) are done by one `alaas worker`
beside the server; in the server's own process they would share one interpreter with it, which makes the
slowest requests two to three times slower.

{table(figures)}
"""


if __name__ == "__main__":
    sys.exit(main())
