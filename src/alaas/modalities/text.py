"""Texts: from bytes or a string to the token ids that a model takes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from alaas.config import LimitSettings
from alaas.errors import ConfigError, DecodeError, ModelError
from alaas.modalities._base import Decoded, Modality
from alaas.modalities._characters import read_text
from alaas.modalities._checks import check_bytes, inline_text
from alaas.modalities._tokenizing import TruncatingTokenizer
from alaas.reopening import Reopened
from alaas.types import JSON, Item, ModalityName

_REVISION: Final = 1
"""Goes up when the same settings give other tokens."""
_PARAGRAPH: Final = 64
"""Tokens of a common text."""
_INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")


class Text(Reopened, Modality):
    """Tokenises texts and cuts them after ``max_length`` tokens; a batch is padded to its longest.

    Args:
        tokenizer: a ``tokenizer.json`` of the Hugging Face tokenizers library, or what gets one; asked and
            read when first needed.
        max_length: most tokens of one text, those added by the tokenizer included.
        limits: caps the bytes of one text.
        inputs: what the model takes: ``input_ids``, ``attention_mask``, ``token_type_ids``.

    Raises:
        ConfigError: an input of another name.
    """

    name: ClassVar[ModalityName] = "text"

    def __init__(
        self,
        *,
        tokenizer: Path | Callable[[], Path],
        max_length: int,
        limits: LimitSettings,
        inputs: tuple[str, ...] = ("input_ids", "attention_mask"),
    ) -> None:
        unknown = sorted(set(inputs) - set(_INPUTS))
        if unknown:
            raise ConfigError(
                f"the model takes {', '.join(unknown)}, but a text can give only {', '.join(_INPUTS)}"
            )
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.limits = limits
        self.inputs = inputs
        self._lock = threading.Lock()
        self._loaded: TruncatingTokenizer | None = None

    @property
    def fingerprint(self) -> str:
        """Includes the digest of the tokenizer's file.

        Raises:
            ModelError: the file cannot be read.
        """
        digest = blake3(self._read()).hexdigest()
        return (
            f"text/{_REVISION} tokenizers/{version('tokenizers')} {digest} "
            f"max_length={self.max_length} inputs={','.join(self.inputs)}"
        )

    def recipe(self) -> Mapping[str, JSON]:
        """Includes the whole tokenizer, as in ``tokenizer.json``, and the token that fills up short texts."""
        return {
            "modality": self.name,
            "inputs": list(self.inputs),
            "max_length": self.max_length,
            "padding": self._load().pad_id,
            "tokenizer": json.loads(self._read()),
        }

    def inline(self, item: Item) -> bytes | None:
        return inline_text(self.name, item)

    def decode(self, content: bytes) -> Decoded:
        """Tokenise one text, UTF-8, or UTF-16 or UTF-32 with a byte order mark.

        Returns:
            Token ids, shape (L,), int64, L at most ``max_length``.

        Raises:
            DecodeError: empty, blank, not text, or larger than the limits allow.
            ModelError: the tokenizer cannot be loaded.
        """
        check_bytes(content, self.limits)
        text = read_text(content)
        tokenizer = self._load()
        try:
            ids = tokenizer.ids(text)
        except Exception as error:
            raise DecodeError(f"the tokenizer refuses the text: {error}") from error
        if not ids:
            raise DecodeError(f"a text without tokens: {text[:40]!r}")
        return np.asarray(ids, dtype=np.int64)

    def check(self, content: bytes) -> None:
        """Read the text without tokenising it: the tokenizer comes with the model, which may not be there."""
        check_bytes(content, self.limits)
        read_text(content)

    def example(self) -> Decoded:
        """A paragraph's worth of the first tokens; which ones makes no difference to the time."""
        return np.arange(1, min(self.max_length, _PARAGRAPH) + 1, dtype=np.int64)

    def length(self, decoded: Decoded) -> int:
        return int(decoded.shape[0])

    def collate(self, batch: Sequence[Decoded]) -> Mapping[str, NDArray[Any]]:
        """Each of ``inputs`` as (b, longest), int64."""
        lengths = np.array([len(ids) for ids in batch])
        real = np.arange(lengths.max()) < lengths[:, None]
        tokens = np.full(real.shape, self._load().pad_id, dtype=np.int64)
        tokens[real] = np.concatenate(batch)
        made = {
            "input_ids": tokens,
            "attention_mask": real.astype(np.int64),
            "token_type_ids": np.zeros_like(tokens),
        }
        return {name: made[name] for name in self.inputs}

    def _path(self) -> Path:
        return self.tokenizer if isinstance(self.tokenizer, Path) else self.tokenizer()

    def _read(self) -> bytes:
        path = self._path()
        try:
            return path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"the tokenizer {path} cannot be read ({error.strerror}); name a tokenizer.json"
            ) from error

    def _load(self) -> TruncatingTokenizer:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = TruncatingTokenizer(self._read(), str(self._path()), self.max_length)
        return self._loaded
