"""The least time that decoder and engine need."""

from __future__ import annotations

from typing import ClassVar

from benchmarks._worker import Worker, module
from benchmarks.round.rows._base import Round, Row, Task
from benchmarks.round.rows.ours import MODEL


class Limit(Row):
    """Decoder alone + engine alone; measured on local files, since a download costs neither."""

    name: ClassVar[str] = "limit"

    def refusal(self, task: Task) -> str | None:
        return "measured on local files only" if task.place.remote else None

    def measure(self, task: Task) -> list[Round]:
        with Worker(module("benchmarks.round.workers.limit", MODEL)) as worker:
            worker.ask({"uris": task.uris(task.warmup), "probe": True})
            answer = worker.ask({"uris": task.uris(task.pool)})
        return [
            Round(
                row="limit: decoder alone + engine alone",
                place=task.place.name,
                items=len(task.pool),
                seconds=answer["seconds"],
                note=f"decoder {answer['decode_seconds']:.2f} s with {answer['decoders']} threads; "
                f"engine {answer['engine_seconds']:.2f} s with {answer['arrangement']}",
            )
        ]
