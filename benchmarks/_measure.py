"""Seconds and memory of one call, in the process that makes it; knows nothing of what is called."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks._memory import high_water, reset_high_water, resident
from benchmarks._worker import Message

_ENOUGH = 15.0
"""Seconds of calls after which no further repeat is made."""


def measured(
    choose: Callable[[int], Sequence[int]], repeats: int, gauge: Callable[[], float] | None = None
) -> Message:
    """Call ``choose`` with the seeds 0, 1, … (fewer when it is slow); the best time counts, and the most
    memory.

    ``extra`` is the memory that came on top of what was resident before the call, ``most`` all that was
    resident. ``gauge`` measures what the machine can do, before and after each call, so that a slow moment
    slows both; ``work`` is then the median of the seconds times the mean of the two: what the machine could
    have done in that time.
    """
    seconds, extra, most, work, picks = [], 0, 0, [], []
    for seed in range(repeats):
        if sum(seconds) > _ENOUGH:
            break
        rate = gauge() if gauge else 0.0
        before = resident(os.getpid())
        reset_high_water()
        began = time.perf_counter()
        chosen = [int(pick) for pick in choose(seed)]
        seconds.append(time.perf_counter() - began)
        picks = picks or chosen  # those of seed 0, whatever the number of repeats
        most, extra = max(most, high_water()), max(extra, high_water() - before)
        work.append(seconds[-1] * (rate + (gauge() if gauge else 0.0)) / 2)
    return {
        "seconds": min(seconds),
        "extra": extra,
        "most": most,
        "picks": picks,
        "work": statistics.median(work),
    }
