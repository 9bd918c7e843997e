"""What the machine can do at best, measured in the same run: matrix products and reading memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from alaas.cores import available_cores

_TRIES = 8
_SIZE = 2048
_READ_BYTES = 400_000_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Floating-point operations a second of sgemm, and bytes a second that all cores read from memory
    together.
    """

    sgemm: float
    bandwidth: float


def measure_limits() -> Limits:
    """The best of several tries of each."""
    rng = np.random.default_rng(0)
    left, right = (rng.random((_SIZE, _SIZE), dtype=np.float32) for _ in range(2))
    product = _best(lambda: left @ right)
    numbers = np.ones(_READ_BYTES // 4, dtype=np.float32)
    parts = np.array_split(numbers, 64)
    with ThreadPoolExecutor(available_cores()) as cores:
        reading = _best(lambda: list(cores.map(np.max, parts)))
    return Limits(sgemm=2.0 * _SIZE**3 / product, bandwidth=numbers.nbytes / reading)


def _best(work: Callable[[], object]) -> float:
    work()
    seconds = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
