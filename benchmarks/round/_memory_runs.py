"""Memory of ours for a small and a large pool, each in a process of its own."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

from benchmarks._memory import PeakMemory
from benchmarks._worker import Message, Worker, module
from benchmarks.round._dataset import Dataset, sample
from benchmarks.round._results import Footprint
from benchmarks.round.rows import Task
from benchmarks.round.rows.ours import settings

_INTERVAL = 0.1


def measure_footprint(task: Task, items: int) -> Footprint:
    """One cold round over ``items`` training images, listed in a manifest as a large pool would be.

    The whole life of the process counts: interpreter, libraries, model, cache and round.

    Raises:
        DataError: the data set has not so many images.
    """
    pool = sample(task.dataset.train, items, task.seed)
    with tempfile.TemporaryDirectory(dir=task.scratch) as folder:
        manifest = Path(folder) / "pool.csv"
        _write_manifest(manifest, task.dataset, [picture.name for picture in pool])
        made = settings(task, Path(folder) / "cache")
        made["egress"]["roots"].append(folder)
        question: Message = {"uris": str(manifest), "budget": task.budget, "strategy": task.strategy}
        with (
            Worker(module("benchmarks.round.workers.library", json.dumps(made))) as worker,
            PeakMemory(worker.pid, interval=_INTERVAL, shared=True) as memory,
        ):
            answer = worker.ask(question)
    return Footprint(
        items=items,
        seconds=answer["seconds"],
        high_water=answer["high_water"],
        sampled_peak=memory.peak,
    )


def _write_manifest(path: Path, dataset: Dataset, names: list[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "uri"])
        rows.writerows([name, str(dataset.folder / name)] for name in names)
