"""One connection, read against a deadline.

The standard library's HTTP/1.1 client does the talking: with hundreds of threads beside inference the
interpreter is what is scarce, and a request through it costs about half of what the alternatives cost
(see docs/decisions/0008-the-standard-library-fetches.md).
"""

from __future__ import annotations

import http.client
import io
import select
import socket
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from alaas.egress._target import Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Content: TypeAlias = bytes | Sequence[memoryview]
"""What a request carries; pieces are sent one after the other as they lie in memory."""

_BUFFER = 65536


class Wire:
    """A socket with a deadline: what ``http.client`` takes for its socket.

    A timeout on the socket alone would start anew with every byte, so that a server which sends one now
    and then holds a thread forever.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.deadline = 0.0
        self.idle_since = 0.0

    def sendall(self, data: bytes | memoryview) -> None:
        """Send a request."""
        self.sock.settimeout(remaining(self.deadline))
        self.sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What a response is read from."""
        return io.BufferedReader(_Incoming(self), _BUFFER)

    def receive_into(self, buffer: WriteableBuffer) -> int:
        """Wait for bytes, not beyond the deadline."""
        self.sock.settimeout(remaining(self.deadline))
        return self.sock.recv_into(buffer)

    def is_quiet(self) -> bool:
        """Whether an idle connection is open and silent; anything to read now would be its end."""
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Called by ``http.client`` before it reads the last body of a connection: too early to close."""

    def end(self) -> None:
        """Really close the socket."""
        self.sock.close()

    def abort(self) -> None:
        """End the connection under a thread that waits on it, from another thread."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            self.sock.close()


class _Incoming(io.RawIOBase):
    """The reading half for one response; closing it leaves the connection open for the next."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._wire.receive_into(buffer)


class GuardedConnection(http.client.HTTPConnection):
    """An HTTP/1.1 connection over a wire that was dialled by ``dial``."""

    def __init__(self, target: Target, wire: Wire) -> None:
        super().__init__(target.host, target.port)
        self.auto_open = 0  # never dial behind the guard's back
        self.wire = wire
        self.sock = wire

    def exchange(
        self, target: Target, headers: Mapping[str, str], deadline: float, content: Content | None = None
    ) -> http.client.HTTPResponse:
        """Send a GET, or a POST of ``content``, and read the response's head."""
        self.wire.deadline = deadline
        said = dict(headers)
        if content is not None and not isinstance(content, bytes):
            # Without a length http.client would send the pieces as chunks, which not every server reads.
            said["Content-Length"] = str(sum(piece.nbytes for piece in content))
        self.request("GET" if content is None else "POST", target.path, body=content, headers=said)
        return self.getresponse()


def remaining(deadline: float) -> float:
    """Seconds until the deadline.

    Raises:
        TimeoutError: it has passed.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left
