"""Connections that wait for their next request, shared by all threads."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from alaas.egress._connection import GuardedConnection, Wire
from alaas.egress._target import Origin

_MOST_IDLE = 256
_IDLE_SECONDS = 30.0


class ConnectionStore:
    """Keeps idle connections by origin and knows the busy ones, so that ``close`` ends them all.

    Every operation is O(1): with hundreds of threads on one lock a scan of all connections for each request
    would cost more than the request. The last one returned is the first taken, so that as few as possible
    stay open.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: OrderedDict[Origin, list[GuardedConnection]] = OrderedDict()
        self._idle_count = 0
        self._busy: set[Wire] = set()
        self._closed = False

    def take(self, origin: Origin) -> GuardedConnection | None:
        """An open connection to ``origin``, now busy; None if there is none."""
        oldest = time.monotonic() - _IDLE_SECONDS
        while True:
            with self._lock:
                waiting = self._idle.get(origin)
                if not waiting:
                    return None
                connection = waiting.pop()
                self._idle_count -= 1
                if not waiting:
                    del self._idle[origin]
                self._busy.add(connection.wire)
            if connection.wire.idle_since > oldest and connection.wire.is_quiet():
                return connection
            self.discard(connection.wire)

    def started(self, wire: Wire) -> None:
        """Note a socket that is about to connect.

        Raises:
            ConnectionAbortedError: the store is closed.
        """
        with self._lock:
            if not self._closed:
                self._busy.add(wire)
                return
        wire.end()
        raise ConnectionAbortedError("the client was closed")

    def give(self, origin: Origin, connection: GuardedConnection) -> None:
        """Return a connection whose response was read to its end."""
        surplus: GuardedConnection | None = connection
        connection.wire.idle_since = time.monotonic()
        with self._lock:
            self._busy.discard(connection.wire)
            if not self._closed:
                self._idle.setdefault(origin, []).append(connection)
                self._idle.move_to_end(origin)
                self._idle_count += 1
                surplus = self._evicted() if self._idle_count > _MOST_IDLE else None
        if surplus is not None:
            surplus.wire.end()

    def discard(self, wire: Wire) -> None:
        """Close a busy connection for good."""
        with self._lock:
            self._busy.discard(wire)
        wire.end()

    def close(self) -> None:
        """Close the idle connections and break off the busy ones."""
        with self._lock:
            self._closed = True
            idle = [connection.wire for waiting in self._idle.values() for connection in waiting]
            busy = list(self._busy)
            self._idle.clear()
            self._idle_count = 0
        for wire in idle:
            wire.end()
        for wire in busy:
            wire.abort()

    def _evicted(self) -> GuardedConnection:
        origin, waiting = next(iter(self._idle.items()))
        connection = waiting.pop(0)
        if not waiting:
            del self._idle[origin]
        self._idle_count -= 1
        return connection
