"""What travels along the line."""

from __future__ import annotations

from dataclasses import dataclass

from alaas.errors import AlaasError
from alaas.features import Key
from alaas.fetching import FileStamp
from alaas.modalities import Decoded
from alaas.types import FailedItem, Features, Item


@dataclass(slots=True, kw_only=True)
class Record:
    """One item on its way. Each stage fills in its part and drops what no later stage needs.

    ``row`` is the item's place in the source. A ``finished`` record leaves the line at once, either with
    what was asked for or with a ``failure``.
    """

    row: int
    item: Item
    content: bytes | None = None
    digest: bytes | None = None
    stamp: FileStamp | None = None
    key: Key | None = None
    decoded: Decoded | None = None
    features: Features | None = None
    failure: FailedItem | None = None
    cached: bool = False
    finished: bool = False

    @property
    def weight(self) -> int:
        """Bytes that it holds while it waits between two stages."""
        held = len(self.content) if self.content is not None else 0
        return held + (self.decoded.nbytes if self.decoded is not None else 0)

    def fail(self, error: AlaasError) -> None:
        """Take the item off the line with the reason."""
        self.failure = FailedItem(id=self.item.id, uri=self.item.uri, reason=error.message, code=error.code)
        self.content = self.decoded = self.features = None
        self.finished = True
