"""The original ALaaS 0.2.1: its server, asked by its own client over HTTP, with the same weights."""

from __future__ import annotations

import tempfile
from typing import ClassVar

from benchmarks._memory import PeakMemory
from benchmarks._worker import ROOT, Worker
from benchmarks.peers import ENVIRONMENTS
from benchmarks.round.rows._base import Round, Row, Task
from benchmarks.round.rows.ours import free_port

_SCRIPTS = ROOT / "benchmarks" / "peers"
_STRATEGIES = {
    "least_confidence": "LeastConfidence",
    "margin": "MarginConfidence",
    "ratio": "RatioConfidence",
    "entropy": "EntropySampling",
    "random": "RandomSampling",
}

_OWN_ALAAS = {"PYTHONPATH": ""}
"""It imports a package of the same name as ours, and must find its own."""


class Original(Row):
    """Its defaults but for the batch size, 16 instead of 1, which suits it no worse."""

    name: ClassVar[str] = "original"
    needs_environment: ClassVar[str | None] = "original"

    def refusal(self, task: Task) -> str | None:
        if task.strategy not in _STRATEGIES:
            return f"over HTTP it offers {', '.join(sorted(_STRATEGIES))}, not {task.strategy}"
        return None

    def measure(self, task: Task) -> list[Round]:
        python = str(ENVIRONMENTS["original"].python(task.peers))
        port = free_port()
        with tempfile.TemporaryDirectory(dir=task.scratch) as home:
            command = [python, str(_SCRIPTS / "original_server.py"), "--port", str(port), "--home", home]
            command += ["--strategy", _STRATEGIES[task.strategy]]
            with Worker(command, environment={"HOME": home, **_OWN_ALAAS}, ready="ready") as server:
                client_command = [python, str(_SCRIPTS / "original_client.py"), f"http://127.0.0.1:{port}"]
                with Worker(client_command, environment=_OWN_ALAAS) as client:
                    client.ask({"uris": task.uris(task.warmup), "budget": 1})
                    with PeakMemory(server.pid) as memory:
                        answer = client.ask({"uris": task.uris(task.pool), "budget": task.budget})
        return [
            Round(
                row="original ALaaS 0.2.1, HTTP",
                place=task.place.name,
                items=len(task.pool),
                seconds=answer["seconds"],
                selected=task.names(answer["selected"]),
                peak_bytes=memory.peak,
            )
        ]
