"""Records that wait to become a segment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence

from alaas.features._base import Key
from alaas.features._segments import segment_bytes


class Outbox:
    """Encoded records by key, in the order of coming; safe for several threads.

    A timer calls ``on_age`` when the oldest has waited for ``seconds``.
    """

    def __init__(self, seconds: float, on_age: Callable[[], object]) -> None:
        self._seconds, self._on_age = seconds, on_age
        self._waiting: dict[Key, bytes] = {}
        self._leaving: dict[Key, bytes] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def add(self, records: Iterable[tuple[Key, bytes]]) -> None:
        """Let more wait; what waits already stays as it is."""
        with self._lock:
            for key, data in records:
                if key not in self._leaving:
                    self._waiting.setdefault(key, data)
            self._start_timer()

    def get(self, keys: Collection[Key]) -> dict[Key, bytes]:
        """Those that are not in the bucket yet."""
        with self._lock:
            if not self._waiting and not self._leaving:
                return {}
            both = {**self._leaving, **self._waiting}
        return {key: both[key] for key in keys if key in both}

    def take(self, most: int, *, all_of_them: bool) -> list[tuple[Key, bytes]]:
        """Take out what makes one segment of about ``most`` bytes; nothing if there is less and it may wait.

        What is taken can still be got until ``sent`` or ``failed`` says how it ended.
        """
        with self._lock:
            taken: list[tuple[Key, bytes]] = []
            total = 0
            for key, data in self._waiting.items():
                if taken and total + len(data) > most:
                    break
                taken.append((key, data))
                total += len(data)
            if len(taken) == len(self._waiting) and total < most and not all_of_them:
                return []
            for key, data in taken:
                del self._waiting[key]
                self._leaving[key] = data
            if not self._waiting:
                self._stop_timer()
            return taken

    def sent(self, records: Sequence[tuple[Key, bytes]]) -> None:
        """Let go of what is in the bucket now."""
        with self._lock:
            for key, _ in records:
                self._leaving.pop(key, None)

    def failed(self, records: Sequence[tuple[Key, bytes]], most: int) -> None:
        """Let them wait again, unless more than ``most`` bytes wait: a cache may forget."""
        with self._lock:
            total = sum(map(len, self._waiting.values()))
            for key, data in records:
                if self._leaving.pop(key, None) is not None and total + len(data) <= most:
                    self._waiting[key] = data
                    total += len(data)
            self._stop_timer()
            self._start_timer()

    def standing(self) -> tuple[int, int]:
        """How many wait or are on their way, and the bytes they will take."""
        with self._lock:
            parts = [part for part in (self._waiting, self._leaving) if part]
            sizes = [segment_bytes(len(part), sum(map(len, part.values()))) for part in parts]
            return sum(map(len, parts)), sum(sizes)

    def clear(self) -> None:
        """Forget what waits."""
        with self._lock:
            self._waiting.clear()
            self._stop_timer()

    def _start_timer(self) -> None:
        if self._waiting and self._timer is None:
            self._timer = threading.Timer(self._seconds, self._on_age)
            self._timer.daemon = True
            self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
