"""Ctrl-C asks a run to stop, and insists if it does not."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STOPS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 2.0
"""Seconds that a run has to stop by itself; a strategy in the middle of its arithmetic does not listen."""


@contextmanager
def cancelled_by_interrupt() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets; ``KeyboardInterrupt`` on the second, or when patience ends."""
    cancel = threading.Event()
    insist = threading.Timer(_PATIENCE, _thread.interrupt_main)
    insist.daemon = True

    def stop(_signal: int, _frame: FrameType | None) -> None:
        cancel.set()
        for number in _STOPS:
            signal.signal(number, signal.default_int_handler)
        insist.start()

    if threading.current_thread() is not threading.main_thread():
        yield cancel  # signals reach the main thread alone
        return
    before = {number: signal.signal(number, stop) for number in _STOPS}
    try:
        yield cancel
        if cancel.is_set():  # it came while the run was ending
            raise KeyboardInterrupt
    finally:
        insist.cancel()
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
