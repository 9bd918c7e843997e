"""From the source through the line into a pool: all at once, or a part after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from alaas.errors import CancelledError, LimitError
from alaas.features.pool import PoolWriter
from alaas.pipeline import Line, Record
from alaas.runtimes import OnProgress, Progress, Runtime
from alaas.selecting._query import Query
from alaas.types import FailedItem, Item, StageStats


class Gathering:
    """Takes a source apart.

    Args:
        query: its source, and the limits.
        line: what computes features.
        runtime: where the line runs.
        cancel: set to stop.
        on_progress: told how much of the whole source is done, whichever part is in work.

    ``items`` have been read so far, ``cached`` of them known to the cache.
    """

    def __init__(
        self,
        query: Query,
        line: Line,
        runtime: Runtime,
        cancel: threading.Event,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._query, self._line, self._runtime = query, line, runtime
        self._cancel, self._on_progress = cancel, on_progress
        self._entries = iter(query.source)
        self._ahead: list[Item | FailedItem] = []
        self._parts: list[tuple[StageStats, ...]] = []
        self._failed = 0
        self.items = self.cached = 0

    def run(self, writer: PoolWriter, most: int | None = None) -> None:
        """Bring the next ``most`` items of the source, or all that are left, into a pool.

        Raises:
            LimitError: the source holds more than may be.
            CancelledError: ``cancel`` was set.
        """
        before, failed, began = self.items, self._failed, time.perf_counter()

        def tell(progress: Progress) -> None:
            if self._on_progress is not None:
                self._on_progress(
                    replace(
                        progress,
                        done=before + progress.done,
                        failed=failed + progress.failed,
                        total=self._query.source.total,
                        seconds=began - self._query.began + progress.seconds,
                    )
                )

        def take(records: list[Record]) -> None:
            for record in records:
                if record.failure is not None:
                    writer.fail(record.row, record.failure)
                    self._failed += 1
            sound = [record for record in records if record.failure is None]
            writer.keep((record.row, record.digest, record.features) for record in sound)
            self.cached += sum(record.cached for record in sound)

        feed = self._feed(writer, most)
        if not self._line.wanted and not self._query.config.pipeline.verify:
            for record in feed:
                if self._cancel.is_set():
                    raise CancelledError("cancelled while listing the source")
                take([record])
            return
        stages, total = self._line.stages(), self._query.source.total
        told = tell if self._on_progress is not None else None
        self._parts.append(
            self._runtime.run(feed, stages, take, total=total, cancel=self._cancel, on_progress=told)
        )

    def more(self) -> bool:
        """Whether the source holds more."""
        if not self._ahead:
            self._ahead = [entry for entry in (next(self._entries, None),) if entry is not None]
        return bool(self._ahead)

    def stages(self) -> tuple[StageStats, ...]:
        """What the stages have done, in all parts together."""
        if len(self._parts) <= 1:
            return self._parts[0] if self._parts else ()
        span = time.perf_counter() - self._query.began
        return tuple(_together(counts, span) for counts in zip(*self._parts, strict=True))

    def _feed(self, writer: PoolWriter, most: int | None) -> Iterator[Record]:
        limit, last = self._query.config.limits.max_items, None if most is None else self.items + most
        while (last is None or self.items < last) and self.more():
            entry = self._ahead.pop()
            if self.items == limit:
                raise LimitError(
                    f"{self._query.source.describe()} holds more than {limit} items; raise limits.max_items "
                    "or name a part of it"
                )
            self.items += 1
            if isinstance(entry, FailedItem):  # a bad row of a manifest: reported, never on the line
                item = Item(id=entry.id, uri=entry.uri)
                yield Record(row=writer.admit(item), item=item, failure=entry, finished=True)
            else:
                yield Record(row=writer.admit(entry), item=entry)


def _together(parts: tuple[StageStats, ...], span: float) -> StageStats:
    seconds, workers = sum(part.seconds for part in parts), max(part.workers for part in parts)
    return replace(
        parts[0],
        workers=workers,
        items=sum(part.items for part in parts),
        batches=sum(part.batches for part in parts),
        seconds=seconds,
        busy=min(1.0, seconds / (max(span, 1e-9) * workers)),
        queue=sum(part.queue for part in parts) / len(parts),
    )
