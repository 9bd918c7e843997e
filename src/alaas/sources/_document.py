"""A file of items: opened as often as it is read, but fetched once."""

from __future__ import annotations

import codecs
import io
import os
import time
import weakref
from typing import TYPE_CHECKING, BinaryIO, TextIO
from urllib.parse import urljoin

from alaas.errors import FetchError, SourceError
from alaas.fetching import Fetcher, is_remote, scheme_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_TRIES = 4
_FIRST_WAIT = 0.2  # seconds, doubling: a document is not worth losing to one bad moment of its server
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Document:
    """What stands at ``uri``, and what URIs in it are relative to."""

    def __init__(self, uri: str, fetcher: Fetcher) -> None:
        self.uri = uri
        self._fetcher = fetcher
        self._remote = is_remote(uri)
        self._copy: BinaryIO | None = None
        self._web = scheme_of(uri) in ("http", "https")
        self._base = uri[: uri.rfind("/") + 1] if self._remote else ""

    @property
    def remote(self) -> bool:
        """Whether what it names by relative URIs is behind a network."""
        return self._remote

    def open(self) -> BinaryIO:
        """Open it at its start.

        Raises:
            SourceError: it cannot be had.
            EgressError: the configuration does not open it.
        """
        if not self._remote:
            return self._fetched()
        if self._copy is None:
            self._copy = self._fetched()
            weakref.finalize(self, self._copy.close)
        return io.BufferedReader(_Positioned(self, self._copy.fileno()), 1 << 16)

    def text(self, *, newline: str | None) -> TextIO:
        """Open it as text: UTF-8, or what a byte order mark says. To be read through ``decoded``.

        Raises:
            SourceError: it cannot be had, or is UTF-16 or UTF-32 without a mark.
        """
        file = self.open()
        head = file.read(4)
        file.seek(0)
        encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
        if encoding == "utf-8" and b"\0" in head:
            file.close()
            raise SourceError(f"{self.uri} is not UTF-8 text (UTF-16 without a mark?); save it as UTF-8")
        return io.TextIOWrapper(file, encoding=encoding, newline=newline)

    def undecodable(self, error: UnicodeError) -> SourceError:
        """What to raise when the text turns out not to be of its encoding."""
        return SourceError(f"{self.uri} is not UTF-8 text ({error}); save it as UTF-8")

    def resolve(self, reference: str) -> str:
        """Make a URI that stands in the document, and is not empty, absolute."""
        if reference[0] == "/" and not self._remote:
            return reference
        if ":" in reference and scheme_of(reference):
            return reference
        if not self._base:
            self._base = self._folder()
        if self._web:
            return urljoin(self._base, reference)
        return self._base + reference.lstrip("/")

    def _folder(self) -> str:
        path = os.path.join(os.getcwd(), self._fetcher.local_path(self.uri) or "")  # noqa: PTH109, PTH118
        return path[: path.rfind("/") + 1]

    def _fetched(self) -> BinaryIO:
        wait = _FIRST_WAIT
        for last in [False] * (_TRIES - 1) + [True]:
            try:
                return self._fetcher.open(self.uri)
            except FetchError as error:
                if last or not error.transient:
                    raise SourceError(error.message) from error
            time.sleep(wait)
            wait *= 2
        raise AssertionError("unreachable")


class _Positioned(io.RawIOBase):
    """A view of a document's copy with a position of its own, so that it can be read twice at a time."""

    def __init__(self, document: Document, descriptor: int) -> None:
        self._document = document  # keeps the copy open
        self._descriptor = descriptor
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        self._position = offset + (os.fstat(self._descriptor).st_size if start is None else start)
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        piece = os.pread(self._descriptor, len(view), self._position)
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)
