"""The simplest balancer there is: each connection goes to the next server, and past those that are gone."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit


@contextlib.contextmanager
def round_robin(urls: Sequence[str]) -> Iterator[str]:
    """Yield the one address behind which the servers at ``urls`` are."""
    places = [(str(urlsplit(url).hostname), int(urlsplit(url).port or 0)) for url in urls]
    turns = itertools.cycle(range(len(places)))
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_join, args=(client, places, next(turns)), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        # Closing alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join()


def _join(client: socket.socket, places: Sequence[tuple[str, int]], turn: int) -> None:
    with client:
        for place in (*places[turn:], *places[:turn]):
            try:
                server = socket.create_connection(place, timeout=5)
            except OSError:
                continue
            with server:
                server.settimeout(None)
                back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
                back.start()
                _pass_on(client, server)
                back.join()
            return


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
