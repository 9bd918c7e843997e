"""Kills a server and a worker again and again under load, and then checks what the clients were told.

    python tests/durability/kill_loop.py --kills 200 --store sqlite
    python tests/durability/kill_loop.py --kills 200 --store postgresql
    python tests/durability/kill_loop.py --kills 200 --store postgresql://user@host/database

``postgresql`` alone starts a server of its own, which writes to the disk before it says so and is killed now
and then as well. Two processes in five are started with a crash point, where they kill themselves: just
before or just after a commit.

Eight clients ask for items and tell their labels all the while, and write down what was acknowledged. At the
end the server is left alone until its jobs have ended, and the store has to agree with the clients' own logs:

- every acknowledged label is there, once;
- no item was handed out twice, for every lease is longer than the loop;
- what is labelled and held is within the budget;
- every job has ended, exactly once, and failed only if five workers were killed at it or nothing was left;
- no process ended by itself, other than at its crash point.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from alaas.client import Client
from alaas.errors import AlaasError, ServerError
from alaas.stores import Store, open_store

CLIENTS = 8
ITEMS, BUDGET = 6000, 5000
PROJECT = "trees"
CLASSES = ("ash", "beech", "cedar")
_PATIENCE = 120.0

CALLS = (
    "tell",
    "add-job",
    "claim",
    "hand-out",
    "finish",
    "add-round",
    "beat",
    "reclaim",
    "ask-cancel",
    "note",
)
"""Calls of the store that servers and workers make in the loop; each has two crash points."""

_ARMED = 0.4
_DATABASE = 0.1
_START_SECONDS = 10.0

_ATTEMPTS = 5
"""Workers that a job may lose before it counts as the cause and fails."""
"""The shares of starts with a crash point, and of kills that hit the database."""


class Database(Protocol):
    """A database's server that can be killed and started again."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass
