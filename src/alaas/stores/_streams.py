"""The contract of the table of streams."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from alaas.errors import VersionError
from alaas.stores._words import ItemState
from alaas.types import Item


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamRow:
    """A project's stream, and what the project knows of some items.

    Attributes: state: a JSON document, None before the first ``advance``. version: goes up by one with every
        ``advance``, 0 before the first. known: of the ids that were asked for, those that are in the project,
        with their states. twins: of the digests that were asked for, those that a sound item of the pool has,
        with the id of the lowest numbered.
    """

    state: str | None
    version: int
    known: Mapping[str, ItemState]
    twins: Mapping[bytes, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenItem:
    """An item of a stream that was taken: its content's ``digest`` (32 bytes), and what it was worth."""

    item: Item
    digest: bytes
    utility: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenRow:
    """A taken item by its number."""

    number: int
    utility: float


class StreamTable(ABC):
    """The streams of a store, one a project. Every method is one transaction, as the store's own are.

    Raises ``ProjectNotFoundError`` where there is no project of that name.
    """

    @abstractmethod
    def read(self, project: str, *, ids: Collection[str] = (), digests: Collection[bytes] = ()) -> StreamRow:
        """The stream as it is now, and what is known of these ids and digests; at most 10,000 of each."""

    @abstractmethod
    def advance(
        self, project: str, state: str, taken: Sequence[TakenItem], *, version: int, actor: str
    ) -> list[int]:
        """Keep a new state and add what was taken to the pool, both or neither.

        Gives the numbers of the items that were added, in their order; they are settled by their digests as
        ``Store.settle`` does it. Writes the log's lines of
        ``Store.add_items`` and ``Store.settle`` if something was taken, and none if not.

        Raises:
            VersionError: the stream is not at ``version`` any more, or an item's id has come into the
                project: read again and decide anew. Nothing was written.
        """

    @abstractmethod
    def taken(self, project: str) -> list[TakenRow]:
        """Every item that was taken from the stream, by number."""


def moved(project: str) -> VersionError:
    """The stream, or the pool, has changed since it was read."""
    return VersionError(f"the stream of project {project!r} has moved since it was read; read it again")
