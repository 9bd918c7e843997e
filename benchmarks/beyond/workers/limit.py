"""The decoder alone and the engine alone on all cores, with whatever engine a configuration names.

Its argument is the ``model`` section as JSON. Contents are in memory before the clock starts; collating,
hashing, storing and selecting are not counted.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from alaas.config import LimitSettings, ModelSettings
from alaas.cores import available_cores
from alaas.encoders import open_encoder
from alaas.engines import LoadedModel, open_engine
from alaas.modalities import Decoded, Modality
from benchmarks._worker import Message, serve

_BATCHES = (1, 4, 8, 16)
_TRIAL = 128
"""Images for which each batch size is tried before the whole is measured with the best."""

_COLLATED = 256
"""Images that are ready as model input at once, 150 MB in fp32; a larger pool goes over them again."""

T = TypeVar("T")


def main() -> None:
    """Answer until stdin ends."""
    model = ModelSettings.model_validate_json(sys.argv[1])
    encoder = open_encoder(model, modality="image", limits=LimitSettings())
    graph, modality = encoder.graph(), encoder.modality
    assert graph is not None
    example = modality.collate([modality.example()] * model.batch_size)
    engine = open_engine(model.engine, threads=model.threads).settled(graph.path, lambda: example)
    loaded = engine.load(graph.path)
    info = engine.info

    def answer(question: Message) -> Message:
        contents = [Path(uri).read_bytes() for uri in question["uris"]]
        began = time.perf_counter()
        decoded = _side_by_side(modality.decode, contents)
        decode_seconds = time.perf_counter() - began
        tried = {batch: _engine(loaded, modality, decoded, _TRIAL, batch) for batch in _BATCHES}
        best = min(tried, key=tried.__getitem__)
        return {
            "decode_seconds": decode_seconds,
            "engine_seconds": _engine(loaded, modality, decoded, len(decoded), best),
            "runs": f"{info.name} {info.version} {info.precision}, batch {best}",
        }

    serve(answer)


def _engine(
    loaded: LoadedModel, modality: Modality, decoded: Sequence[Decoded], count: int, batch: int
) -> float:
    few = decoded[: min(_COLLATED, count)]
    inputs = [modality.collate(few[first : first + batch]) for first in range(0, len(few), batch)]
    whole = [feed for feed in inputs if len(next(iter(feed.values()))) == batch] or inputs
    queue = [whole[number % len(whole)] for number in range(math.ceil(count / batch))]
    _side_by_side(loaded.run, queue[: 2 * available_cores()])
    began = time.perf_counter()
    _side_by_side(loaded.run, queue)
    return time.perf_counter() - began


def _side_by_side(call: Callable[[Any], T], queue: Sequence[Any]) -> list[T]:
    with ThreadPoolExecutor(available_cores()) as pool:
        return list(pool.map(call, queue))


if __name__ == "__main__":
    main()
