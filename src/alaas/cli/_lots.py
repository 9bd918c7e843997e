"""Lines that come in, gathered into small lots so that a fast feed costs little and a slow one no time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from typing import TextIO


def lots(lines: TextIO, *, most: int, linger: float) -> Iterator[list[str]]:
    """Lots of at least one and at most ``most`` lines, none of which waits longer than ``linger`` seconds.

    At most two lots' worth of lines is read ahead.
    """
    waiting: queue.Queue[str | OSError | None] = queue.Queue(maxsize=2 * most)

    def read() -> None:
        try:
            for line in lines:
                waiting.put(line)
        except (OSError, ValueError) as error:
            waiting.put(error if isinstance(error, OSError) else OSError(str(error)))
        waiting.put(None)

    threading.Thread(target=read, name="alaas-stream", daemon=True).start()
    while True:
        lot: list[str] = []
        end: float | None = None
        try:
            while len(lot) < most:
                left = None if end is None else max(0.0, end - time.monotonic())
                line = waiting.get(timeout=left)
                if line is None or isinstance(line, OSError):
                    if lot:
                        yield lot
                    if line is not None:
                        raise line
                    return
                lot.append(line)
                end = end or time.monotonic() + linger
        except queue.Empty:
            pass
        yield lot
