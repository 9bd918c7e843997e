"""Ours, in process and over HTTP: cold (empty cache), then warm (the same question again)."""

from __future__ import annotations

import json
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from benchmarks._memory import PeakMemory
from benchmarks._worker import Message, Worker, WorkerError, module
from benchmarks.round.rows._base import Round, Row, Task

MODEL = "efficientnet-lite0"
WARM_ROUNDS = 3
_START_SECONDS = 60.0


def settings(task: Task, cache: Path, changes: Mapping[str, Message] | None = None) -> Message:
    """The configuration of a measured run: the defaults, an empty cache, and the local server opened."""
    made: Message = {
        "modality": "image",
        "model": {"name": MODEL},
        "seed": task.seed,
        "cache": {"directory": str(cache)},
        "egress": {"roots": [str(task.dataset.folder)]},
    }
    if task.place.remote:
        made["egress"]["allow"] = [urlsplit(task.place.base).netloc]
    for section, keys in (changes or {}).items():
        made[section] = {**made.get(section, {}), **keys}
    return made


def ask(worker: Worker, task: Task, *, warming: bool = False) -> Message:
    """One question about the task's pool, or about its warm-up images.

    Raises:
        WorkerError: an item failed; figures of an incomplete round would flatter.
    """
    uris = task.uris(task.warmup if warming else task.pool)
    budget = min(task.budget, len(uris))
    answer = worker.ask({"uris": uris, "budget": budget, "strategy": task.strategy, "seed": task.seed})
    if answer.get("failed"):
        raise WorkerError(f"{len(answer['failed'])} items failed, the first: {answer['failed'][0]}")
    return answer


def cold_and_warm(
    worker: Worker, server: int, task: Task, name: str, warm_rounds: int = WARM_ROUNDS
) -> list[Round]:
    """Warm up on other images, then measure the first round over the pool and the ones after it."""
    ask(worker, task, warming=True)
    with PeakMemory(server) as memory:
        cold = ask(worker, task)
    rounds = [_round(task, f"{name}, cold", cold, memory.peak)]
    rounds += [_round(task, f"{name}, warm", ask(worker, task)) for _ in range(warm_rounds)]
    return rounds


def _round(task: Task, row: str, answer: Message, peak: int | None = None) -> Round:
    return Round(
        row=row,
        place=task.place.name,
        items=len(task.pool),
        seconds=answer["seconds"],
        selected=task.names(answer["selected"]),
        peak_bytes=peak,
        note=f"{answer['cache_hits']} cache hits, bottleneck {answer['bottleneck']}",
    )


class OursLibrary(Row):
    """``alaas.Selector`` in a process of its own."""

    name: ClassVar[str] = "ours"

    def measure(self, task: Task) -> list[Round]:
        with tempfile.TemporaryDirectory(dir=task.scratch) as cache:
            configuration = json.dumps(settings(task, Path(cache)))
            with Worker(module("benchmarks.round.workers.library", configuration)) as worker:
                return cold_and_warm(worker, worker.pid, task, "ours, library")


class OursServer(Row):
    """``alaas serve`` and ``alaas.Client``, as the original is used."""

    name: ClassVar[str] = "ours-http"

    def measure(self, task: Task) -> list[Round]:
        with tempfile.TemporaryDirectory(dir=task.scratch) as folder:
            configuration = Path(folder) / "alaas.yaml"  # JSON is YAML
            configuration.write_text(json.dumps(settings(task, Path(folder) / "cache")), encoding="utf-8")
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            command = module("alaas", "serve", str(configuration), "--port", str(port))
            with Worker(command) as server:
                wait_until_up(f"{url}/readyz")
                with Worker(module("benchmarks.round.workers.service_client", url)) as client:
                    return cold_and_warm(client, server.pid, task, "ours, HTTP")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(url: str) -> None:
    """Wait for a server to answer.

    Raises:
        WorkerError: it did not within a minute.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise WorkerError(f"{url} did not answer within {_START_SECONDS:.0f} s")
