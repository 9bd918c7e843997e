"""One pass over the rows of an array, on all cores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from alaas.cores import available_cores
from alaas.strategies._blocks import blocks
from alaas.types import Floats

BLOCK_BYTES = 1 << 20
"""A block and what several passes compute from it stay in a core's own cache."""

_STRETCH_BYTES = 32 << 20
"""What the cores share out among them before the pages of a memory-mapped file are given back."""

Judge = Callable[[int, Floats], NDArray[np.float64]]
"""From the first row's number and a block of rows to the rows' scores. Called by several threads."""


def scan(
    array: Floats,
    judge: Judge,
    sink: Callable[[int, NDArray[np.float64]], None],
    block_bytes: int = BLOCK_BYTES,
) -> None:
    """Give every block of rows to ``judge`` and its scores to ``sink``, in any order.

    numpy and compiled kernels release the interpreter, so the cores work side by side.
    """
    if array.nbytes <= block_bytes:
        sink(0, judge(0, array))
        return

    def work(task: tuple[int, Floats]) -> None:
        start, rows = task
        sink(start, judge(start, rows))

    stretch_bytes = _STRETCH_BYTES if isinstance(array, np.memmap) else array.nbytes
    with ThreadPoolExecutor(available_cores()) as cores:
        for first, stretch in blocks(array, stretch_bytes):
            tasks = [(first + start, rows) for start, rows in blocks(np.asarray(stretch), block_bytes)]
            for _ in cores.map(work, tasks):
                pass
