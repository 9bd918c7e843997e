"""Names of workers that say, to others on the same machine, whether their process still lives."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

_PROC = Path("/proc")
_UNKNOWN = "-"
_DEAD = frozenset("ZX")
"""States of a process that has ended and that nobody has looked after yet."""


def worker_name() -> str:
    """A name that no other worker has: ``host:boot:pid:start:random``.

    ``boot`` names the running kernel and the processes it shows us: a container has process numbers of its
    own, and may share its host's name. ``start`` tells a process from a later one with the same number.
    """
    host = socket.gethostname().replace(":", "_") or _UNKNOWN
    pid = os.getpid()
    return ":".join((host, _boot(), str(pid), _start(pid) or _UNKNOWN, secrets.token_hex(4)))


def is_gone(worker: str) -> bool:
    """Whether the worker's process has certainly ended; False when nothing can be known from here."""
    parts = worker.split(":")
    if len(parts) != 5 or _UNKNOWN in parts[1:4]:
        return False
    host, boot, pid, start, _ = parts
    mine = socket.gethostname().replace(":", "_") or _UNKNOWN
    if host != mine or boot != _boot() or not pid.isdecimal():
        return False
    return _start(int(pid)) != start


def _boot() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        processes = (_PROC / "self/ns/pid").readlink().name
    except OSError:
        return _UNKNOWN
    return f"{boot}/{processes.strip('pid:[]')}"


def _start(pid: int) -> str | None:
    """When the process began, in ticks since the machine did; None if there is no such process."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in _DEAD else fields[19]
