"""The contract of a modality: from an item's bytes to what a model takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from numpy.typing import NDArray

from alaas.types import JSON, Item, ModalityName

Decoded: TypeAlias = NDArray[Any]
"""One item, decoded: image (H, W, 3) uint8; text (L,) int64 token ids; table (D,) float32."""


class Modality(ABC):
    """Decodes items of one kind and stacks them into a model's inputs. Called from many threads at once.

    Can be pickled, with all that ``prepare`` learnt; what holds a lock is ``Reopened`` besides.
    """

    name: ClassVar[ModalityName]

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """All that changes what ``decode`` and ``collate`` give; enters the cache key."""

    def recipe(self) -> Mapping[str, JSON]:
        """All that somebody needs to make a model's inputs without this package; goes with exported models.

        Raises:
            ModelError: a part of it, such as the tokenizer, cannot be read.
        """
        return {"modality": self.name}

    def prepare(self, items: Iterable[Item]) -> None:  # noqa: B027  (most modalities learn nothing)
        """Learn from one pass over the pool before anything is decoded (tables: scales and categories)."""

    @property
    def prepares(self) -> bool:
        """Whether ``prepare`` wants that pass."""
        return False

    @abstractmethod
    def inline(self, item: Item) -> bytes | None:
        """The item's content if it carries it itself, as bytes that identify it; None if it must be fetched.

        Raises:
            DecodeError: the item carries something of another modality.
        """

    @abstractmethod
    def decode(self, content: bytes) -> Decoded:
        """Decode one item.

        Raises:
            DecodeError: the bytes are broken, too large, or not of this modality; says what was found.
        """

    def check(self, content: bytes) -> None:
        """Refuse what ``decode`` would refuse; cheaper where decoding needs a part of the model.

        Raises:
            DecodeError: as ``decode``.
        """
        self.decode(content)

    def length(self, decoded: Decoded) -> int:  # noqa: ARG002  (pictures and rows are all alike)
        """What a batch pads to; the pipeline brings items of like length together."""
        return 1

    @abstractmethod
    def example(self) -> Decoded:
        """A decoded item made up, always the same and as large as items commonly are: to try engines out."""

    @abstractmethod
    def collate(self, batch: Sequence[Decoded]) -> Mapping[str, NDArray[Any]]:
        """Stack decoded items into named arrays with the batch first."""
