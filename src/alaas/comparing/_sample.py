"""Decoded items in memory, and what an encoder makes of them: its features and its own speed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from alaas.cores import available_cores
from alaas.encoders import EncodedBatch, Encoder
from alaas.errors import EgressError, ItemError, NoUsableItemsError
from alaas.fetching import Fetcher
from alaas.modalities import Decoded
from alaas.sources import Source
from alaas.types import Item

if TYPE_CHECKING:
    from collections.abc import Sequence


def draw(source: Source, encoder: Encoder, fetcher: Fetcher, count: int) -> list[Decoded]:
    """The first ``count`` usable items of the source, decoded; of like length together, as in the pipeline.

    Raises:
        NoUsableItemsError: there is none.
    """
    modality, found = encoder.modality, list[Decoded]()
    for entry in source:
        if len(found) == count:
            break
        if not isinstance(entry, Item):
            continue
        try:
            inline = modality.inline(entry)
            content = fetcher.fetch(entry.uri or "") if inline is None else inline
            found.append(modality.decode(content))
        except (ItemError, EgressError):  # the whole job counts them and says why
            continue
    if not found:
        raise NoUsableItemsError(f"none of the items of {source.describe()} could be used")
    return sorted(found, key=modality.length)


def encode(encoder: Encoder, sample: Sequence[Decoded], batch_size: int) -> tuple[NDArray[np.float32], float]:
    """Encode the sample with calls side by side, one a core.

    Returns:
        Embeddings, or without them probabilities, of shape (n, D); and items a second.
    """
    batches = [sample[first : first + batch_size] for first in range(0, len(sample), batch_size)]
    with ThreadPoolExecutor(available_cores()) as pool:
        list(pool.map(encoder.encode, batches[: available_cores()]))  # first calls allocate
        began = time.perf_counter()
        encoded = list(pool.map(encoder.encode, batches))
        seconds = time.perf_counter() - began
    return np.concatenate([_values(batch) for batch in encoded]), len(sample) / seconds


def differences(found: NDArray[np.float32], expected: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far each row lies from what is expected, as a share of its length; shape (n,)."""
    apart = np.linalg.norm(found.astype(np.float64) - expected, axis=1)
    lengths = np.linalg.norm(expected.astype(np.float64), axis=1)
    return np.asarray(apart / np.maximum(lengths, 1e-12))


def _values(batch: EncodedBatch) -> NDArray[np.float32]:
    values = batch.probs if batch.embeddings is None else batch.embeddings
    assert values is not None  # an encoder provides one of them
    return values