class Diary:
    """What one client was told. Appended to by its own thread alone."""

    batches: dict[str, list[str]] = field(default_factory=dict)
    labels: list[tuple[str, str]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


@dataclass
class Findings:
    """What the check at the end found; ``troubles`` is empty if all is well."""

    kills: int
    crashes: dict[str, int]
    labels: int
    batches: int
    jobs: int
    abandoned: int
    failures: dict[str, int]
    seconds: float
    troubles: list[str]


class Processes:
    """A server and a worker of one configuration, started again whenever they die.

    ``crashes`` counts deaths at crash points, ``troubles`` tells of processes that ended otherwise.
    """

    def __init__(self, config: Path, port: int, rng: random.Random) -> None:
        self.crashes: Counter[str] = Counter()
        self.troubles: list[str] = []
        self._config, self._port, self._rng = config, port, rng
        self._log = config.with_suffix(".log").open("ab")
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._armed: dict[str, str] = {}
        self._excused = 0.0

    def start(self, name: str, *, armed: bool = False) -> None:
        """Start a process, perhaps with a crash point at one of its next calls."""
        arguments = {
            "server": ["serve", str(self._config), "--port", str(self._port)],
            "worker": ["worker", str(self._config)],
        }[name]
        # Settings of the environment would come before those of the file.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("ALAAS_")}
        self._armed[name] = ""
        if armed:
            self._armed[name] = f"{self._rng.choice(CALLS)}.{self._rng.choice(('before', 'after'))}-commit"
            environment["ALAAS_CRASH"] = f"{self._armed[name]}:{self._rng.randint(1, 4)}"
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", "alaas", *arguments], stdout=self._log, stderr=self._log, env=environment
        )

    def kill(self, name: str) -> None:
        """SIGKILL, and start again at once; one that has a crash point gets a while to come to it."""
        if self._armed[name]:
            self.watch(_START_SECONDS / 2, until=lambda: not self._armed[name])
            if not self._armed[name]:
                return
        self._mourn(name)
        self._running[name].kill()
        self._running[name].wait()
        self.start(name, armed=self._rng.random() < _ARMED)

    def watch(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        """Wait, and start whatever dies meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            for name in self._running:
                if self._mourn(name):
                    self.start(name)
            time.sleep(0.02)

    def excuse(self) -> None:
        """For a while a process may end as it starts, because there is no database."""
        self._excused = time.monotonic() + _START_SECONDS

    def stop(self) -> None:
        """End them in good order."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    def _mourn(self, name: str) -> bool:
        """Whether a process has ended by itself, which is noted."""
        code = self._running[name].poll()
        if code is None:
            return False
        if code == -signal.SIGKILL and self._armed[name]:
            self.crashes[self._armed[name]] += 1
        elif code == 1 and time.monotonic() < self._excused:
            self.crashes["start without a database"] += 1
        else:
            self.troubles.append(f"the {name} ended by itself with {code}")
        return True


def label_of(item: str) -> str:
    """What every client says of an item."""
    return CLASSES[int(item.removeprefix("t")) % len(CLASSES)]


def work(url: str, name: str, diary: Diary, stop: threading.Event, seed: int) -> None:
    """Ask and tell until it is time to stop; what fails is tried again, as a person would."""
    rng = random.Random(seed)
    with Client(url, timeout=20.0) as client:
        project = client.project(PROJECT)
        while not stop.is_set():
            try:
                batch = project.ask(rng.randint(1, 8), annotator=name, timeout=60.0)
            except AlaasError as error:
                diary.failures[_code(error)] += 1
                if _code(error) in ("budget-spent", "nothing-left"):
                    return
                time.sleep(0.05)
                continue
            diary.batches[batch.id] = [item.id for item in batch.items]
            answers = {item.id: label_of(item.id) for item in batch.items if rng.random() < 0.9}
            while answers and not stop.is_set():
                try:
                    told = project.tell(batch.id, answers, annotator=name)
                except AlaasError as error:
                    diary.failures[_code(error)] += 1
                    time.sleep(0.05)
                    continue
                diary.labels += [
                    (receipt.item, name) for receipt in told.receipts if receipt.outcome in ("kept", "same")
                ]
                break


def _code(error: AlaasError) -> str:
    return error.remote_code if isinstance(error, ServerError) else error.code


def run(
    config: Path, url_of_store: str, *, kills: int, port: int, seed: int, database: Database | None = None
) -> Findings:
    """The whole loop; ``database`` is killed now and then as well."""
    began, url = time.monotonic(), f"http://127.0.0.1:{port}"
    rng = random.Random(seed)
    processes = Processes(config, port, rng)
    diaries = [Diary() for _ in range(CLIENTS)]
    stop = threading.Event()
    try:
        for name in ("server", "worker"):
            processes.start(name)
        _fill(url)
        threads = [
            threading.Thread(target=work, args=(url, f"annotator-{n}", diary, stop, seed + n))
            for n, diary in enumerate(diaries)
        ]
        for thread in threads:
            thread.start()
        for done in range(kills):
            processes.watch(rng.uniform(0.05, 5.0))
            if database is not None and rng.random() < _DATABASE:
                processes.excuse()
                database.kill()
                processes.watch(rng.uniform(0.0, 1.0))
                database.start()
            else:
                processes.kill(rng.choice(("server", "worker")))
            if sys.stderr.isatty() and done % 10 == 9:
                print(f"{done + 1} of {kills} kills", file=sys.stderr)
        stop.set()
        watching = threading.Event()
        guard = threading.Thread(target=_keep_up, args=(processes, watching))
        guard.start()
        try:
            for thread in threads:
                thread.join(_PATIENCE)
            _settle(url)
        finally:
            watching.set()
            guard.join()
    finally:
        stop.set()
        processes.stop()
    with open_store(url_of_store) as store:
        found = check(store, diaries, kills=kills, seconds=time.monotonic() - began)
    return replace(found, crashes=dict(processes.crashes), troubles=[*processes.troubles, *found.troubles])


def _keep_up(processes: Processes, stop: threading.Event) -> None:
    while not stop.is_set():
        processes.watch(0.1)


def check(store: Store, diaries: list[Diary], *, kills: int, seconds: float) -> Findings:
    """Compare the store with what the clients wrote down."""
    history = []
    while page := store.answers(PROJECT, after=history[-1].sequence if history else 0, limit=5000):
        history += page
    written = Counter((answer.item, answer.annotator, answer.value) for answer in history)
    acknowledged = {(item, name) for diary in diaries for item, name in diary.labels}
    troubles = [
        f"the acknowledged label of {item} by {name} is there {written[item, name, label_of(item)]} times"
        for item, name in sorted(acknowledged)
        if written[item, name, label_of(item)] != 1
    ]
    troubles += [f"{key} is there {count} times" for key, count in written.items() if count > 1]
    batches = []
    while page := store.batches(PROJECT, after=batches[-1].ordinal if batches else -1, limit=500):
        batches += page
    handed = Counter(pick.item for batch in batches for pick in batch.picks)
    troubles += [f"{item} was handed out {count} times" for item, count in handed.items() if count > 1]
    known = {batch.id: [pick.item for pick in batch.picks] for batch in batches}
    for diary in diaries:
        for batch_id, items in diary.batches.items():
            if known.get(batch_id) != items:
                troubles.append(f"batch {batch_id} was handed out as {items} and is {known.get(batch_id)}")
    counts = store.counts(PROJECT)
    spent = counts.states["labelled"] + counts.states["partial"] + counts.states["conflict"] + counts.held
    if spent > BUDGET:
        troubles.append(f"{spent} items are labelled or held, more than the budget of {BUDGET}")
    jobs, abandoned = store.jobs.recent(limit=100_000), 0
    for job in jobs:
        ends = [
            event
            for event in json.loads(job.events)
            if event["kind"] == "state" and event["state"] in ("succeeded", "failed", "cancelled")
        ]
        if job.state not in ("succeeded", "failed", "cancelled") or len(ends) != 1:
            troubles.append(f"job {job.id} ({job.kind}) is {job.state} and ended {len(ends)} times")
        code = json.loads(job.failure or "{}").get("code") if job.state == "failed" else None
        if code == "attempts" and job.attempt >= _ATTEMPTS:
            abandoned += 1  # as it should be: it was killed that often
        elif code not in (None, "budget-spent", "nothing-left"):
            troubles.append(f"job {job.id} ({job.kind}) failed: {job.failure}")
    last = store.last_round(PROJECT)
    if last is None or last.through != counts.sequence:
        troubles.append(f"the last round saw {last and last.through} of {counts.sequence} answers")
    failures = sum((diary.failures for diary in diaries), Counter())
    return Findings(
        kills=kills,
        crashes={},
        labels=len(acknowledged),
        batches=len(batches),
        jobs=len(jobs),
        abandoned=abandoned,
        failures=dict(failures),
        seconds=seconds,
        troubles=troubles,
    )


def _fill(url: str) -> None:
    """Wait for the server, make the project and give it items."""
    rng = random.Random(0)
    with Client(url, timeout=60.0) as client:
        _until(lambda: client.health() is not None)
        client.create_project(
            {
                "name": PROJECT,
                "modality": "table",
                "strategy": "margin",
                "budget": BUDGET,
                "task": {"classes": list(CLASSES)},
                "labelling": {"lease": 86400.0},
            }
        )
        items = [
            {"id": f"t{n}", "row": {"height": rng.gauss(n % 3, 1.0), "girth": rng.gauss(-(n % 3), 1.0)}}
            for n in range(ITEMS)
        ]
        client.project(PROJECT).add(items=items)


def _settle(url: str) -> None:
    """Wait until every job has ended."""
    with Client(url, timeout=60.0) as client:
        _until(lambda: all(job.finished for job in client.jobs(limit=1000)))


def _until(condition) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            if condition():
                return
        except AlaasError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("the server did not come to rest")
        time.sleep(0.1)


@contextmanager
def configured(url_of_store: str | None) -> Iterator[tuple[Path, str]]:
    """A configuration file of its own, and the store that it names."""
    with tempfile.TemporaryDirectory(prefix="alaas-kill-loop-") as folder:
        config = Path(folder) / "alaas.yaml"
        url = url_of_store or f"sqlite:///{folder}/alaas.db"
        config.write_text(
            json.dumps(
                {
                    "store": {"url": url},
                    "server": {"jobs": 1},
                    "limits": {"max_jobs": 500, "requests_per_second": 10000, "request_burst": 10000},
                    "cache": {"directory": f"{folder}/cache"},
                    "log": {"level": "warning"},
                }
            )
        )
        yield config, url


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def main() -> int:
    """Run it from a shell; ends with 1 if there were troubles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--store", default="sqlite")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with ExitStack() as stack:
        database, url_of_store = None, None if asked.store == "sqlite" else asked.store
        if asked.store == "postgresql":
            sys.path.append(str(Path(__file__).parents[1]))
            from postgresql import cluster

            database = stack.enter_context(cluster(durable=True))
            url_of_store = database.database()
        config, url = stack.enter_context(configured(url_of_store))
        found = run(config, url, kills=asked.kills, port=free_port(), seed=asked.seed, database=database)
        if found.troubles:
            sys.stderr.write(config.with_suffix(".log").read_text()[-4000:])
    print(json.dumps(found.__dict__, indent=2))
    return 1 if found.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
