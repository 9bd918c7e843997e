"""Places where a test may kill the process, to look at what a crash leaves behind."""

from __future__ import annotations

import os
import signal
import threading

_lock = threading.Lock()
_passed: dict[str, int] = {}


def crash_point(name: str) -> None:
    """Kill this process as ``kill -9`` does if the environment variable ``ALAAS_CRASH`` names this place.

    ``ALAAS_CRASH=tell.before-commit`` kills at the first passage, ``tell.before-commit:3`` at the third.
    """
    wanted = os.environ.get("ALAAS_CRASH")
    if not wanted:
        return
    place, _, passage = wanted.partition(":")
    if place != name:
        return
    with _lock:
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] == int(passage or 1):
            os.kill(os.getpid(), signal.SIGKILL)
