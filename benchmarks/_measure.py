"""Seconds and memory of one call, in the process that makes it; knows nothing of what is called."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from benchmarks._memory import high_water, reset_high_water, resident
from benchmarks._worker import Message


def measured(choose: Callable[[int], Sequence[int]], repeats: int) -> Message:
    """Call ``choose`` with the seeds 0, 1, …; the best time counts, and the most memory.

    ``extra`` is the memory that came on top of what was resident before the call, ``most`` all that was
    resident.
    """
    seconds, extra, most, picks = [], 0, 0, []
    for seed in range(repeats):
        before = resident(os.getpid())
        reset_high_water()
        began = time.perf_counter()
        picks = [int(pick) for pick in choose(seed)]
        seconds.append(time.perf_counter() - began)
        most, extra = max(most, high_water()), max(extra, high_water() - before)
    return {"seconds": min(seconds), "extra": extra, "most": most, "picks": picks}
