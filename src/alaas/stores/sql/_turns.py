"""Whose turn it is: threads take a lock in the order in which they asked for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Turns:
    """A lock that is handed to whoever has waited longest, so that no writer starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, seconds: float, *, abandon: Callable[[], None]) -> bool:
        """Wait for the lock, but no longer than ``seconds``; says whether it is the caller's.

        ``abandon`` gives the lock away again when the wait was interrupted just as the lock was handed over.
        """
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        try:
            if turn.wait(seconds):
                return True
        except BaseException:
            if not self._leave(turn):
                abandon()
            raise
        return not self._leave(turn)

    def hand_over(self) -> bool:
        """Hand the lock to the next; False if nobody waits, and it is still the caller's."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
                return True
            return False

    def release(self) -> None:
        """Hand the lock to the next, or set it free."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def _leave(self, turn: threading.Event) -> bool:
        """Leave the queue; False if the lock was handed over in that very moment."""
        with self._guard:
            try:
                self._waiting.remove(turn)
            except ValueError:
                return False
            return True
