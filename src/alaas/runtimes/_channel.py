"""The bounded queue between two stages."""

from __future__ import annotations

import threading
import time
from collections import deque

from alaas.pipeline import Record


class Stopped(Exception):  # noqa: N818  (a signal between threads, not an error)
    """The run is being given up; whoever waits on a channel goes home."""


class Channel:
    """A queue of records, bounded in number and in the bytes that they hold.

    A list is taken in whole while there is any room, so the bound may be passed by one list: this keeps a
    list larger than the bound from waiting for ever and costs one lock a list instead of one a record.
    """

    def __init__(self, capacity: int, max_weight: int) -> None:
        self.capacity = capacity
        self._max_weight = max_weight
        self._records: deque[Record] = deque()
        self._weight = 0
        self._closed = self._stopped = False
        self._changed = threading.Condition()
        self._since = self._started = time.perf_counter()
        self._depth_seconds = 0.0

    def put(self, records: list[Record]) -> None:
        """Append, waiting while the channel is full.

        Raises:
            Stopped: the run is being given up.
        """
        weight = sum(record.weight for record in records)
        with self._changed:
            while not self._stopped and self._full():
                self._changed.wait()
            if self._stopped:
                raise Stopped
            self._count_depth()
            self._records.extend(records)
            self._weight += weight
            self._changed.notify_all()

    def take(self, most: int, linger: float, patience: float | None = None) -> list[Record] | None:
        """Take up to ``most`` records, waiting ``linger`` seconds for a full batch once there is one.

        Returns:
            At least one record; None when the channel is closed and empty; an empty list when there was
            nothing for ``patience`` seconds.

        Raises:
            Stopped: the run is being given up.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._records or self._closed or self._stopped, patience):
                return []
            if linger and len(self._records) < most:
                self._changed.wait_for(
                    lambda: len(self._records) >= most or self._closed or self._stopped or self._full(),
                    linger,
                )
            if self._stopped:
                raise Stopped
            self._count_depth()
            taken = [self._records.popleft() for _ in range(min(most, len(self._records)))]
            self._weight -= sum(record.weight for record in taken)
            self._changed.notify_all()
            # Another worker may have emptied the channel during the linger.
            return taken if taken or not self._closed else None

    def close(self) -> None:
        """No more will be put; what is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Give the run up: wake everyone who waits."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def mean_depth(self) -> float:
        """Records that waited here, averaged over time."""
        with self._changed:
            self._count_depth()
            lifetime = self._since - self._started
            return self._depth_seconds / lifetime if lifetime > 0 else 0.0

    def _full(self) -> bool:
        if not self._records:
            return False
        return len(self._records) >= self.capacity or self._weight >= self._max_weight

    def _count_depth(self) -> None:
        now = time.perf_counter()
        self._depth_seconds += len(self._records) * (now - self._since)
        self._since = now
