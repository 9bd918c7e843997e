"""The contract of fetching: from a URI to bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from alaas.errors import SourceError
from alaas.fetching._spool import spooled
from alaas.reopening import Reopened


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStamp:
    """What tells that a local file has not changed since its content was hashed; times in nanoseconds.

    A file written within the resolution of the file system's clock of being read can change without a
    change of its stamp; whoever remembers stamps leaves such young files out.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int


class Fetcher(Reopened, ABC):
    """Gets the bytes behind a URI. Called from many threads at once; sent elsewhere, it is opened anew."""

    @abstractmethod
    def fetch(self, uri: str) -> bytes:
        """Return the whole content.

        Raises:
            FetchError: it cannot be had; ``transient`` if another try may succeed.
            EgressError: the configuration does not open this address or path.
        """

    def stamp(self, uri: str) -> FileStamp | None:  # noqa: ARG002
        """What identifies an unchanged local file; None for everything else.

        Raises:
            FetchError, EgressError: as ``fetch``.
        """
        return None

    def open(self, uri: str) -> BinaryIO:
        """Open the content as a real file, at its start: for manifests, which may be longer than one item.

        What is remote is first copied to a temporary file that has no name, so nothing is left behind.

        Raises:
            FetchError, EgressError: as ``fetch``.
        """
        return spooled(lambda file: file.write(self.fetch(uri)))

    def local_path(self, uri: str) -> str | None:  # noqa: ARG002
        """The path of a local file or folder that may be read, whether or not it exists; None for others.

        Raises:
            FetchError, EgressError: as ``fetch``.
        """
        return None

    def find(self, uri: str) -> Iterator[str]:
        """Yield the URIs of all objects of a bucket whose key begins as ``uri`` does, in a stable order.

        Raises:
            SourceError: this kind of address cannot be listed, or the listing fails.
            EgressError: as ``fetch``.
        """
        raise SourceError(f"{uri} cannot be listed; name a folder, a bucket prefix or a manifest")

    def close(self) -> None:
        """Release connections."""
