"""Peak memory of a process and all that it started, read from /proc."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def process_tree(pid: int) -> list[int]:
    """The process and its descendants that live now."""
    tree = [pid]
    for parent in tree:  # grows while it is walked
        try:
            tasks = list((_PROC / str(parent) / "task").iterdir())
            for task in tasks:
                tree.extend(int(child) for child in (task / "children").read_text(encoding="ascii").split())
        except OSError:
            continue  # it has just ended
    return tree


def resident(pid: int) -> int:
    """Bytes resident in a process, those that it shares with others included."""
    try:
        return int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def proportional(pid: int) -> int:
    """Bytes resident in a process, pages shared by k processes counted as 1/k; fair to forking servers."""
    try:
        rollup = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return resident(pid)
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def high_water(pid: int | str = "self") -> int:
    """The kernel's own mark of the most that was ever resident in one process (VmHWM), bytes."""
    status = (_PROC / str(pid) / "status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def reset_high_water() -> None:
    """Let this process's mark start anew from what is resident now."""
    (_PROC / "self" / "clear_refs").write_text("5", encoding="ascii")


class PeakMemory:
    """Samples the memory of process trees while its block runs; ``peak`` holds the most, in bytes.

    Args:
        pids: the roots of the trees.
        interval: seconds between samples. Sampling costs the measured machine about a millisecond each.
        shared: True counts shared pages in every process; False shares them out.
    """

    def __init__(self, *pids: int, interval: float = 0.25, shared: bool = False) -> None:
        self._pids = pids
        self._interval = interval
        self._measure = resident if shared else proportional
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="peak-memory", daemon=True)
        self.peak = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self._sample()

    def _sample(self) -> None:
        tree = {member for pid in self._pids for member in process_tree(pid)}
        self.peak = max(self.peak, sum(self._measure(member) for member in tree))
