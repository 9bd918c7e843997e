"""From a model's raw outputs to embeddings and probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from alaas.config import OutputSettings
from alaas.encoders._base import EncodedBatch
from alaas.engines import TensorSpec
from alaas.errors import ConfigError, ModelError
from alaas.types import SignalName

_EMBEDDING_NAMES: Final = (
    "embeddings", "embedding", "sentence_embedding", "image_embeds", "text_embeds", "last_hidden_state",
    "token_embeddings", "pooler_output", "features",
)  # fmt: skip
"""Names that exporters give to embeddings, the ones that need no pooling first."""

_LOGIT_NAMES: Final = ("logits",)
_PROBABILITY_NAMES: Final = ("probs", "probabilities", "probability")


@dataclass(frozen=True, kw_only=True, slots=True)
class Readout:
    """Which output means what, and what is still to be done with it.

    ``embeddings`` of shape (b, D), (b, tokens, D) or (b, D, height, width); ``logits`` and ``probs`` (b, C).
    """

    embeddings: str | None = None
    logits: str | None = None
    probs: str | None = None
    pooling: Literal["mean", "cls", "none"] = "mean"
    normalise: bool = False

    @property
    def provides(self) -> frozenset[SignalName]:
        """The signals that come out."""
        found: set[SignalName] = set()
        if self.embeddings is not None:
            found.add("embeddings")
        if self.logits is not None or self.probs is not None:
            found.add("probs")
        return frozenset(found)

    def read(self, outputs: Mapping[str, NDArray[Any]], mask: NDArray[Any] | None) -> EncodedBatch:
        """Pool, normalise and turn logits into probabilities; ``mask`` (b, tokens) is 1 for a real token.

        Raises:
            ModelError: an output has the wrong shape.
        """
        embeddings = probs = None
        if self.embeddings is not None:
            embeddings = self._pool(np.asarray(outputs[self.embeddings], dtype=np.float32), mask)
            if self.normalise:
                lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
                embeddings = embeddings / np.maximum(lengths, 1e-12)
        if self.probs is not None:
            probs = _two_axes(self.probs, outputs[self.probs])
        elif self.logits is not None:
            probs = softmax(_two_axes(self.logits, outputs[self.logits]))
        return EncodedBatch(embeddings=embeddings, probs=probs)

    def _pool(self, values: NDArray[np.float32], mask: NDArray[Any] | None) -> NDArray[np.float32]:
        if values.ndim == 2:
            return values
        if values.ndim == 3 and self.pooling == "cls":
            return np.ascontiguousarray(values[:, 0])
        if values.ndim == 3 and self.pooling == "mean":
            if mask is None or mask.shape != values.shape[:2]:
                return np.asarray(values.mean(axis=1))
            weights = mask.astype(np.float32)[:, :, None]
            summed = np.sum(values * weights, axis=1)
            return np.asarray(summed / np.maximum(weights.sum(axis=1), 1e-9), dtype=np.float32)
        if values.ndim == 4 and self.pooling == "mean":
            return np.asarray(values.mean(axis=(2, 3)))
        raise ModelError(
            f"output {self.embeddings!r} has shape {values.shape}, which pooling {self.pooling!r} does not "
            "turn into one vector an item; set model.outputs.pooling to mean or cls, or name another output"
        )


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities (b, C) from logits (b, C)."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def _two_axes(name: str, values: NDArray[Any]) -> NDArray[np.float32]:
    if values.ndim != 2:
        raise ModelError(f"output {name!r} has shape {values.shape}, expected (batch, classes)")
    return np.asarray(values, dtype=np.float32)


def choose_outputs(
    name: str, outputs: Sequence[TensorSpec], settings: OutputSettings, *, normalise: bool = False
) -> Readout:
    """Find out which output means what: as the settings say, else by name, else by shape.

    Raises:
        ConfigError: a named output does not exist, or the meaning cannot be told.
    """
    known = {spec.name: spec for spec in outputs}
    for meaning in ("embeddings", "logits", "probs"):
        given = getattr(settings, meaning)
        if given is not None and given not in known:
            raise ConfigError(
                f"model.outputs.{meaning}: {name} has no output {given!r}; it has {_listed(outputs)}"
            )
    if settings.embeddings or settings.logits or settings.probs:
        chosen = (settings.embeddings, settings.logits, settings.probs)
    else:
        named = (
            _first(_EMBEDDING_NAMES, known),
            _first(_LOGIT_NAMES, known),
            _first(_PROBABILITY_NAMES, known),
        )
        chosen = named if any(named) else (_by_shape(name, outputs), None, None)
    return Readout(
        embeddings=chosen[0],
        logits=chosen[1],
        probs=chosen[2],
        pooling=settings.pooling,
        normalise=normalise,
    )


def _first(names: Sequence[str], known: Mapping[str, TensorSpec]) -> str | None:
    folded = {name.lower(): name for name in known}
    return next((folded[name] for name in names if name in folded), None)


def _by_shape(name: str, outputs: Sequence[TensorSpec]) -> str:
    """An only output of more than two axes must be tokens or a feature map; of two axes it may be either."""
    if len(outputs) == 1 and len(outputs[0].shape) in (3, 4):
        return outputs[0].name
    raise ConfigError(
        f"cannot tell embeddings from classes among the outputs of {name}: {_listed(outputs)}; "
        "name them under model.outputs as embeddings, logits or probs"
    )


def _listed(outputs: Sequence[TensorSpec]) -> str:
    shapes = ("×".join("?" if size is None else str(size) for size in spec.shape) for spec in outputs)
    return ", ".join(f"{spec.name!r} ({shape})" for spec, shape in zip(outputs, shapes, strict=True))
