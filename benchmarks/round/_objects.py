"""A local HTTP server of files, so that downloads can be measured without the internet.

``python -m benchmarks.round._objects FOLDER`` prints its port and serves ``/DELAY/path``: the file, DELAY
milliseconds after it was asked for. One thread, keep-alive, files held in memory once read: it must cost the
machine little, since it shares it with what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from urllib.parse import unquote

_HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
_MAX_HEADER = 65_536


class Shelf:
    """The files of one folder, by their path in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._files: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        """The content, or None where there is no such file."""
        if name not in self._files:
            path = (self._folder / unquote(name)).resolve()
            if not path.is_relative_to(self._folder) or not path.is_file():
                return None
            self._files[name] = path.read_bytes()
        return self._files[name]


class Connection(asyncio.Protocol):
    """One client: reads requests, writes each answer when its time has come."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            self._answer(head)
        if len(self._waiting) > _MAX_HEADER and self._transport is not None:
            self._transport.close()

    def _answer(self, head: bytes) -> None:
        method, target, *_ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        delay, _, name = target.lstrip("/").partition("/")
        content = self._shelf.get(name) if delay.isdigit() else None
        if content is None:
            self._write(_HEAD % (b"404 Not Found", 0))
            return
        answer = _HEAD % (b"200 OK", len(content)) + (b"" if method == "HEAD" else content)
        if int(delay):
            asyncio.get_running_loop().call_later(int(delay) / 1000, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


async def _serve(folder: Path) -> None:
    shelf = Shelf(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(shelf), "127.0.0.1", 0, backlog=1024)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(_serve(parser.parse_args().folder))


if __name__ == "__main__":
    main()
