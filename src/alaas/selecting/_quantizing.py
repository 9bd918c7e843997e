"""``alaas models quantize``: the int8 version of a model, from real items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from alaas.config import Config, ModelSettings, SourceSettings
from alaas.encoders import Encoder, Quantized, quantization_method, quantize
from alaas.engines import Batch
from alaas.errors import ItemError
from alaas.fetching import Fetcher
from alaas.modalities import Decoded
from alaas.seeding import generator
from alaas.selecting._selector import Selector
from alaas.settings import load_config
from alaas.sources import Source
from alaas.types import Item

_BATCH = 8

OnCount: TypeAlias = Callable[[int, int], None]


def quantize_model(
    model: str,
    calibrate: str | Path | Source | None = None,
    *,
    items: int = 200,
    config: Config | Path | str | None = None,
    on_count: OnCount = lambda _done, _total: None,
) -> Quantized:
    """Write the int8 version of a model, which ``engine: {precision: int8}`` then uses.

    Args:
        model: a name from ``alaas models list``, ``hf:owner/name`` or the path of an .onnx file.
        calibrate: where items like those to come are; by default the configuration's source. A model of texts
            needs none.
        items: how many of them, drawn at random, show the ranges of what the model computes.
        config: a configuration or the path of its YAML file.
        on_count: called with how many items have been looked at and how many there will be.

    Raises:
        UsageError: no such model, or no source.
        ModelError: the model cannot be had or quantised, or no item can be used.

    Example:
        >>> from alaas.selecting import quantize_model
        >>> quantize_model("efficientnet-lite0", "photos/")  # doctest: +SKIP
        Quantized(path=PosixPath('…/model.int8.onnx'), method='static', items=200, …)
    """
    settings = config if isinstance(config, Config) else load_config(None if config is None else Path(config))
    with Selector(settings) as selector:
        encoder = selector.encoder(_stored(selector, model), None)
        if quantization_method(encoder) == "dynamic":
            return quantize(encoder, ())
        named = SourceSettings(uri=str(calibrate)) if isinstance(calibrate, (str, Path)) else calibrate
        _, source = selector.open_source(named, modality=encoder.modality.name)
        drawn = _drawn(source, items, selector.config.seed)
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            on_count(done, len(drawn))

        return quantize(encoder, _batches(drawn, encoder, selector.fetcher), on_batch=count)


def _stored(selector: Selector, model: str) -> ModelSettings:
    """The settings under which the selector opens the model, on the engine that reads its own file."""
    configured = selector.config.model
    base = configured if configured.name == model else ModelSettings(name=model)
    return base.model_copy(update={"engine": ModelSettings().engine})


def _drawn(source: Source, count: int, seed: int) -> list[Item]:
    """Items of a source, each as likely as any other: a folder lists one class after the other."""
    rng = generator(seed, purpose="calibrate")
    kept: list[Item] = []
    for place, item in enumerate(entry for entry in source if isinstance(entry, Item)):
        if place < count:
            kept.append(item)
        else:
            chosen = int(rng.integers(place + 1))
            if chosen < count:
                kept[chosen] = item
    return kept


def _batches(items: list[Item], encoder: Encoder, fetcher: Fetcher) -> Iterator[Batch]:
    waiting: list[Decoded] = []
    for item in items:
        try:
            content = encoder.modality.inline(item)
            if content is None and item.uri is not None:
                content = fetcher.fetch(item.uri)
            if content is not None:
                waiting.append(encoder.modality.decode(content))
        except ItemError:
            continue  # a bad item shows no range; if all are bad, the model says so
        if len(waiting) == _BATCH:
            yield encoder.modality.collate(waiting)
            waiting = []
    if waiting:
        yield encoder.modality.collate(waiting)
