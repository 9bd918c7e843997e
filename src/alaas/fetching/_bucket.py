"""A prefix of an object store that is the operator's own: read, written, listed and cleaned up.

What strangers name is read by ``ObjectFetcher``, which judges it; this is for addresses of the settings and
the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from alaas.errors import ConfigError, FetchError
from alaas.fetching._filesystems import PROTOCOLS, Filesystems, describe, failures, is_transient
from alaas.fetching._uri import scheme_of
from alaas.reopening import Reopened

_DELETED_AT_ONCE = 1000
_PART = 8 << 20


class ByteRange(NamedTuple):
    """A part of an object: the bytes from ``start`` up to ``end``."""

    name: str
    start: int
    end: int


class Bucket(Reopened):
    """The objects below ``url``, such as ``s3://bucket/prefix``, by their names below it.

    Credentials, region and endpoint come from the environment. Safe for several threads; usable on both
    sides of a fork, and sent to another process. Nothing is opened before it is needed. Every call may raise
    ``FetchError``, whose ``transient`` says whether to try again, and ``MissingExtraError``.

    Args:
        url: where it begins.
        connect_timeout: seconds to connect.
        timeout: seconds that a store may be silent.

    Raises:
        ConfigError: ``url`` is no address of an object store, or names no bucket.
    """

    def __init__(self, url: str, *, connect_timeout: float = 5.0, timeout: float = 30.0) -> None:
        scheme, path = scheme_of(url), url.partition("://")[2].rstrip("/")
        if scheme not in PROTOCOLS or not path.partition("/")[0]:
            raise ConfigError(
                f"{url!r} names no bucket; expected s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
            )
        self.url = f"{scheme}://{path}"
        self._scheme, self._path = scheme, path
        self._filesystems = Filesystems(connect_timeout, timeout)

    def sizes(self) -> dict[str, int]:
        """The bytes of every object, by name; empty if there is none."""
        with self._explained(""):
            try:
                found = self._filesystem.find(self._path, detail=True)
            except FileNotFoundError:
                return {}
        start = len(self._path) + 1
        return {path[start:]: int(entry["size"]) for path, entry in found.items()}

    def read(self, ranges: Sequence[ByteRange]) -> list[bytes | None]:
        """Many parts at once, each as far as its object goes; None where there is no such object."""
        if not ranges:
            return []
        paths = [self._path_of(part.name) for part in ranges]
        with self._explained(""):
            found = self._filesystem.cat_ranges(
                paths, [part.start for part in ranges], [part.end for part in ranges], on_error="return"
            )
        return [self._content(part.name, content) for part, content in zip(ranges, found, strict=True)]

    def write(self, name: str, content: bytes) -> None:
        """Make an object in one request; it appears whole or not at all."""
        with self._explained(name):
            self._filesystem.pipe_file(self._path_of(name), content)

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects; those that are gone already are no matter."""
        for first in range(0, len(names), _DELETED_AT_ONCE):
            paths = [self._path_of(name) for name in names[first : first + _DELETED_AT_ONCE]]
            with self._explained(""):
                try:
                    self._filesystem.rm(paths)
                except FileNotFoundError:
                    for path in paths:
                        self._delete_one(path)

    def upload(self, name: str, pieces: Iterable[bytes]) -> None:
        """Make an object of any size, sent on while ``pieces`` come.

        It appears whole when all is sent, and not at all after an error, also one of ``pieces``; what was
        there before stays until then.
        """
        with self._explained(name):
            file = self._filesystem.open(self._path_of(name), "wb", block_size=_PART)
        try:
            for piece in pieces:
                with self._explained(name):
                    file.write(piece)
            with self._explained(name):
                file.close()
        except BaseException:
            self._discard(file)
            raise

    @property
    def _filesystem(self) -> Any:
        return self._filesystems.of(self._scheme)

    def _path_of(self, name: str) -> str:
        return f"{self._path}/{name}"

    def _content(self, name: str, found: Any) -> bytes | None:
        if isinstance(found, FileNotFoundError):
            return None
        if isinstance(found, Exception):
            with self._explained(name):
                raise found
        return bytes(found)

    def _delete_one(self, path: str) -> None:
        try:
            self._filesystem.rm_file(path)
        except FileNotFoundError:
            return

    def _discard(self, file: Any) -> None:
        file.closed = True  # else its finalizer would commit what is there
        try:
            file.discard()
        except failures():
            return  # the parts of an upload that is never completed show nowhere

    @contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        try:
            yield
        except failures() as error:
            raise self._error(name, error) from error
        except RuntimeError as error:  # in which Azure's package wraps what breaks an upload
            cause = error.__cause__
            if not isinstance(cause, failures()):
                raise
            raise self._error(name, cause) from error

    def _error(self, name: str, error: Exception) -> FetchError:
        where = f"{self.url}/{name}" if name else self.url
        return FetchError(f"{where}: {describe(error)}", transient=is_transient(error))
