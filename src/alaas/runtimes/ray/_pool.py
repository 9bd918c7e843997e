"""The actors of one group: started when blocks wait, given back when they are idle."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from alaas.config import RaySettings
from alaas.errors import ClusterError
from alaas.runtimes.ray._actor import Errand, LineActor, Started
from alaas.runtimes.ray._blocks import Block
from alaas.runtimes.ray._groups import Group
from alaas.types import StageStats
from alaas.version import __version__

DEPTH = 3
"""Blocks that an actor has at a time: one in work, one that fills its queues, one on its way."""

_TRIES = 3
"""Actors that may fail to start, one after another, before the run is given up."""


@dataclass(eq=False)
class Worker:
    """One actor. ``starting`` is the reference that answers once it has started; then None."""

    handle: Any
    starting: Any
    blocks: set[int] = field(default_factory=set)
    idle_since: float = field(default_factory=time.monotonic)
    stats: tuple[StageStats, ...] = ()
    exclusive: bool = False


class Pool:
    """Actors, and the blocks that wait for one.

    Args:
        ray: the package, imported and connected.
        group: what they run and take.
        errand: the same for all, put into the object store once.
        settings: how long an idle actor stays.
    """

    def __init__(self, ray: Any, group: Group, errand: Errand, settings: RaySettings) -> None:
        self._ray = ray
        self.group, self.settings = group, settings
        self.waiting: deque[Block] = deque()
        self.workers: list[Worker] = []
        self.gone: list[tuple[StageStats, ...]] = []
        self.most = 0
        self.ever_ready = False
        self._failed_starts = 0
        own = group.settings
        self.needs = {"CPU": own.cpus, **({"GPU": own.gpus} if own.gpus else {}), **own.resources}
        self._errand = ray.put(errand)
        self._kind = ray.remote(LineActor).options(
            num_cpus=own.cpus,
            num_gpus=own.gpus,
            resources=own.resources or None,
            max_concurrency=DEPTH + 1,
            max_restarts=0,  # the job starts another, and knows which blocks it has to do again
            max_task_retries=0,
        )

    @property
    def starting(self) -> list[Worker]:
        """Actors that have not answered yet."""
        return [worker for worker in self.workers if worker.starting is not None]

    def ensure(self) -> None:
        """Have at least as many actors as the settings say."""
        for _ in range(self.group.settings.min_workers - len(self.workers)):
            self._start()

    def grow(self, room: dict[str, float]) -> None:
        """Start actors for blocks that wait, as far as there is ``room``; takes from it what they need."""
        spare = sum(DEPTH - len(w.blocks) for w in self.workers if not w.exclusive)
        wanted = math.ceil((len(self.waiting) - max(0, spare)) / DEPTH) if self.waiting else 0
        limit = self.group.settings.max_workers
        if limit is not None:
            wanted = min(wanted, limit - len(self.workers))
        for number in range(wanted):
            fits = all(room.get(name, 0.0) >= amount for name, amount in self.needs.items())
            # With a limit of the user's own, one at a time may wait for a cluster that grows.
            if not fits and (limit is None or number > 0 or self.starting):
                return
            for name, amount in self.needs.items():
                room[name] = room.get(name, 0.0) - amount
            self._start()

    def shrink(self, *, ending: bool) -> None:
        """Give idle actors back; at the end of the feed also those that would stay."""
        if self.waiting:
            return
        patience = 0.0 if ending else self.settings.idle
        least = 0 if ending else self.group.settings.min_workers
        for worker in list(self.workers):
            if len(self.workers) <= least:
                return
            idle = not worker.blocks and worker.starting is None
            if idle and time.monotonic() - worker.idle_since >= patience:
                self.dismiss(worker)

    def free_worker(self, block: Block) -> Worker | None:
        """The least busy actor that may take the block; a suspect one has its actor to itself."""
        ready = [worker for worker in self.workers if worker.starting is None and not worker.exclusive]
        worker = min(ready, key=lambda one: len(one.blocks), default=None)
        if worker is None or len(worker.blocks) >= (1 if block.suspect else DEPTH):
            return None
        return worker

    def submit(self, worker: Worker, block: Block) -> tuple[Any, Any]:
        """Hand a block to an actor; the references of its report and of what goes on."""
        worker.exclusive = block.suspect
        work = worker.handle.work.options(num_returns=2)
        report, onward = work.remote(block.records if block.carried is None else block.carried)
        return report, onward

    def started(self, worker: Worker) -> None:
        """An actor has answered.

        Raises:
            ClusterError: it runs another version of this package, or lacks a module that the line needs.
        """
        answer: Started = self._ray.get(worker.starting)
        if answer.version != __version__:
            raise ClusterError(
                f"the cluster has alaas {answer.version}, this process {__version__}; install the same on "
                "both, or name it under pipeline.ray.runtime_env"
            )
        if answer.error is not None:
            raise ClusterError(
                f"a process of the cluster cannot begin: {answer.error}; install there what is installed "
                "here, or name it under pipeline.ray.runtime_env"
            ) from answer.error
        worker.starting, worker.idle_since = None, time.monotonic()
        self.ever_ready, self._failed_starts = True, 0
        self.most = max(self.most, sum(one.starting is None for one in self.workers))

    def lost(self, worker: Worker, error: Exception) -> None:
        """An actor has died.

        Raises:
            ClusterError: one after another does not even start.
        """
        if worker not in self.workers:
            return
        if worker.starting is not None:
            self._failed_starts += 1
            if self._failed_starts >= _TRIES:
                raise ClusterError(f"{_TRIES} processes of the cluster failed to start; the last: {error}")
        self.dismiss(worker)

    def dismiss(self, worker: Worker) -> None:
        """End an actor."""
        self.workers.remove(worker)
        self.gone.append(worker.stats)
        self._ray.kill(worker.handle)

    def _start(self) -> None:
        handle = self._kind.remote(self._errand)
        self.workers.append(Worker(handle=handle, starting=handle.start.remote()))
