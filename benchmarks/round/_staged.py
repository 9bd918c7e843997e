"""Ours without overlap: a runtime that finishes each stage for the whole pool before the next begins.

Each stage keeps its own threads, so that the difference to the default runtime is the overlap alone.
``alaas.runtimes.sequential`` would take the threads away as well.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from alaas.config import PipelineSettings
from alaas.pipeline import Record, Stage
from alaas.runtimes import OnProgress, Runtime
from alaas.runtimes.local import Local
from alaas.types import StageStats


class Staged(Runtime):
    """Runs the local runtime once for each stage. Holds the whole pool in memory, decoded."""

    def __init__(self, settings: PipelineSettings | None = None) -> None:
        self._local = Local(settings)

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
        """See ``Runtime.run``."""
        del total, on_progress  # nobody watches a measured run
        stats: list[StageStats] = []
        waiting = list(feed)
        for stage in stages:
            leaving: list[Record] = []
            stats += self._local.run(waiting, [stage], leaving.extend, cancel=cancel)
            sink([record for record in leaving if record.finished])
            waiting = sorted((r for r in leaving if not r.finished), key=lambda record: record.row)
        sink(waiting)
        return tuple(stats)


def offer_staged(folder: Path) -> dict[str, str]:
    """The environment in which processes know ``runtime: staged``, as from a plug-in package."""
    home = folder / "alaas_benchmarks-1.dist-info"
    home.mkdir(parents=True, exist_ok=True)
    (home / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: alaas-benchmarks\nVersion: 1\n", encoding="utf-8"
    )
    (home / "entry_points.txt").write_text(
        "[alaas.runtimes]\nstaged = benchmarks.round._staged:Staged\n", encoding="utf-8"
    )
    return {"PYTHONPATH": str(folder)}
