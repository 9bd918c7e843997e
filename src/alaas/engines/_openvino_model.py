"""A model that OpenVINO has compiled, called from many threads."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from alaas.engines._base import Batch, LoadedModel, ModelHeader
from alaas.engines._devices import bound
from alaas.engines._onnx_engine import refusal
from alaas.errors import ModelError

_OFTEN = 16
"""Batches of one size, more than of all other sizes, after which a model for just that size is compiled."""

_LARGEST = 256 * 2**20
"""Bytes of a model file beyond which no second copy is made for that."""

Build = Callable[[Mapping[str, Sequence[int]] | None], Any]


class OpenvinoModel(LoadedModel):
    """Runs any batch on a model of free shape, and the size of batch that keeps coming on one of fixed shape.

    The fixed one saves about a tenth of the time and gives the same numbers to the last bit. It exists once,
    and only where nothing but the batch is free.

    Args:
        path: the model file, for messages.
        header: what the file says of itself.
        build: compiles it, for given shapes of the inputs or for any.
        precision: what it computes in.
        cores: what the calling thread is bound to while it runs; none: to nothing.
    """

    def __init__(
        self, path: Path, header: ModelHeader, *, build: Build, precision: str, cores: Sequence[int]
    ) -> None:
        self.inputs, self.outputs, self.precision = header.inputs, header.outputs, precision
        self._path, self._build, self._cores = path, build, tuple(cores)
        self._free = _Compiled(build(None))
        self._fixed: dict[int, _Compiled] = {}
        self._counts: Counter[int] = Counter()
        self._compiling = False
        self._lock = threading.Lock()
        self._batch_only = path.stat().st_size <= _LARGEST and all(
            spec.shape and all(isinstance(size, int) for size in spec.shape[1:]) for spec in self.inputs
        )

    def run(self, batch: Batch) -> Batch:
        try:
            self._check(batch)
            with bound(self._cores):
                values = self._for(batch).run({spec.name: batch[spec.name] for spec in self.inputs})
        except ModelError:
            raise
        except Exception as error:
            raise refusal(self._path, self.inputs, batch, error) from error
        return dict(zip((spec.name for spec in self.outputs), values, strict=True))

    def _check(self, batch: Batch) -> None:
        """OpenVINO by itself would convert another type, and compute a missing input from what is left."""
        for spec in self.inputs:
            if spec.name not in batch or str(batch[spec.name].dtype) != spec.dtype:
                problem = TypeError(f"{spec.name} is missing or not {spec.dtype}")
                raise refusal(self._path, self.inputs, batch, problem)

    def _for(self, batch: Batch) -> _Compiled:
        if not self._batch_only:
            return self._free
        size = len(batch[self.inputs[0].name])
        found = self._fixed.get(size)
        if found is not None or self._fixed:
            return found or self._free
        shapes = {spec.name: batch[spec.name].shape for spec in self.inputs}
        with self._lock:
            self._counts[size] += 1
            usual = 2 * self._counts[size] > self._counts.total()
            due = self._counts[size] >= _OFTEN and usual and not self._compiling
            self._compiling |= due
        if due:  # this caller compiles, the others go on meanwhile
            self._fixed[size] = _Compiled(self._build(shapes))
        return self._fixed.get(size, self._free)


class _Compiled:
    """One compiled model and the requests that nobody uses just now."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run(self, feed: Batch) -> list[Any]:
        try:
            request = self._idle.get_nowait()
        except queue.Empty:
            request = self._compiled.create_infer_request()
        try:
            request.infer(dict(feed), share_inputs=True, share_outputs=True)
            # The request's memory is written again by its next call.
            return [tensor.data.copy() for tensor in request.output_tensors]
        finally:
            self._idle.put(request)
