"""The contract of the digest index."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alaas.reopening import Reopened

if TYPE_CHECKING:
    from alaas.fetching import FileStamp


class DigestIndex(Reopened, ABC):
    """Content digests of local files, so that an unchanged file need not be read to be known.

    Like the feature cache it may forget at any time and never raises for want of a disk; ``trouble`` says
    why it no longer stores. Called from several threads and processes at once.

    A file that changes twice within one tick of its file system's clock looks unchanged after the second
    time. So a digest counts only if the file was at least two seconds old when its content was read. The
    order of calls tells: ``lookup`` with the stamp, then read the content, then ``remember`` with that stamp.
    """

    trouble: str | None = None
    """Why nothing is remembered, in one sentence; None while all is well."""

    @abstractmethod
    def lookup(self, stamps: Sequence[FileStamp]) -> list[bytes | None]:
        """The digest of each file if it is the same file, unchanged since it was remembered; else None."""

    @abstractmethod
    def remember(self, entries: Sequence[tuple[FileStamp, bytes]]) -> None:
        """Note many digests; those of files that were too young when they were read are left out."""

    @abstractmethod
    def clear(self) -> None:
        """Forget everything."""

    @abstractmethod
    def close(self) -> None:
        """Release files; what was remembered stays."""
