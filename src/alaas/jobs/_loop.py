"""Threads that go on whatever happens: an error is told, waited out, and tried again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from alaas.errors import StoreError

_log = logging.getLogger("alaas.jobs")

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds after the first error, and after many in a row."""


class Bell:
    """Wakes those who wait, and those who were just about to."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How often it has rung."""
        with self._rung:
            return self._count

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._rung:
            self._count += 1
            self._rung.notify_all()

    def wait(self, since: int, timeout: float) -> None:
        """Wait until it has rung more often than ``since``, at most ``timeout`` seconds."""
        with self._rung:
            self._rung.wait_for(lambda: self._count != since, timeout)


class Loop:
    """Calls ``step`` again and again on a thread of its own until ``stop`` is set.

    Args:
        name: the thread's name.
        step: does a little and says how many seconds may pass before the next time.
        stop: ends the loop after the step that it is in.
        bell: ends a pause early.
    """

    def __init__(self, name: str, step: Callable[[], float], *, stop: threading.Event, bell: Bell) -> None:
        self.name = name
        self.error: str | None = None
        """What the last step broke on; None if it did not."""
        self._step, self._stop, self._bell = step, stop, bell
        # A daemon: a handler that does not listen to its cancel event must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """Why this loop does nothing; None while all is well or it was told to stop."""
        if self._stop.is_set():
            return None
        return self.error if self._thread.is_alive() else f"the thread {self.name} has ended"

    def join(self, timeout: float) -> bool:
        """Wait for its end; says whether it has ended."""
        if self._thread is not threading.current_thread():
            self._thread.join(max(0.0, timeout))
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            rung = self._bell.count
            try:
                rest = self._step()
            except Exception as error:  # noqa: BLE001  (told, and tried again: a loop must not end silently)
                self._complain(error)
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if self.error is not None:
                _log.warning("%s works again", self.name)
            self.error, pause = None, FIRST_PAUSE
            if rest > 0 and not self._stop.is_set():
                self._bell.wait(rung, rest)

    def _complain(self, error: Exception) -> None:
        """Write the error down, once as long as it stays the same."""
        sentence = (
            error.message if isinstance(error, StoreError) else f"unexpected {type(error).__name__}: {error}"
        )
        if sentence != self.error:
            trace = None if isinstance(error, StoreError) else error
            _log.error("%s cannot go on: %s; trying again", self.name, sentence, exc_info=trace)
        self.error = sentence
