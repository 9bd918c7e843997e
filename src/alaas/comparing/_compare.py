"""Speed and selection of one model on every engine, at every precision, on the same items."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alaas.comparing._contenders import Contender, contenders
from alaas.comparing._sample import differences, draw, encode
from alaas.comparing._words import Compared, Comparison
from alaas.config import CacheSettings, Config, SourceSettings
from alaas.errors import ConfigError, ModelError
from alaas.modalities import Decoded
from alaas.selecting import Selector
from alaas.sources import Source

SAMPLE = 256
"""Items that are decoded and kept in memory: to time the model alone, and to compare its embeddings."""


@dataclass(kw_only=True)
class _Measures:
    encode_rates: list[float] = field(default_factory=list)
    job_rates: list[float] = field(default_factory=list)
    picks: frozenset[str] = frozenset()
    features: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))


def compare(
    source: Source | SourceSettings | None = None,
    *,
    config: Config | None = None,
    model: str | None = None,
    budget: int | None = None,
    strategy: str | None = None,
    engines: Sequence[str] | None = None,
    precisions: Sequence[str] | None = None,
    repeats: int = 1,
    sample: int = SAMPLE,
    on_step: Callable[[str], None] = lambda _step: None,
) -> Comparison:
    """Say how fast each engine and precision is, and how much of the fp32 selection it keeps.

    Rows take turns in each repeat, so that a slow moment of the machine meets all of them; medians count.
    Nothing is taken from the feature cache and nothing is put there.

    Args:
        source: where items come from; by default the configuration's.
        config: everything else: the model's own settings, the pipeline, the seed.
        model: a model's name; by default the configuration's, or the modality's default.
        budget: k; by default the configuration's, or 100; never more than there are items.
        strategy: by default ``margin``, or ``k_center`` for a model without class probabilities.
        engines: which; by default all that are on this machine.
        precisions: which; by default all that these engines offer.
        repeats: times that everything is measured.
        sample: items that are decoded beforehand.
        on_step: called with a sentence before each step.

    Raises:
        ConfigError: the items need no model.
        ModelError: no engine runs the model.
        UnknownNameError: there is no such engine, strategy or model.
    """
    settings = (config or Config()).model_copy(update={"cache": CacheSettings(enabled=False)})
    with Selector(settings) as selector:
        modality, opened = selector.open_source(source, model=model)
        own = settings.model if model is None else settings.model.model_copy(update={"name": model})
        if own.name is None and modality == "table":
            raise ConfigError("rows of a table need no model, so there are no engines to compare")
        on_step("loading")
        found, left_out = contenders(selector, own, modality, named=engines, precisions=precisions)
        if not found:
            reasons = "; ".join(f"{out.engine} ({out.precision}): {out.reason}" for out in left_out)
            raise ModelError(f"no engine on this machine runs the model as asked. {reasons}")
        encoder = found[0].encoder
        decoded = draw(opened, encoder, selector.fetcher, sample)
        chosen = strategy or ("margin" if "probs" in encoder.provides else "k_center")
        if not opened.remote:
            on_step("reading every item once")
            selector.select(opened, budget=1, strategy="random", model=own, modality=modality)
        wanted = budget or settings.budget or 100
        measures = [_Measures() for _ in found]
        for _ in range(repeats):
            for contender, kept in zip(found, measures, strict=True):
                on_step(f"{contender.engine} {contender.precision}")
                items = _measure(selector, contender, kept, opened, decoded, wanted, chosen)
    return Comparison(
        model=encoder.name,
        source=opened.describe(),
        items=items,
        sample=len(decoded),
        budget=len(measures[0].picks),
        strategy=chosen,
        repeats=repeats,
        rows=tuple(
            _row(contender, kept, measures[0]) for contender, kept in zip(found, measures, strict=True)
        ),
        left_out=tuple(left_out),
    )


def _measure(
    selector: Selector,
    contender: Contender,
    kept: _Measures,
    source: Source,
    decoded: Sequence[Decoded],
    budget: int,
    strategy: str,
) -> int:
    """Measure one row once; returns how many items the source has."""
    kept.features, rate = encode(contender.encoder, decoded, contender.model.batch_size)
    kept.encode_rates.append(rate)
    selection = selector.select(
        source,
        budget=budget,
        strategy=strategy,
        model=contender.model,
        modality=contender.encoder.modality.name,
    )
    kept.job_rates.append(selection.stats.items / selection.stats.seconds)
    kept.picks = frozenset(selection.ids)
    return selection.stats.items


def _row(contender: Contender, kept: _Measures, reference: _Measures) -> Compared:
    apart = differences(kept.features, reference.features)
    return Compared(
        engine=contender.engine,
        precision=contender.precision,
        runs=contender.encoder.fingerprint.rpartition(" | ")[2],
        encode_rate=statistics.median(kept.encode_rates),
        job_rate=statistics.median(kept.job_rates),
        overlap=len(kept.picks & reference.picks) / len(reference.picks),
        mean_difference=float(apart.mean()),
        max_difference=float(apart.max()),
    )
