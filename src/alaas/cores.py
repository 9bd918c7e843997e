"""How many processor cores this process may really use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


_granted: list[int] = []


def grant_cores(count: int) -> None:
    """Say how many cores this process was given by whoever shares the machine out, such as a cluster."""
    _granted[:] = [max(1, count)]


def available_cores(cgroup: Path = _CGROUP) -> int:
    """Whole cores from the CPU affinity and the cgroup's quota (v2, then v1), at least 1.

    ``os.cpu_count`` counts the machine, which in a container is not ours. A process that was granted fewer
    has these.
    """
    there = _there(cgroup)
    return min(there, *_granted) if _granted else there


def _there(cgroup: Path) -> int:
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota_v2(cgroup) or _quota_v1(cgroup)
    return max(1, min(affinity, math.ceil(quota))) if quota else affinity


def _quota_v2(cgroup: Path) -> float | None:
    try:
        limit, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
        return None if limit == "max" else int(limit) / int(period)
    except (OSError, ValueError):
        return None


def _quota_v1(cgroup: Path) -> float | None:
    try:
        limit = int((cgroup / "cpu/cpu.cfs_quota_us").read_text(encoding="ascii"))
        period = int((cgroup / "cpu/cpu.cfs_period_us").read_text(encoding="ascii"))
        return limit / period if limit > 0 else None
    except (OSError, ValueError):
        return None
