"""A real server in a process of its own, and a project in it."""

from __future__ import annotations

import csv
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from alaas.client import Client
from alaas.errors import AlaasError

PROJECT = "benchmark"
CLASSES = ("ash", "beech", "cedar")
COLUMNS = 32
_BLOCK = 50_000
_PATIENCE = 900.0


def write_manifest(path: Path, items: int) -> Path:
    """A CSV of rows of numbers in as many heaps as there are classes."""
    rng = np.random.default_rng(0)
    middles = 3.0 * rng.normal(size=(len(CLASSES), COLUMNS))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"f{n}" for n in range(COLUMNS))])
        for start in range(0, items, _BLOCK):
            numbers = np.arange(start, min(start + _BLOCK, items))
            values = middles[numbers % len(CLASSES)] + 2.0 * rng.normal(size=(len(numbers), COLUMNS))
            for number, row in zip(numbers, values.round(3), strict=True):
                writer.writerow([f"i{number}", *row])
    return path


def write_addresses(path: Path, items: int) -> Path:
    """A CSV of addresses of images, as a bucket's inventory has them; nothing is at these."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "uri", "camera"])
        for number in range(items):
            address = f"https://images.example.org/{number // 1000:04}/{number:08}.jpg"
            writer.writerow([f"i{number}", address, f"camera-{number % 7}"])
    return path


def label_of(item: str) -> str:
    """What everybody says of an item."""
    return CLASSES[int(item.removeprefix("i")) % len(CLASSES)]


@contextmanager
def serving(folder: Path, store: str) -> Iterator[Client]:
    """A client of a server whose projects are in ``store``, and whose jobs a worker does."""
    config = folder / "alaas.yaml"
    config.write_text(
        json.dumps(
            {
                "store": {"url": store},
                "egress": {"roots": [str(folder)]},
                "cache": {"directory": str(folder / "cache")},
                "limits": {"requests_per_second": 1e6, "request_burst": 1_000_000, "max_jobs": 1000},
                "log": {"level": "warning"},
                "server": {"jobs": 0},
            }
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (folder / "server.log").open("ab") as log:
        command = [sys.executable, "-m", "alaas"]
        server = subprocess.Popen(
            [*command, "serve", str(config), "--port", str(port)], stdout=log, stderr=log
        )
        worker = subprocess.Popen([*command, "worker", str(config), "--jobs", "2"], stdout=log, stderr=log)
        try:
            with Client(f"http://127.0.0.1:{port}", timeout=300.0) as client:
                wait_until(lambda: client.health() is not None, server)
                yield client
        finally:
            for process in (server, worker):
                process.terminate()
            for process in (server, worker):
                process.wait(30)


def fill(client: Client, manifest: Path) -> None:
    """Make the project, read its items and compute their features."""
    client.create_project(
        {
            "name": PROJECT,
            "modality": "table",
            "strategy": "margin",
            "task": {"classes": list(CLASSES)},
            "labelling": {"lease": 86400.0},
        }
    )
    client.project(PROJECT).add(str(manifest))


def rest(client: Client) -> None:
    """Wait until no job waits or runs."""
    wait_until(lambda: all(job.finished for job in client.jobs(limit=100)))


def wait_until(condition, process: subprocess.Popen[bytes] | None = None) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}; see its log")
        try:
            if condition():
                return
        except AlaasError:
            pass
        time.sleep(0.05)
    raise TimeoutError("the server did not come to rest")
