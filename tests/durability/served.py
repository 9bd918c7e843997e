"""A server in a process of its own, and clients that tell it labels whatever happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from alaas import Client
from alaas.errors import ServerError
from alaas.stores import Store, open_store

PROJECT = "trees"
CLASSES = ("ash", "beech")
TELLERS, ITEMS = 4, 4000


@dataclass
class Served:
    """A running server: its address, its process and what it has logged."""

    url: str
    process: subprocess.Popen[str]
    log: list[str]

    def ready(self) -> httpx2.Response:
        """What it says of itself."""
        return httpx2.get(f"{self.url}/readyz", timeout=20)


def plain_environment() -> dict[str, str]:
    """The environment without settings, which would come before those of a file."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ALAAS_")}


@contextmanager
def served(folder: Path, url_of_store: str) -> Iterator[Served]:
    """Start ``alaas serve`` on a store; it is stopped at the end, whatever state it is in."""
    config = folder / "alaas.yaml"
    limits = {"requests_per_second": 100_000, "request_burst": 100_000}
    said: dict[str, object] = {"server": {"port": 0}, "store": url_of_store, "limits": limits}
    said["egress"] = {"allow": ["127.0.0.1"]}
    config.write_text(json.dumps({**said, "cache": {"directory": str(folder / "cache")}}))
    process = subprocess.Popen(
        [sys.executable, "-m", "alaas", "serve", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,  # not a file, which the limits of these tests would hit as well
        text=True,
        env=plain_environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    log: list[str] = []
    reading = threading.Thread(target=log.extend, args=(process.stderr,))
    reading.start()
    try:
        line = process.stdout.readline()
        assert "listening on" in line, f"the server did not start: {line!r} {log}"
        yield Served(url=line.split()[-1], process=process, log=log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reading.join()
        process.stdout.close()
        process.stderr.close()


@dataclass
class Tellers:
    """Clients that tell one label after another, and what they were told; what fails is told again."""

    told: set[tuple[str, str]] = field(default_factory=set)
    errors: list[ServerError] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def more(self, count: int, *, seconds: float = 30.0) -> None:
        """Wait until ``count`` more labels were acknowledged."""
        wanted = len(self.told) + count
        until(lambda: len(self.told) >= wanted, seconds=seconds)

    def tell(self, url: str, number: int) -> None:
        """The work of one client."""
        name = f"teller-{number}"
        with Client(url, timeout=60) as client:
            project = client.project(PROJECT)
            for item in range(number, ITEMS, TELLERS):
                while not self.stop.is_set():
                    try:
                        receipts = project.tell(
                            None, {f"t{item}": CLASSES[item % 2]}, annotator=name
                        ).receipts
                    except ServerError as error:
                        self.errors.append(error)
                        self.stop.wait(0.05)
                        continue
                    assert [receipt.outcome for receipt in receipts] in (["kept"], ["same"])
                    self.told.add((f"t{item}", name))
                    break
                self.stop.wait(0.02)


@contextmanager
def tellers(url: str) -> Iterator[Tellers]:
    """A project with items, and clients at work on it; they have ended when the block has."""
    with Client(url) as client:
        client.create_project(
            {
                "name": PROJECT,
                "modality": "table",
                "model": "passthrough",
                "strategy": "margin",
                "task": {"classes": [*CLASSES]},
            }
        )
        rows = [{"id": f"t{n}", "row": {"height": n, "girth": n % 2}} for n in range(ITEMS)]
        client.project(PROJECT).add(items=rows)
    found = Tellers()
    threads = [threading.Thread(target=found.tell, args=(url, number)) for number in range(TELLERS)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.stop.set()
        for thread in threads:
            thread.join()


def check_labels(url_of_store: str, told: set[tuple[str, str]]) -> None:
    """Every acknowledged label is there, and none twice."""
    with open_store(url_of_store) as store:
        history = Counter((row.item, row.annotator) for row in answers(store))
    assert set(history.values()) == {1}
    assert told <= set(history), f"lost: {sorted(told - set(history))}"


def answers(store: Store) -> list:
    """The whole history."""
    found = []
    while page := store.answers(PROJECT, after=found[-1].sequence if found else 0, limit=5000):
        found += page
    return found


def until(condition: Callable[[], object], *, seconds: float = 30.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.05)
