"""The machine: Python, processor, cores, memory, disk."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from pathlib import Path

from alaas.cores import available_cores
from alaas.doctor._words import Finding, Group
from alaas.processor import processor
from alaas.version import __version__

_MEMINFO = Path("/proc/meminfo")
_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_LITTLE_MEMORY = 1_000_000_000
LITTLE_ROOM = 1_000_000_000
"""Bytes free, below which a run over a larger pool may fail."""


def machine() -> Group:
    """What everything runs on."""
    python = f"{platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}"
    return Group(
        title="machine",
        findings=(
            Finding(name="alaas", detail=__version__),
            Finding(name="python", detail=python),
            _processor(),
            _cores(),
            _memory(),
            room("scratch", Path(tempfile.gettempdir()), mend="make room there, or set TMPDIR"),
        ),
    )


def room(name: str, folder: Path, *, mend: str) -> Finding:
    """Whether the folder's disk can be written and has room; one that is to be made counts as its parent."""
    standing = folder
    while not standing.exists() and standing != standing.parent:
        standing = standing.parent
    try:
        free = shutil.disk_usage(standing).free
    except OSError as error:
        return Finding(name=name, state="doubtful", detail=f"{folder}: {error.strerror}", mend=mend)
    said = f"{folder}, {free / 1e9:,.1f} GB free"
    if not os.access(standing, os.W_OK):
        return Finding(name=name, state="doubtful", detail=f"{said}, cannot be written", mend=mend)
    return Finding(
        name=name,
        state="good" if free >= LITTLE_ROOM else "doubtful",
        detail=said,
        mend=None if free >= LITTLE_ROOM else mend,
    )


def _processor() -> Finding:
    found = processor()
    return Finding(name="processor", detail=", ".join([found.model, *found.units]))


def _cores() -> Finding:
    cores, all_of_them = available_cores(), os.cpu_count() or 1
    whole = f" of {all_of_them}: affinity or the container allows no more" if cores < all_of_them else ""
    return Finding(name="cores", detail=f"{cores}{whole}")


def _memory() -> Finding:
    total, free = _meminfo("MemTotal"), _meminfo("MemAvailable")
    if total is None or free is None:
        return Finding(name="memory", state="doubtful", detail="this system does not say how much there is")
    limit = next((found for found in map(_limit, _LIMITS) if found is not None), None)
    if limit is not None and limit < total:
        return Finding(name="memory", detail=f"{limit / 1e9:,.1f} GB by the container's limit")
    return Finding(
        name="memory",
        state="good" if free >= _LITTLE_MEMORY else "doubtful",
        detail=f"{total / 1e9:,.1f} GB, {free / 1e9:,.1f} GB available",
        mend=None if free >= _LITTLE_MEMORY else "end something else before a large run",
    )


def _meminfo(field: str) -> int | None:
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), None)


def _limit(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
