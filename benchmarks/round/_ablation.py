"""Ours with one part switched off at a time, and what each part is worth."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks._worker import Message, Worker, module
from benchmarks.round._results import Switch, ratio
from benchmarks.round._staged import offer_staged
from benchmarks.round.rows import Place, Task
from benchmarks.round.rows.ours import cold_and_warm, settings


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One changed setting; ``warm`` compares the second round over the pool instead of the first."""

    name: str
    place: str
    changes: Mapping[str, Message]
    warm: bool = False


VARIANTS = (
    Variant(name="overlap of the stages", place="file", changes={"pipeline": {"runtime": "staged"}}),
    Variant(name="overlap of the stages", place="http50", changes={"pipeline": {"runtime": "staged"}}),
    Variant(name="batching", place="file", changes={"model": {"batch_size": 1}}),
    Variant(name="feature cache", place="file", changes={"cache": {"enabled": False}}, warm=True),
    Variant(name="parallel download", place="http50", changes={"pipeline": {"download_workers": 1}}),
)


def ablate(task: Task, places: Mapping[str, Place], repeats: int) -> tuple[Switch, ...]:
    """Measure ours whole and with each part off, in turn; medians over ``repeats``."""
    whole: dict[tuple[str, bool], list[float]] = {}
    without: dict[int, list[float]] = {}
    variants = [(number, variant) for number, variant in enumerate(VARIANTS) if variant.place in places]
    for _ in range(repeats):
        for place, warm in dict.fromkeys((variant.place, variant.warm) for _, variant in variants):
            print(f"  ours whole, {place}", flush=True)
            there = replace(task, place=places[place])
            whole.setdefault((place, warm), []).append(_seconds(there, {}, warm=warm))
            for number, variant in variants:
                if (variant.place, variant.warm) == (place, warm):
                    print(f"  without {variant.name}, {place}", flush=True)
                    without.setdefault(number, []).append(_seconds(there, variant.changes, warm=warm))
    return tuple(
        Switch(
            name=variant.name + (" (second round)" if variant.warm else ""),
            place=variant.place,
            with_seconds=statistics.median(whole[variant.place, variant.warm]),
            without_seconds=statistics.median(without[number]),
            worth=ratio(without[number], whole[variant.place, variant.warm]),
        )
        for number, variant in variants
    )


def _seconds(task: Task, changes: Mapping[str, Message], *, warm: bool) -> float:
    """Of the first round over the pool, or of the second."""
    with tempfile.TemporaryDirectory(dir=task.scratch) as folder:
        environment = offer_staged(Path(folder) / "plugin")
        configuration = json.dumps(settings(task, Path(folder) / "cache", changes))
        command = module("benchmarks.round.workers.library", configuration)
        with Worker(command, environment=environment) as worker:
            return cold_and_warm(worker, worker.pid, task, "ours", warm_rounds=int(warm))[-1].seconds
