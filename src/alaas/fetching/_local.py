"""Local files, under roots if there are any."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from alaas.errors import EgressError, FetchError
from alaas.fetching._base import Fetcher, FileStamp
from alaas.fetching._uri import path_of

_TRANSIENT = frozenset({errno.EAGAIN, errno.EINTR, errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.ETIMEDOUT})
_OPENED = "/proc/self/fd"
_FOLDER_SECONDS = 1.0 if Path(_OPENED).is_dir() else 0.0
"""How long a folder's place is believed: not at all where the system cannot say what was opened."""

_MOST_FOLDERS = 10_000


class LocalFetcher(Fetcher):
    """Reads plain paths and ``file:`` URIs.

    Args:
        roots: folders and files outside which nothing is read, compared after all symbolic links are
            followed; None opens everything that the user can read.
        max_bytes: the most that ``fetch`` reads of one file.
    """

    def __init__(self, *, roots: Sequence[str] | None, max_bytes: int) -> None:
        self._roots = None if roots is None else tuple(os.path.realpath(path_of(root)) for root in roots)
        self._max_bytes = max_bytes
        self._folders = _Folders()

    def fetch(self, uri: str) -> bytes:
        descriptor, size = self._open(uri)
        try:
            if size > self._max_bytes:
                raise self._too_long(uri, size)
            content = os.read(descriptor, size + 1)
            if len(content) != size:  # short reads, and files that grow or tell no size
                content = self._rest(uri, descriptor, content)
            return content
        except OSError as error:
            raise _explained(uri, error) from error
        finally:
            os.close(descriptor)

    def stamp(self, uri: str) -> FileStamp:
        path = self.local_path(uri)
        try:
            found = os.stat(path)  # noqa: PTH116  (once an item: a Path costs more than the call)
        except (OSError, ValueError) as error:
            raise _explained(uri, error) from error
        _check_regular(uri, found)
        if not path.startswith("/"):
            path = str(Path.cwd() / path)
        return FileStamp(path=path, size=found.st_size, mtime_ns=found.st_mtime_ns, inode=found.st_ino)

    def open(self, uri: str) -> BinaryIO:
        descriptor, _ = self._open(uri)
        return os.fdopen(descriptor, "rb")

    def local_path(self, uri: str) -> str:
        path = path_of(uri)
        if self._roots is None:
            return path
        try:
            real = self._folders.real_path(path)
        except (OSError, ValueError) as error:
            raise _explained(uri, error) from error
        if not any(_is_within(real, root) for root in self._roots):
            raise _refused(uri)
        return real

    def _open(self, uri: str) -> tuple[int, int]:
        """Open a regular file for reading: its descriptor and size."""
        path = self.local_path(uri)
        # Without waiting for the writer of a FIFO; and where there are roots, without following a link that
        # was put in the place of the file after it was judged.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if self._roots is None else os.O_NOFOLLOW)
        try:
            descriptor = os.open(path, flags)
        except (OSError, ValueError) as error:
            raise _explained(uri, error) from error
        try:
            found = os.fstat(descriptor)
            _check_regular(uri, found)
            if self._roots is not None and _opened_path(descriptor, path) != path:
                raise _refused(uri)  # a folder on the way was replaced by a link meanwhile
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor, found.st_size

    def _rest(self, uri: str, descriptor: int, content: bytes) -> bytes:
        pieces, size = [content], len(content)
        while piece := os.read(descriptor, 1 << 20):
            pieces.append(piece)
            size += len(piece)
            if size > self._max_bytes:
                raise self._too_long(uri, size)
        return b"".join(pieces)

    def _too_long(self, uri: str, size: int) -> FetchError:
        return FetchError(
            f"{uri} has {size} bytes or more, beyond the {self._max_bytes} that limits.max_item_bytes allows"
        )


class _Folders:
    """Resolves paths, and remembers for a moment where their folders lie.

    Resolving takes a system call for each part of a path, ten times what the rest of a look at a file costs.
    A folder that is replaced by a link within that moment gains nothing: what is opened is judged again.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, str]] = {}

    def real_path(self, path: str) -> str:
        folder, name = os.path.split(path)
        if not folder.startswith("/") or name in ("", ".", ".."):
            return os.path.realpath(path)
        now = time.monotonic()
        until, real = self._known.get(folder, (0.0, ""))
        if now >= until:
            real = os.path.realpath(folder)
            if len(self._known) >= _MOST_FOLDERS:
                self._known = {}
            self._known[folder] = (now + _FOLDER_SECONDS, real)
        found = f"{real.rstrip('/')}/{name}"
        # A Path costs more than the call.
        return os.path.realpath(path) if os.path.islink(found) else found  # noqa: PTH114


def _is_within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _opened_path(descriptor: int, otherwise: str) -> str:
    try:
        return str(Path(f"{_OPENED}/{descriptor}").readlink())
    except OSError:  # no /proc
        return otherwise


def _check_regular(uri: str, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        raise FetchError(f"{uri} is a folder, not a file")
    raise FetchError(f"{uri} is a device, pipe or socket, not a file")


def _refused(uri: str) -> EgressError:
    return EgressError(f"{uri} lies outside the folders that may be read; add its folder to egress.roots")


def _explained(uri: str, error: OSError | ValueError) -> FetchError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FetchError(f"there is no file {uri}")
    reason = error.strerror if isinstance(error, OSError) else str(error)
    transient = isinstance(error, OSError) and error.errno in _TRANSIENT
    return FetchError(f"{uri} cannot be read: {reason}", transient=transient)
