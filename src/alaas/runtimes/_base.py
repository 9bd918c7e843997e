"""The contract of a runtime: where the pipeline's stages run."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alaas.config import PipelineSettings
from alaas.pipeline import Record, Stage
from alaas.types import StageStats


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """A glance at a run: ``done`` of ``total`` records have left the line, ``failed`` of them bad."""

    done: int
    failed: int
    total: int | None
    seconds: float
    stages: tuple[StageStats, ...]


OnProgress = Callable[[Progress], None]


class Runtime(ABC):
    """Runs stages over a stream of records.

    - All stages run at the same time; queues between them are bounded, so a slow stage holds back the ones
      before it and memory does not grow with the number of records.
    - A record that a stage finishes (``record.finished``) goes straight to ``sink``.
    - Records may reach ``sink`` in any order; they carry their place in ``record.row``.

    Args:
        settings: workers, queues and whatever else the runtime reads of them.
    """

    def __init__(self, settings: PipelineSettings | None = None) -> None:
        self.settings = settings or PipelineSettings()

    @abstractmethod
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
        """Run until the feed ends and every record has reached ``sink``, which one thread calls.

        Raises:
            CancelledError: ``cancel`` was set; returns within a second of it.
            Exception: what ``feed``, a stage or ``sink`` raised; the run stops.
        """
