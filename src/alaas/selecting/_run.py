"""One run: the source through the line, the signals to the strategy, the picks back to items."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from alaas.config import Config
from alaas.encoders import Encoder
from alaas.errors import CancelledError, LimitError, NoUsableItemsError, SourceError, UsageError
from alaas.features.pool import Pool, PoolWriter
from alaas.pipeline import Line, Record
from alaas.runtimes import OnProgress, Runtime
from alaas.seeding import generator
from alaas.settings import config_fingerprint
from alaas.sources import Source
from alaas.strategies import Strategy, parameter_values
from alaas.types import (
    FailedItem,
    Item,
    PoolSelection,
    Provenance,
    RunStats,
    SelectedItem,
    Selection,
    StageStats,
)
from alaas.version import __version__


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked of one run; ``began`` is when, on the clock of ``time.perf_counter``."""

    source: Source
    strategy: Strategy
    budget: int
    seed: int
    encoder: Encoder
    config: Config
    began: float


def run(
    query: Query,
    line: Line,
    runtime: Runtime,
    cancel: threading.Event,
    on_progress: OnProgress | None = None,
) -> PoolSelection:
    """Answer a query.

    Raises:
        UsageError: the encoder does not provide what the strategy needs, or the source is empty.
        NoUsableItemsError: every item was bad.
        CancelledError: ``cancel`` was set.
    """
    _check_provides(query)
    if line.modality.prepares:
        line.modality.prepare(entry for entry in query.source if isinstance(entry, Item))
    with PoolWriter(line.wanted) as writer:
        tally = _Tally(writer)
        feed = _feed(query, writer)
        if line.wanted or query.config.pipeline.verify:
            total = query.source.total
            stages = runtime.run(
                feed, line.stages(), tally, total=total, cancel=cancel, on_progress=on_progress
            )
        else:
            stages = ()
            for record in feed:
                if cancel.is_set():
                    raise CancelledError("cancelled while listing the source")
                tally([record])
        pool = writer.finish()
        _check_usable(query, pool, len(writer))
        began = time.perf_counter()
        rng = generator(query.seed, purpose="select")
        selection = query.strategy.select(pool.signals, query.budget, rng)
        now = time.perf_counter()
        stages = (*stages, _select_stage(len(pool), now - began, now - query.began))
        return PoolSelection(
            indices=selection.indices,
            scores=selection.scores,
            selected=_chosen(selection, pool),
            failed=pool.failed,
            stats=_stats(len(writer), now - query.began, tally.cached, stages),
            provenance=_provenance(query, pool, bool(line.wanted)),
            warnings=_warnings(query, pool, line),
        )


class _Tally:
    """Takes finished records off the line."""

    def __init__(self, writer: PoolWriter) -> None:
        self._writer = writer
        self.cached = 0

    def __call__(self, records: list[Record]) -> None:
        for record in records:
            if record.failure is not None:
                self._writer.fail(record.row, record.failure)
        sound = [record for record in records if record.failure is None]
        self._writer.keep((record.row, record.digest, record.features) for record in sound)
        self.cached += sum(record.cached for record in sound)


def _feed(query: Query, writer: PoolWriter) -> Iterator[Record]:
    most = query.config.limits.max_items
    for entry in itertools.islice(query.source, most + 1):
        if len(writer) == most:
            raise LimitError(
                f"{query.source.describe()} holds more than {most} items; raise limits.max_items or "
                "name a part of it"
            )
        if isinstance(entry, FailedItem):  # a bad row of a manifest: reported, never on the line
            item = Item(id=entry.id, uri=entry.uri)
            yield Record(row=writer.admit(item), item=item, failure=entry, finished=True)
        else:
            yield Record(row=writer.admit(entry), item=entry)


def _check_provides(query: Query) -> None:
    computed = query.strategy.needs & {"embeddings", "probs"}
    missing = computed - query.encoder.provides
    foreign = query.strategy.needs - {"embeddings", "probs", "costs"}
    if missing:
        raise UsageError(
            f"strategy {query.strategy.name!r} needs {' and '.join(sorted(missing))}, but model "
            f"{query.encoder.name!r} provides {' and '.join(sorted(query.encoder.provides))} only; choose "
            "a strategy that works on embeddings, such as 'k_means' or 'k_center', or a model "
            "with a classification head"
        )
    if foreign:
        raise UsageError(
            f"strategy {query.strategy.name!r} needs {' and '.join(sorted(foreign))}, which a single query "
            "over a source does not have; pass the arrays to alaas.query instead"
        )


def _check_usable(query: Query, pool: Pool, entries: int) -> None:
    if entries == 0:
        raise SourceError(f"{query.source.describe()} holds no items; check the path and the file endings")
    if len(pool) == 0:
        first = pool.failed[0]
        raise NoUsableItemsError(
            f"none of the {entries} items of {query.source.describe()} could be used; "
            f"the first, {first.id!r}: {first.reason}"
        )


def _chosen(selection: Selection, pool: Pool) -> tuple[SelectedItem, ...]:
    return tuple(
        SelectedItem(item=pool.item(int(index)), score=None if math.isnan(score) else float(score), rank=rank)
        for rank, (index, score) in enumerate(zip(selection.indices, selection.scores, strict=True))
    )


def _select_stage(items: int, seconds: float, span: float) -> StageStats:
    busy = seconds / max(span, 1e-9)
    return StageStats(
        name="select",
        workers=1,
        items=items,
        batches=1,
        seconds=seconds,
        busy=busy,
        queue=0.0,
        capacity=items,
    )


def _stats(items: int, seconds: float, cached: int, stages: tuple[StageStats, ...]) -> RunStats:
    busiest = max(stages, key=lambda stage: stage.busy)
    return RunStats(items=items, seconds=seconds, cache_hits=cached, stages=stages, bottleneck=busiest.name)


def _provenance(query: Query, pool: Pool, encoded: bool) -> Provenance:
    return Provenance(
        strategy=query.strategy.name,
        parameters=parameter_values(query.strategy),
        budget=query.budget,
        seed=query.seed,
        model=query.encoder.name if encoded else None,
        encoder_fingerprint=query.encoder.fingerprint if encoded else None,
        pool_fingerprint=pool.fingerprint,
        config_fingerprint=config_fingerprint(query.config),
        version=__version__,
    )


def _warnings(query: Query, pool: Pool, line: Line) -> tuple[str, ...]:
    warnings = []
    if query.budget > len(pool):
        warnings.append(
            f"the budget of {query.budget} is larger than the pool: all {len(pool)} usable items were chosen"
        )
    if line.cache is not None and line.cache.trouble:
        warnings.append(line.cache.trouble)
    return tuple(warnings)
