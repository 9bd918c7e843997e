"""What the machine can do at best, measured around each call: matrix products and reading memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.cores import available_cores

_TRIES = 4
_SIZE = 2048
_READ_BYTES = 400_000_000


def sgemm() -> float:
    """Floating-point operations a second of a large product in float32."""
    left, right = _matrices()
    return 2.0 * _SIZE**3 / _best(lambda: left @ right)


def bandwidth() -> float:
    """Bytes a second that all cores together read from memory."""
    numbers = _numbers()
    parts = np.array_split(numbers, 64)
    with ThreadPoolExecutor(available_cores()) as cores:
        return numbers.nbytes / _best(lambda: list(cores.map(np.max, parts)))


GAUGES: dict[str, Callable[[], float]] = {"sgemm": sgemm, "bandwidth": bandwidth}


@cache
def _matrices() -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(0)
    return rng.random((_SIZE, _SIZE), dtype=np.float32), rng.random((_SIZE, _SIZE), dtype=np.float32)


@cache
def _numbers() -> NDArray[Any]:
    return np.ones(_READ_BYTES // 4, dtype=np.float32)


def _best(work: Callable[[], object]) -> float:
    work()
    seconds = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
