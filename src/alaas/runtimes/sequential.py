"""The plainest runtime: one stage after another, in the calling thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from alaas.errors import CancelledError
from alaas.pipeline import Record, Stage
from alaas.runtimes._base import OnProgress, Progress, Runtime
from alaas.types import StageStats


class Sequential(Runtime):
    """Fetch all, decode all, encode all. Holds the whole pool in memory.

    What the other runtimes are tested against, and the baseline that shows what overlap is worth.
    """

    def run(
        self,
        feed: Iterable[Record],
        stages: Sequence[Stage],
        sink: Callable[[list[Record]], None],
        *,
        total: int | None = None,
        cancel: threading.Event | None = None,
        on_progress: OnProgress | None = None,
    ) -> tuple[StageStats, ...]:
        """See ``Runtime.run``; progress is told between stages."""
        began = time.perf_counter()
        stats: list[StageStats] = []
        done = failed = 0

        def release(leaving: list[Record]) -> None:
            nonlocal done, failed
            sink(leaving)
            done += len(leaving)
            failed += sum(record.failure is not None for record in leaving)
            if on_progress is not None:
                seconds = time.perf_counter() - began
                on_progress(
                    Progress(done=done, failed=failed, total=total, seconds=seconds, stages=tuple(stats))
                )

        waiting = list(feed)
        for stage in stages:
            release([record for record in waiting if record.finished])
            waiting = [record for record in waiting if not record.finished]
            started = time.perf_counter()
            for first in range(0, len(waiting), stage.batch):
                if cancel is not None and cancel.is_set():
                    raise CancelledError("cancelled; what was computed so far stays in the cache")
                stage.run(waiting[first : first + stage.batch])
            now = time.perf_counter()
            stats.append(_stats(stage, len(waiting), now - started, now - began))
        release(waiting)
        return tuple(stats)


def _stats(stage: Stage, items: int, seconds: float, span: float) -> StageStats:
    return StageStats(
        name=stage.name,
        workers=1,
        items=items,
        batches=-(-items // stage.batch),
        seconds=seconds,
        busy=seconds / max(span, 1e-9),
        queue=float(items),
        capacity=items,
    )
