"""torch DataLoader + scikit-activeml, in their own environment."""

from __future__ import annotations

from typing import ClassVar

from alaas.cores import available_cores
from benchmarks._memory import PeakMemory
from benchmarks._worker import ROOT, Message, Worker
from benchmarks.peers import ENVIRONMENTS
from benchmarks.round.rows._base import Round, Row, Task

_SCRIPT = ROOT / "benchmarks" / "peers" / "loader_round.py"
_SIZE = 224
_STRATEGIES = frozenset({"least_confidence", "margin", "entropy"})


class Loader(Row):
    """What a practitioner writes with the usual libraries; worker processes as many as are fastest here."""

    name: ClassVar[str] = "loader"
    needs_environment: ClassVar[str | None] = "loader"

    def refusal(self, task: Task) -> str | None:
        if task.strategy not in _STRATEGIES:
            return f"its uncertainty scores know {', '.join(sorted(_STRATEGIES))}, not {task.strategy}"
        return None

    def measure(self, task: Task) -> list[Round]:
        python = ENVIRONMENTS["loader"].python(task.peers)
        with Worker([str(python), str(_SCRIPT), str(_SIZE), str(available_cores())]) as worker:
            question: Message = {"strategy": task.strategy, "seed": task.seed}
            few = task.uris(task.warmup)
            worker.ask({**question, "uris": few, "budget": 1, "probe": True})
            with PeakMemory(worker.pid) as memory:
                answer = worker.ask({**question, "uris": task.uris(task.pool), "budget": task.budget})
        return [
            Round(
                row="torch DataLoader + scikit-activeml",
                place=task.place.name,
                items=len(task.pool),
                seconds=answer["seconds"],
                selected=task.names(answer["selected"]),
                peak_bytes=memory.peak,
                note=f"{answer['workers']} worker processes",
            )
        ]
