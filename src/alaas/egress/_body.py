"""Reading a response's body under a cap, and what its status means."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse

from alaas.egress._target import Target
from alaas.errors import FetchError

_CHUNK = 1 << 20
_TRANSIENT = frozenset({408, 421, 425, 429})
_MOST_RETRY_AFTER = 3600.0


def check_status(target: Target, response: HTTPResponse) -> None:
    """Let 200 pass.

    Raises:
        FetchError: any other status; transient for 408, 421, 425, 429 and 5xx except 501 and 505.
    """
    status = response.status
    if status in (200, 203):
        return
    transient = status in _TRANSIENT or (500 <= status < 600 and status not in (501, 505))
    raise FetchError(
        f"{target} answered {status} {response.reason}".rstrip(),
        transient=transient,
        retry_after=retry_after(response.headers.get("Retry-After")) if transient else None,
    )


def body(
    target: Target, response: HTTPResponse, max_bytes: int, cap: str = "limits.max_item_bytes allows"
) -> Iterator[bytes]:
    """Yield the body in pieces, decoded if the server encoded it although it was asked not to.

    Raises:
        FetchError: it is longer than ``max_bytes``, cut short (transient), or encoded in an unknown way.
    """
    declared = response.length
    if declared is not None and declared > max_bytes:
        raise _too_long(target, max_bytes, f"announces {declared} bytes", cap)
    pieces = _pieces(target, response)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        pieces = _decoded(target, pieces, encoding)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise _too_long(target, max_bytes, "goes on", cap)
        yield piece


def whole(target: Target, response: HTTPResponse, max_bytes: int) -> bytearray:
    """The body in one piece of memory, without a copy where its length is announced.

    Raises:
        FetchError: as ``body``.
    """
    declared = response.length
    encoded = response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity")
    if declared is None or encoded or declared > max_bytes:
        return bytearray().join(body(target, response, max_bytes, "one answer may have"))
    received = bytearray(declared)
    at, place = 0, memoryview(received)
    while at < declared and (count := response.readinto(place[at:])):
        at += count
    if at < declared:
        raise FetchError(f"{target} broke off {declared - at} bytes before the end", transient=True)
    response.read()  # nothing is left; this tells the response that it has ended
    return received


def _pieces(target: Target, response: HTTPResponse) -> Iterator[bytes]:
    while piece := response.read(_CHUNK):
        yield piece
    if response.length:  # what was announced and did not come
        raise FetchError(f"{target} broke off {response.length} bytes before the end", transient=True)


def _decoded(target: Target, pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"{target} came encoded as {encoding!r} although identity was asked for")
    decoder = zlib.decompressobj(47)  # 32 + 15: gzip or zlib, whichever it is
    try:
        for piece in pieces:
            waiting = piece
            while waiting and not decoder.eof:
                yield decoder.decompress(waiting, _CHUNK)  # never more at once, whatever it unfolds to
                waiting = decoder.unconsumed_tail
        yield decoder.flush()
    except zlib.error as error:
        raise FetchError(f"{target} came as broken {encoding}: {error}") from error
    if not decoder.eof:
        raise FetchError(f"{target} broke off inside its {encoding} encoding", transient=True)


def _too_long(target: Target, max_bytes: int, what: str, cap: str) -> FetchError:
    return FetchError(f"{target} {what}, beyond the {max_bytes} bytes that {cap}")


def retry_after(value: str | None) -> float | None:
    """The seconds that a ``Retry-After`` header asks for, at most an hour; None if it says nothing."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), _MOST_RETRY_AFTER) if seconds == seconds else None
