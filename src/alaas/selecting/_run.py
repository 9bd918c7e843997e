"""One run: the source through the line, the signals to the strategy, the picks back to items."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence

from alaas.errors import NoUsableItemsError, SourceError, UsageError
from alaas.features.pool import Pool, PoolWriter
from alaas.pipeline import Line
from alaas.runtimes import OnProgress, Runtime
from alaas.seeding import generator
from alaas.selecting._gathering import Gathering
from alaas.selecting._query import Query
from alaas.selecting._shards import Candidates
from alaas.settings import config_fingerprint
from alaas.strategies import parameter_values
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
    gathering = Gathering(query, line, runtime, cancel, on_progress)
    # Without features a pool takes a few dozen bytes an item, and needs no shards.
    size = query.config.pipeline.shard_items if line.wanted else None
    with PoolWriter(line.wanted) as writer:
        gathering.run(writer, size)
        pool = writer.finish()
        if not gathering.more():
            return _answer(query, line, gathering, pool)
        candidates = Candidates(query, kept := PoolWriter(line.wanted))
        with kept:
            candidates.add(pool)
            while gathering.more():
                with PoolWriter(line.wanted) as shard:
                    gathering.run(shard, size)
                    candidates.add(shard.finish())
            return _answer(query, line, gathering, candidates.finish(), candidates)


def _answer(
    query: Query, line: Line, gathering: Gathering, pool: Pool, candidates: Candidates | None = None
) -> PoolSelection:
    """Choose from the pool, or from the candidates of all shards."""
    failed = pool.failed if candidates is None else tuple(candidates.failed)
    _check_usable(query, pool, failed, gathering.items)
    began = time.perf_counter()
    rng = generator(query.seed, purpose="select")
    selection = query.strategy.select(pool.signals, query.budget, rng)
    now = time.perf_counter()
    stages = (*gathering.stages(), _select_stage(len(pool), now - began, now - query.began))
    indices = selection.indices
    return PoolSelection(
        indices=indices if candidates is None else candidates.positions(pool, indices),
        scores=selection.scores,
        selected=_chosen(selection, pool),
        failed=failed,
        stats=_stats(gathering.items, now - query.began, gathering.cached, stages),
        provenance=_provenance(query, pool, bool(line.wanted), candidates),
        warnings=_warnings(query, pool, line),
    )


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


def _check_usable(query: Query, pool: Pool, failed: Sequence[FailedItem], entries: int) -> None:
    if entries == 0:
        raise SourceError(f"{query.source.describe()} holds no items; check the path and the file endings")
    if len(pool) == 0:
        first = failed[0]
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


def _provenance(query: Query, pool: Pool, encoded: bool, candidates: Candidates | None) -> Provenance:
    return Provenance(
        strategy=query.strategy.name,
        parameters=parameter_values(query.strategy),
        budget=query.budget,
        seed=query.seed,
        model=query.encoder.name if encoded else None,
        encoder_fingerprint=query.encoder.fingerprint if encoded else None,
        pool_fingerprint=pool.fingerprint if candidates is None else candidates.fingerprint,
        config_fingerprint=config_fingerprint(query.config),
        version=__version__,
        shards=1 if candidates is None else candidates.shards,
        candidates=None if candidates is None else len(pool),
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
