"""Threads that run stages, whoever feeds them and takes what leaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from alaas.pipeline import Record, Stage
from alaas.runtimes._base import Progress
from alaas.runtimes._channel import Channel, Stopped
from alaas.types import StageStats

_FEED = 64
SINK = 1024
"""Records that leave at once, at most."""
_FAREWELL = 0.5
"""Seconds to wait for threads when a run is given up. A thread that is stuck in a download or a decoder is
left behind: it is a daemon, holds no lock, and ends when its own time limit does."""


class Crew:
    """The threads of the stages, and the channels between them.

    Args:
        stages: what to run, in order.
        queue_bytes: content that may wait in one channel.
    """

    def __init__(self, stages: Sequence[Stage], queue_bytes: int) -> None:
        self.stages = stages
        self.inlets = [Channel(stage.capacity, queue_bytes) for stage in stages]
        self.outlet = Channel(4 * SINK, queue_bytes)
        self.error: BaseException | None = None
        self._began = time.perf_counter()
        self._counters = [_Counter(stage.workers) for stage in stages]
        self._threads: list[threading.Thread] = []

    def start(self, feed: Iterable[Record] | None = None) -> None:
        """Begin with a feed, or without one, and ``put`` what is to be done."""
        if feed is not None:
            self._hire("feed", self._feed, feed)
        for number, stage in enumerate(self.stages):
            for _ in range(stage.workers):
                self._hire(stage.name, self._work, number)

    def put(self, records: list[Record]) -> None:
        """Give the first stage more to do, waiting while its queue is full.

        Raises:
            Stopped: a stage has failed; ``error`` says how.
        """
        self.inlets[0].put(records)

    def dismiss(self) -> None:
        """Stop what still runs; does nothing after a run that ended by itself."""
        for channel in (*self.inlets, self.outlet):
            channel.stop()
        deadline = time.perf_counter() + _FAREWELL
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.perf_counter()))

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.perf_counter() - self._began

    def stats(self) -> tuple[StageStats, ...]:
        """What each stage has done so far."""
        span = max(self.elapsed, 1e-9)
        return tuple(
            StageStats(
                name=stage.name,
                workers=stage.workers,
                items=counter.items,
                batches=counter.batches,
                seconds=counter.seconds,
                busy=min(1.0, counter.seconds / (span * stage.workers)),
                queue=inlet.mean_depth(),
                capacity=stage.capacity,
            )
            for stage, inlet, counter in zip(self.stages, self.inlets, self._counters, strict=True)
        )

    def progress(self, done: int, failed: int, total: int | None) -> Progress:
        """A glance, for a run that counts ``done`` and ``failed`` itself."""
        return Progress(done=done, failed=failed, total=total, seconds=self.elapsed, stages=self.stats())

    def _hire(self, name: str, target: Callable[..., None], argument: object) -> None:
        thread = threading.Thread(
            target=self._guard, args=(target, argument), name=f"alaas-{name}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _guard(self, target: Callable[..., None], argument: object) -> None:
        try:
            target(argument)
        except Stopped:
            return
        except BaseException as error:  # noqa: BLE001  (handed to the calling thread, which raises it)
            self.error = self.error or error
            for channel in (*self.inlets, self.outlet):
                channel.stop()

    def _feed(self, feed: Iterable[Record]) -> None:
        records = iter(feed)
        first = self.inlets[0] if self.inlets else self.outlet
        while chunk := list(islice(records, _FEED)):
            finished = [record for record in chunk if record.finished]
            if finished:
                self.outlet.put(finished)
            first.put([record for record in chunk if not record.finished])
        first.close()

    def _work(self, number: int) -> None:
        stage, inlet, counter = self.stages[number], self.inlets[number], self._counters[number]
        onward = self.inlets[number + 1] if number + 1 < len(self.stages) else self.outlet
        while (batch := inlet.take(stage.batch, stage.linger)) is not None:
            if not batch:
                continue
            began = time.perf_counter()
            stage.run(batch)
            counter.add(len(batch), time.perf_counter() - began)
            going = [record for record in batch if not record.finished]
            if len(going) < len(batch):
                self.outlet.put([record for record in batch if record.finished])
            if going:
                onward.put(going)
        if counter.leave():  # the last worker of the stage shuts the door behind it
            onward.close()


class _Counter:
    """What one stage has done so far, and how many of its workers are still there."""

    def __init__(self, workers: int) -> None:
        self.items = self.batches = 0
        self.seconds = 0.0
        self._present = workers
        self._lock = threading.Lock()

    def add(self, items: int, seconds: float) -> None:
        with self._lock:
            self.items += items
            self.batches += 1
            self.seconds += seconds

    def leave(self) -> bool:
        """Whether this was the last worker to leave."""
        with self._lock:
            self._present -= 1
            return self._present == 0
