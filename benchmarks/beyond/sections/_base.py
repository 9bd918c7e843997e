"""The contract of a section, and rows that take turns."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from benchmarks._worker import WorkerError
from benchmarks.beyond._words import Found
from benchmarks.round._dataset import Dataset
from benchmarks.round.rows import Round, Row, Task


@dataclass(frozen=True, kw_only=True)
class Run:
    """What every section is given.

    Attributes:
        dataset: the images.
        task: choose ``budget`` of ``pool``, from local files.
        repeats: times that quick rows are measured; slow ones ``slow_repeats`` times.
        ray_items: images of the comparison of runtimes.
        peers: the folder of the peers' environments.
        skipped: reasons, one a thing that was left out.
        failed: rows that broke; a run with one of them has not succeeded.
    """

    dataset: Dataset
    task: Task
    repeats: int
    slow_repeats: int
    ray_items: int
    seed: int
    peers: Path
    skipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def skip(self, reason: str) -> None:
        """Leave something out, and say so."""
        if reason not in self.skipped:
            self.skipped.append(reason)
            print(f"skipped: {reason}", flush=True)

    def turns(
        self, rows: Sequence[Row], task: Task | None = None, *, slow: Sequence[Row] = ()
    ) -> list[Round]:
        """Every row in turn, then again: what slows the machine for a while meets all of them."""
        found: list[Round] = []
        for repeat in range(max(self.repeats, self.slow_repeats)):
            for row in rows:
                if repeat >= (self.slow_repeats if row in slow else self.repeats):
                    continue
                try:
                    measured = row.measure(task or self.task)
                except WorkerError as error:
                    print(error, file=sys.stderr, flush=True)
                    label = getattr(row, "label", row.name)
                    self.skip(f"{label}: it failed")
                    self.failed.append(label)
                    continue
                for one in measured:
                    speed = f"{one.seconds:8.3f} s {one.items / one.seconds:9,.0f} images/s"
                    print(f"{repeat + 1}  {one.row:44} {speed}  {one.note}", flush=True)
                    found.append(replace(one, repeat=repeat))
        return found


class Section(ABC):
    """One question that the run answers. ``name`` is what ``--sections`` takes."""

    name: ClassVar[str]

    @abstractmethod
    def measure(self, run: Run) -> Found:
        """Measure; what cannot be measured here is skipped with its reason, not raised."""
