"""The default runtime: threads of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from alaas.errors import CancelledError
from alaas.pipeline import Record, Stage
from alaas.runtimes._base import OnProgress, Runtime
from alaas.runtimes._channel import Stopped
from alaas.runtimes._crew import SINK, Crew
from alaas.types import StageStats

_TICK = 0.1


class Local(Runtime):
    """Every stage has its own threads; Pillow, ONNX Runtime, blake3 and sockets release the interpreter.

    ``settings.queue_bytes`` bounds the content that waits between two stages.
    """

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
        """See ``Runtime.run``; ``sink`` and ``on_progress`` are called by the calling thread."""
        crew = Crew(stages, int(self.settings.queue_bytes))
        crew.start(feed)
        done = failed = 0
        told = 0.0
        try:
            while True:
                if cancel is not None and cancel.is_set():
                    raise CancelledError("cancelled; what was computed so far stays in the cache")
                records = crew.outlet.take(SINK, 0.0, patience=_TICK)
                if records is None:
                    break
                if records:
                    sink(records)
                    done += len(records)
                    failed += sum(record.failure is not None for record in records)
                if on_progress is not None and crew.elapsed - told >= _TICK:
                    told = crew.elapsed
                    on_progress(crew.progress(done, failed, total))
        except Stopped:
            raise crew.error or RuntimeError("the run stopped without a reason") from None
        finally:
            crew.dismiss()
        if crew.error is not None:
            raise crew.error
        if on_progress is not None:
            on_progress(crew.progress(done, failed, total))
        return crew.stats()
