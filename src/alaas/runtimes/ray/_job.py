"""One run: blocks from the feed through the pools of actors to the sink."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from alaas.config import PipelineSettings
from alaas.errors import CancelledError, ClusterError, ItemError, UsageError
from alaas.pipeline import Record
from alaas.runtimes._base import OnProgress, Progress
from alaas.runtimes.ray._actor import Errand, Report
from alaas.runtimes.ray._blocks import MOST_DEATHS, Block, Feed
from alaas.runtimes.ray._counts import summed
from alaas.runtimes.ray._fates import is_death, is_loss, meant
from alaas.runtimes.ray._groups import Group
from alaas.runtimes.ray._pool import DEPTH, Pool, Worker
from alaas.types import StageStats

_TICK = 0.1
_SCALE_SECONDS = 0.5


class Job:
    """One run of a line on the cluster.

    Args:
        ray: the package, imported and connected.
        groups: the line.
        settings: the pipeline's.
        sink: takes what leaves.
        total: records that will come, if that is known.
        on_progress: see ``Runtime.run``.
    """

    def __init__(
        self,
        ray: Any,
        groups: Sequence[Group],
        settings: PipelineSettings,
        sink: Callable[[list[Record]], None],
        *,
        total: int | None,
        on_progress: OnProgress | None,
    ) -> None:
        self._ray = ray
        self._settings, self._total, self._on_progress = settings, total, on_progress
        self._sink = sink
        self._pools = [Pool(ray, group, _errand(group, settings), settings.ray) for group in groups]
        self._running: dict[Any, tuple[Pool, Worker, Block, Any]] = {}
        self._done = self._failed = 0
        self._admitted = False
        self._began = time.perf_counter()
        self._scaled = self._told = -math.inf

    def run(self, feed: Iterable[Record], cancel: Event) -> tuple[StageStats, ...]:
        """Until everything has left; the actors end with it, however it ends."""
        source = Feed(
            feed, items=self._settings.ray.block, weight=max(1, int(self._settings.queue_bytes) // 4)
        )
        try:
            while not self._step(source, cancel):
                pass
        finally:
            source.stop()
            for pool in self._pools:
                for worker in list(pool.workers):
                    pool.dismiss(worker)
        self._tell(final=True)
        return self._stats()

    def _step(self, source: Feed, cancel: Event) -> bool:
        """Look once at everything; True when nothing is left to do."""
        if cancel.is_set():
            raise CancelledError("cancelled; what was computed so far stays in the cache")
        self._admit(source)
        if source.ended and not self._running and not any(pool.waiting for pool in self._pools):
            return True
        self._scale(source)
        for pool in self._pools:
            self._assign(pool)
        self._await(source)
        self._tell()
        return False

    def _admit(self, source: Feed) -> None:
        """Take blocks from the feed while the first pool could use them."""
        first = self._pools[0] if self._pools else None
        while first is None or len(first.waiting) < 2 * DEPTH + DEPTH * len(first.workers):
            records = source.take()
            if records is None:
                return
            if first is None:
                self._release(records)
                continue
            self._release([record for record in records if record.finished])
            going = [record for record in records if not record.finished]
            if going:
                first.waiting.append(Block(records=going))
                self._admitted = True

    def _scale(self, source: Feed) -> None:
        now = time.monotonic()
        if now - self._scaled < _SCALE_SECONDS:
            return
        self._scaled = now
        for place, pool in enumerate(self._pools):
            if self._admitted and (place > 0 or pool.waiting or not source.ended):
                pool.ensure()
        # The first of every pool come before the second of any: they could take the room of the others.
        if all(pool.ever_ready for pool in self._pools):
            room = dict(self._ray.available_resources())
            for pool in self._pools:
                for _ in pool.starting:  # they may not have taken their part yet
                    for name, amount in pool.needs.items():
                        room[name] = room.get(name, 0.0) - amount
            for pool in reversed(self._pools):
                pool.grow(room)
        elif self._admitted and time.perf_counter() - self._began > self._settings.ray.patience:
            raise ClusterError(self._no_room())
        for place, pool in enumerate(self._pools):
            upstream = place > 0 and (self._pools[place - 1].waiting or self._pools[place - 1].workers)
            pool.shrink(ending=source.ended and not self._running and not upstream)

    def _assign(self, pool: Pool) -> None:
        place = self._pools.index(pool)
        following = self._pools[place + 1] if place + 1 < len(self._pools) else None
        while pool.waiting:
            if following is not None:
                ahead = len(following.waiting) + sum(len(worker.blocks) for worker in pool.workers)
                if ahead >= 2 * DEPTH * max(1, len(following.workers)):
                    return  # the next group is behind: more would only fill the object store
            worker = pool.free_worker(pool.waiting[0])
            if worker is None:
                return
            block = pool.waiting.popleft()
            report, onward = pool.submit(worker, block)
            worker.blocks.add(id(block))
            self._running[report] = (pool, worker, block, onward)

    def _await(self, source: Feed) -> None:
        starting = {worker.starting: (pool, worker) for pool in self._pools for worker in pool.starting}
        references = [*self._running, *starting]
        if not references:
            time.sleep(0.0 if source.ended else _TICK / 10)
            return
        ready, _ = self._ray.wait(references, num_returns=1, timeout=_TICK)
        if ready:
            ready, _ = self._ray.wait(references, num_returns=len(references), timeout=0)
        for reference in ready:
            if reference in self._running:
                self._settle(reference)
            else:
                self._started(*starting[reference])

    def _started(self, pool: Pool, worker: Worker) -> None:
        if worker not in pool.workers:
            return
        try:
            pool.started(worker)
        except Exception as error:
            if not is_death(error):
                raise
            pool.lost(worker, error)

    def _settle(self, reference: Any) -> None:
        """Take the outcome of a block."""
        pool, worker, block, onward = self._running.pop(reference)
        worker.blocks.discard(id(block))
        worker.idle_since = time.monotonic()
        worker.exclusive = False
        try:
            report: Report = self._ray.get(reference)
        except Exception as error:  # noqa: BLE001  (judged, and raised if it is no failure of a machine)
            self._after_failure(pool, worker, block, error)
            return
        if report.error is not None:
            raise report.error
        worker.stats = max(worker.stats, report.stats, key=_work)  # reports may pass one another
        self._onward(pool, block, report, onward)

    def _after_failure(self, pool: Pool, worker: Worker, block: Block, error: Exception) -> None:
        if is_death(error):
            pool.lost(worker, error)
            self._after_death(block)
        elif is_loss(error):
            block.restart()
            self._pools[0].waiting.appendleft(block)
        else:
            cause = meant(error)
            if cause is not None:
                raise cause
            raise ClusterError(f"the Ray cluster failed: {error}") from error

    def _onward(self, pool: Pool, block: Block, report: Report, onward: Any) -> None:
        place = self._pools.index(pool)
        if place + 1 == len(self._pools):
            leaving = report.leaving
            if report.onward:  # a line whose last stage finishes nothing
                leaving = [*leaving, *self._ray.get(onward)]
            self._release(leaving)
            return
        self._release(report.leaving)
        if report.onward:
            left = {record.row for record in report.leaving}
            block.records = [record for record in block.records if record.row not in left]
            block.group, block.carried = place + 1, onward
            self._pools[place + 1].waiting.append(block)

    def _after_death(self, block: Block) -> None:
        """Give the block to another actor; one that has killed several is halved until the item is found."""
        block.deaths += 1
        if block.deaths < MOST_DEATHS:
            self._pools[block.group].waiting.appendleft(block)
        elif len(block.records) > 1:
            self._pools[0].waiting.extendleft(block.halves())
        else:
            for record in block.records:
                record.fail(
                    ItemError(
                        "the process that worked on it died, several times; it may take more memory than "
                        "there is, or crash a library"
                    )
                )
            self._release(block.records)

    def _release(self, records: list[Record]) -> None:
        if records:
            self._sink(records)
            self._done += len(records)
            self._failed += sum(record.failure is not None for record in records)

    def _tell(self, *, final: bool = False) -> None:
        now = time.perf_counter()
        if self._on_progress is None or (not final and now - self._told < _TICK):
            return
        self._told = now
        self._on_progress(
            Progress(
                done=self._done,
                failed=self._failed,
                total=self._total,
                seconds=now - self._began,
                stages=self._stats(),
            )
        )

    def _stats(self) -> tuple[StageStats, ...]:
        span = time.perf_counter() - self._began
        return tuple(
            counts
            for pool in self._pools
            for counts in summed(
                pool.group.stages,
                [*pool.gone, *(worker.stats for worker in pool.workers)],
                actors=pool.most,
                span=span,
            )
        )

    def _no_room(self) -> str:
        absent = [pool for pool in self._pools if not pool.ever_ready]
        wanted = "; ".join(
            f"{'+'.join(stage.name for stage in pool.group.stages)} wants "
            + ", ".join(f"{amount:g} {name}" for name, amount in pool.needs.items())
            for pool in absent
        )
        has = ", ".join(
            f"{amount:g} {name}"
            for name, amount in sorted(self._ray.cluster_resources().items())
            if not name.startswith(("node:", "memory", "object_store_memory"))
        )
        return (
            "the Ray cluster has not started a process for each group within "
            f"{self._settings.ray.patience:g} seconds: {wanted}; it has {has or 'nothing'}; see "
            "pipeline.ray.groups"
        )


def _work(stats: tuple[StageStats, ...]) -> int:
    return sum(counts.items for counts in stats)


def _errand(group: Group, settings: PipelineSettings) -> Errand:
    from ray import cloudpickle

    try:
        stages = cloudpickle.dumps(group.stages)
    except Exception as error:  # whatever the objects' own code raises
        raise UsageError(
            f"the runtime 'ray' cannot send {', '.join(stage.name for stage in group.stages)} to another "
            f"process: {error}; use the runtime 'local'"
        ) from error
    return Errand(
        stages=stages,
        cores=max(1, round(group.settings.cpus)),
        queue_bytes=int(settings.queue_bytes),
        folder=str(Path.cwd()),
        path=tuple(str(Path(entry).absolute()) for entry in sys.path),
    )
