"""Ours under some configuration, as a row: in process, or over HTTP."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from benchmarks._worker import Message, Worker, module
from benchmarks.round.rows import Round, Row, Task
from benchmarks.round.rows.ours import ask, free_port, settings, wait_until_up


@dataclass(frozen=True, kw_only=True)
class Ours(Row):
    """A cold round: an empty cache, but the model loaded and every process up.

    Args:
        label: the row's name.
        changes: sections of the configuration, over the defaults.
        over_http: whether ``alaas serve`` is asked by ``alaas.Client``, instead of the library.
    """

    name: ClassVar[str] = "ours"
    label: str
    changes: Mapping[str, Message] = field(default_factory=dict)
    over_http: bool = False

    def measure(self, task: Task) -> list[Round]:
        with tempfile.TemporaryDirectory(dir=task.scratch) as folder:
            configuration = json.dumps(settings(task, Path(folder) / "cache", self.changes))
            if not self.over_http:
                with Worker(module("benchmarks.round.workers.library", configuration)) as worker:
                    return [self._cold(worker, task)]
            file = Path(folder) / "alaas.yaml"  # JSON is YAML
            file.write_text(configuration, encoding="utf-8")
            port = free_port()
            with Worker(module("alaas", "serve", str(file), "--port", str(port))):
                url = f"http://127.0.0.1:{port}"
                wait_until_up(f"{url}/readyz")
                with Worker(module("benchmarks.round.workers.service_client", url)) as client:
                    return [self._cold(client, task)]

    def _cold(self, worker: Worker, task: Task) -> Round:
        ask(worker, task, warming=True)
        answer = ask(worker, task)
        return Round(
            row=self.label,
            place=task.place.name,
            items=len(task.pool),
            seconds=answer["seconds"],
            selected=task.names(answer["selected"]),
            note=f"{answer['runs']}; bottleneck {answer['bottleneck']}",
        )


@dataclass(frozen=True, kw_only=True)
class EngineLimit(Row):
    """The decoder alone, then the engine alone, each with all cores and its best batch.

    Args:
        label: the row's name; the parts are added to it.
        model: the ``model`` section of the configuration.
    """

    name: ClassVar[str] = "engine-limit"
    label: str
    model: Message

    def measure(self, task: Task) -> list[Round]:
        with Worker(module("benchmarks.beyond.workers.limit", json.dumps(self.model))) as worker:
            answer = worker.ask({"uris": task.uris(task.pool)})
        return [
            Round(
                row=f"{self.label}{part}",
                place=task.place.name,
                items=len(task.pool),
                seconds=answer[key],
                note=answer["runs"] if key != "decode_seconds" else "",
            )
            for part, key in ((", decoder alone", "decode_seconds"), (", engine alone", "engine_seconds"))
        ]
