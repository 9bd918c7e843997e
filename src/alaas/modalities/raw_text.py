"""Texts for a model that reads them itself: its server has the tokenizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from alaas.config import LimitSettings
from alaas.modalities._base import Decoded, Modality
from alaas.modalities._characters import read_text
from alaas.modalities._checks import check_bytes, inline_text
from alaas.types import JSON, Item, ModalityName

_REVISION: Final = 1
"""Goes up when the same content gives another text."""
_PARAGRAPH: Final = "a paragraph of words that are of no matter " * 6


class RawText(Modality):
    """Passes texts on; where they are cut is for the server to say.

    Args:
        limits: caps the bytes of one text.
        input_name: the model's input that takes texts.
        column: whether it takes them as (b, 1) rather than (b,).
    """

    name: ClassVar[ModalityName] = "text"

    def __init__(self, *, limits: LimitSettings, input_name: str, column: bool = False) -> None:
        self.limits = limits
        self.input_name = input_name
        self.column = column

    @property
    def fingerprint(self) -> str:
        return f"raw_text/{_REVISION} {self.input_name}"

    def recipe(self) -> Mapping[str, JSON]:
        """The name of the input; the text goes in as it is."""
        return {"modality": self.name, "input": self.input_name}

    def inline(self, item: Item) -> bytes | None:
        return inline_text(self.name, item)

    def decode(self, content: bytes) -> Decoded:
        """Read one text, UTF-8, or UTF-16 or UTF-32 with a byte order mark.

        Returns:
            It in UTF-8, shape (L,), uint8.

        Raises:
            DecodeError: empty, blank, not text, or larger than the limits allow.
        """
        check_bytes(content, self.limits)
        return np.frombuffer(read_text(content).encode(), dtype=np.uint8)

    def length(self, decoded: Decoded) -> int:
        return int(decoded.shape[0])

    def example(self) -> Decoded:
        """A paragraph."""
        return np.frombuffer(_PARAGRAPH.encode(), dtype=np.uint8)

    def collate(self, batch: Sequence[Decoded]) -> Mapping[str, NDArray[Any]]:
        """The texts as str in an array of objects, (b,) or (b, 1)."""
        texts = np.empty(len(batch), dtype=object)
        texts[:] = [decoded.tobytes().decode() for decoded in batch]
        return {self.input_name: texts[:, None] if self.column else texts}
