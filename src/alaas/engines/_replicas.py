"""One model on several devices: each batch goes to whoever has the least to do."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from alaas.engines._base import Batch, LoadedModel


class Replicas(LoadedModel):
    """Several loads of one model, called as one.

    A batch runs in the thread of its caller, so that its results are its own whatever the others do, and an
    error is that batch's error alone.

    Args:
        models: the same model, loaded once on each device.
    """

    def __init__(self, models: Sequence[LoadedModel]) -> None:
        first = models[0]
        self.inputs, self.outputs, self.precision = first.inputs, first.outputs, first.precision
        self._models = tuple(models)
        self._waiting = [0] * len(models)
        self._served = [0] * len(models)
        self._lock = threading.Lock()

    @property
    def served(self) -> tuple[int, ...]:
        """Batches that each replica was given, in the order of the devices."""
        return tuple(self._served)

    def run(self, batch: Batch) -> Batch:
        chosen = self._take()
        try:
            return self._models[chosen].run(batch)
        finally:
            with self._lock:
                self._waiting[chosen] -= 1

    def _take(self) -> int:
        """The replica with the shortest queue; of those that are alike, the one that has done the least."""
        with self._lock:
            chosen = min(range(len(self._models)), key=lambda i: (self._waiting[i], self._served[i]))
            self._waiting[chosen] += 1
            self._served[chosen] += 1
            return chosen
