"""The contract of an encoder: a named model on an engine, with its pre-processing and its digest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from alaas.config import LimitSettings, ModelSettings
from alaas.errors import ConfigError
from alaas.modalities import Decoded, Modality
from alaas.reopening import Reopened
from alaas.types import Features, ModalityName, SignalName


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderInfo:
    """What people want to know before they choose a model; nothing is loaded to say it.

    ``dimensions`` is D of the embeddings and ``classes`` is C of the probabilities, None where the model has
    none or it depends on the data. ``megabytes`` are fetched once, from ``package``.
    """

    name: str
    modality: ModalityName
    provides: frozenset[SignalName]
    dimensions: int | None
    classes: int | None
    megabytes: float
    licence: str
    package: str | None
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodedBatch:
    """A batch's features: ``embeddings`` (b, D) and, if the model has a head, ``probs`` (b, C); float32."""

    embeddings: NDArray[np.float32] | None = None
    probs: NDArray[np.float32] | None = None

    def rows(self, count: int) -> list[Features]:
        """One ``Features`` an item, as views."""
        return [
            Features(
                embeddings=None if self.embeddings is None else self.embeddings[i],
                probs=None if self.probs is None else self.probs[i],
            )
            for i in range(count)
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderGraph:
    """An encoder as an ONNX file, for those who take it elsewhere, and what turns its output into embeddings.

    ``embeddings`` names the output, of shape (b, D), (b, tokens, D) or (b, D, height, width); ``pooling``
    makes one vector of it, ``normalise`` scales that to length 1. ``mask`` names the input (b, tokens) that
    is 1 for a real token, None where there is none.
    """

    path: Path
    embeddings: str
    pooling: Literal["mean", "cls", "none"] = "mean"
    normalise: bool = False
    mask: str | None = None


class Encoder(Reopened, ABC):
    """Turns decoded items into features. ``encode`` is called from several threads at once.

    Making an encoder is cheap and loads nothing: ``modality`` and ``provides`` are known at once, the model
    is obtained when ``fingerprint`` or ``load`` is first asked for, and loaded by ``load``. Sent to another
    process, an encoder is made anew there from the arguments of its constructor, so these must be able to
    travel.
    """

    about: ClassVar[EncoderInfo | None] = None
    """What `alaas models` says of it; None for a way to open other people's models."""

    name: str
    modality: Modality
    provides: frozenset[SignalName]
    """Which of ``embeddings`` and ``probs`` it computes."""

    cacheable: bool = True
    """False where computing is cheaper than remembering."""

    @classmethod
    def open(
        cls,
        model: ModelSettings,  # noqa: ARG003  (for those who implement it)
        *,
        modality: ModalityName | None,  # noqa: ARG003
        limits: LimitSettings,  # noqa: ARG003
    ) -> Encoder:
        """Make the encoder that a configuration names; an encoder with an entry point implements this.

        Raises:
            ConfigError: the settings do not fit the model.
        """
        raise ConfigError(f"the encoder {cls.__name__} cannot be opened from a configuration")

    @property
    def calls(self) -> int | None:
        """Calls of ``encode`` at the same time that keep the model busy; None for one a core."""
        return None

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Pre-processing, model digest, engine with version and precision: the cache key but for the content.

        Raises:
            ModelError: the model cannot be obtained.
        """

    @abstractmethod
    def load(self) -> None:
        """Get ready to encode; calling it again does nothing.

        Raises:
            ModelError: the model cannot be obtained or loaded.
        """

    @property
    def precision(self) -> str | None:
        """What the model computes in, such as ``fp32``; loads it. None for an encoder without a model.

        Raises:
            ModelError: the model cannot be obtained or loaded.
        """
        return None

    @abstractmethod
    def encode(self, batch: Sequence[Decoded]) -> EncodedBatch:
        """Encode one batch, row i of the result for item i; loads the model if ``load`` was not called.

        Raises:
            ModelError: the model failed or gave values that are not finite.
        """

    def graph(self) -> EncoderGraph | None:
        """The ONNX file that computes the embeddings; None if there is none, or no model at all.

        Raises:
            ModelError: the model cannot be obtained, or has no embeddings.
        """
        return None
