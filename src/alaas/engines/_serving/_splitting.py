"""Batches cut to what a server takes at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.engines._base import Batch, LoadedModel, TensorSpec
from alaas.engines._serving._refusal import RefusedError
from alaas.errors import ModelError


class ServedModel(LoadedModel):
    """A model on a server. A subclass says how one batch of a size that the server takes is run.

    A model whose inputs have a fixed first axis gets batches of just that many: the last is filled up with
    its own last row. A server that refuses a batch as too large and says how many it takes is given that
    many from then on.
    """

    precision = "fp32"

    def __init__(self, *, name: str, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]) -> None:
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        sizes = {size for spec in inputs for size in spec.shape[:1] if isinstance(size, int)}
        self._fixed = sizes.pop() if len(sizes) == 1 else None
        self._most = self._fixed

    @abstractmethod
    def ask(self, batch: Batch) -> Batch:
        """Run a batch as it is.

        Raises:
            RefusedError: the server does not take it.
            ModelError: it cannot be run otherwise.
        """

    def run(self, batch: Batch) -> Batch:
        count = self._count(batch)
        if self._most is None or count <= self._most:
            try:
                return self._filled(batch, count)
            except RefusedError as error:
                most = error.most(count)
                if most is None or self._fixed is not None:
                    raise self._described(error, batch) from error
                self._most = min(most, self._most or most)
        step = self._most
        parts = [self.run({n: a[i : i + step] for n, a in batch.items()}) for i in range(0, count, step)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _filled(self, batch: Batch, count: int) -> Batch:
        if self._fixed is None or count == self._fixed:
            found = self.ask(batch)
        else:
            missing = self._fixed - count
            full = {n: np.concatenate([a, np.repeat(a[-1:], missing, axis=0)]) for n, a in batch.items()}
            found = {name: array[:count] for name, array in self.ask(full).items()}
        for name, array in found.items():
            if array.ndim == 0 or array.shape[0] != count:
                raise ModelError(
                    f"{self.name} gave {name!r} of shape {array.shape} for {count} items; expected a row each"
                )
        return found

    def _count(self, batch: Batch) -> int:
        missing = [spec.name for spec in self.inputs if spec.name not in batch]
        if missing or not batch:
            wanted = ", ".join(f"{spec.name} {spec.dtype} {spec.shape}" for spec in self.inputs)
            raise ModelError(f"{self.name} is given no {', '.join(missing) or 'input'}; it takes {wanted}")
        return len(next(iter(batch.values())))

    def _described(self, error: RefusedError, batch: Mapping[str, NDArray[Any]]) -> ModelError:
        got = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in batch.items())
        wanted = ", ".join(f"{spec.name} {spec.dtype} {spec.shape}" for spec in self.inputs)
        return RefusedError(
            f"{self.name} refuses its input: got {got}, it takes {wanted}; {error.message}",
            status=error.status,
            said=error.said,
        )
