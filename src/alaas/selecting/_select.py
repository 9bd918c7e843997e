"""``alaas.select``: the whole job in one call."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from alaas.config import Config, SourceSettings
from alaas.runtimes import OnProgress
from alaas.selecting._selector import Selector
from alaas.settings import load_config
from alaas.sources import ItemsSource, Source
from alaas.strategies import Strategy
from alaas.types import Item, ModalityName, PoolSelection


def select(
    source: str | Path | Source | Iterable[str | Item] | None = None,
    *,
    budget: int | None = None,
    strategy: str | Strategy | None = None,
    model: str | None = None,
    modality: ModalityName | None = None,
    seed: int | None = None,
    cache: bool | None = None,
    config: Config | Path | str | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> PoolSelection:
    """Choose the ``budget`` items of a source that are most worth labelling.

    What is left out comes from ``config``, then from the environment, then from the defaults.

    Args:
        source: a folder, glob, manifest, text file or address; a list of URIs or of items; or a source.
        budget: how many items; more than the pool holds gives all of them, with a warning.
        strategy: a name from ``alaas strategies``, or a strategy made with parameters of its own.
        model: a name from ``alaas models list``, ``hf:owner/name`` or the path of an .onnx file.
        modality: ``image``, ``text`` or ``table``; by default the model's, or guessed from the source.
        seed: the same seed over the same pool gives the same choice.
        cache: False computes everything afresh and stores nothing.
        config: a configuration or the path of its YAML file.
        on_progress: called about ten times a second with a ``Progress``.
        cancel: set it from another thread to stop within a second.

    Returns:
        The chosen items in order, those that failed with the reason, and how it went.

    Raises:
        UsageError: what was asked for cannot be done; the message says how to ask instead.
        ModelError: the model could not be obtained or loaded.
        NoUsableItemsError: every item was bad.
        CancelledError: ``cancel`` was set.

    Example:
        >>> import alaas
        >>> chosen = alaas.select("photos/", budget=100, strategy="k_center")  # doctest: +SKIP
        >>> chosen.ids[:3]  # doctest: +SKIP
        ['IMG_0042.jpg', 'IMG_1178.jpg', 'holiday/IMG_0003.jpg']
    """
    settings = config if isinstance(config, Config) else load_config(None if config is None else Path(config))
    with Selector(settings) as selector:
        return selector.select(
            _source(source),
            budget=budget,
            strategy=strategy,
            model=model,
            modality=modality,
            seed=seed,
            use_cache=cache,
            on_progress=on_progress,
            cancel=cancel,
        )


def _source(source: str | Path | Source | Iterable[str | Item] | None) -> Source | SourceSettings | None:
    if source is None or isinstance(source, Source):
        return source
    if isinstance(source, (str, Path)):
        return SourceSettings(uri=str(source))
    entries = list(source)
    if all(isinstance(entry, str) for entry in entries):
        return SourceSettings(uri=[str(entry) for entry in entries])
    return ItemsSource([entry if isinstance(entry, Item) else Item(id=entry, uri=entry) for entry in entries])
