"""One step after another, with our decoder, model and strategy."""

from __future__ import annotations

from typing import ClassVar

from benchmarks._memory import PeakMemory
from benchmarks._worker import Worker, module
from benchmarks.round.rows._base import Round, Row, Task
from benchmarks.round.rows.ours import MODEL, ask


class Baseline(Row):
    """Download all, decode all, infer all, select."""

    name: ClassVar[str] = "baseline"

    def measure(self, task: Task) -> list[Round]:
        with Worker(module("benchmarks.round.workers.one_after_another", MODEL)) as worker:
            ask(worker, task, warming=True)
            with PeakMemory(worker.pid) as memory:
                answer = ask(worker, task)
        return [
            Round(
                row="one after another",
                place=task.place.name,
                items=len(task.pool),
                seconds=answer["seconds"],
                selected=task.names(answer["selected"]),
                peak_bytes=memory.peak,
            )
        ]
