"""A fitted linear layer: one matrix product from features to calibrated probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alaas.errors import LearnerError
from alaas.learners._base import Fitted, Kind
from alaas.learners._checks import check_features
from alaas.learners._container import pack, unpack
from alaas.types import Floats

_FORM: Final = "linear/1"
_BLOCK: Final = 1 << 22
"""Features brought to float32 at a time: 16 MB, whatever their type and wherever they lie."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer(Fitted):
    """Softmax (multi-class) or sigmoids (multi-label) of a linear layer on raw features.

    Standardisation and calibration are folded into the layer, so that nothing else has to be done, here or
    in whatever runs an exported model.

    Attributes: layer: shape (C, D + 1), the bias last. members: layers of an ensemble, (K, C, D + 1), K may
        be 0. slopes, offsets: what calibration did to the logits of each class, shape (C,), so that fitting
        can go on from what was there before.
    """

    kind: Kind
    classes: tuple[str, ...]
    layer: NDArray[np.float32]
    members: NDArray[np.float32]
    slopes: NDArray[np.float64]
    offsets: NDArray[np.float64]

    @property
    def dimensions(self) -> int:  # type: ignore[override]
        """D of the features that it was fitted on."""
        return int(self.layer.shape[1]) - 1

    @property
    def weights(self) -> NDArray[np.float32]:
        """The linear layer with the bias as last column, shape (C, D + 1)."""
        return self.layer

    @property
    def uncalibrated(self) -> NDArray[np.float64]:
        """The layer before calibration, shape (C, D + 1)."""
        layer = self.layer.astype(np.float64)
        layer[:, -1] -= self.offsets
        return layer / self.slopes[:, None]

    def predict_proba(self, features: Floats) -> NDArray[np.float32]:
        """Calibrated class probabilities, shape (n, C).

        Raises:
            LearnerError: the features have another width, or are not finite.
        """
        return np.asarray(self._ask(self.layer[None], features)[0])

    def mc_proba(self, features: Floats, members: int) -> NDArray[np.float32] | None:
        """Probabilities by the first ``members`` members, shape (K, n, C); all it has when that is fewer."""
        asked = self.members[:members]
        return self._ask(asked, features) if len(asked) else None

    def _ask(self, layers: NDArray[np.float32], features: Floats) -> NDArray[np.float32]:
        check_features("linear", features, self.dimensions)
        count, classes = layers.shape[:2]
        found = np.empty((count, len(features), classes), np.float32)
        slopes = np.ascontiguousarray(layers[:, :, :-1].reshape(count * classes, -1).T)
        rows = max(1, _BLOCK // (features.shape[1] + slopes.shape[1]))
        for start in range(0, len(features), rows):
            part = np.asarray(features[start : start + rows], np.float32)
            with np.errstate(invalid="ignore", over="ignore"):  # infinities are found in what comes out
                logits = part @ slopes
            logits += layers[:, :, -1].reshape(-1)
            if not np.isfinite(logits).all():
                raise LearnerError(
                    f"learner 'linear' got features that are not finite, in rows {start} to "
                    f"{start + len(part) - 1}"
                )
            for member in range(count):
                own = logits[:, member * classes : (member + 1) * classes]
                found[member, start : start + len(part)] = _probabilities(self.kind, own)
        return found

    def dump(self) -> bytes:
        """The layer, its ensemble and its calibration."""
        arrays: dict[str, NDArray[Any]] = {
            "layer": self.layer, "members": self.members, "slopes": self.slopes, "offsets": self.offsets,
        }  # fmt: skip
        return pack(_FORM, {"kind": self.kind, "classes": list(self.classes)}, arrays)

    @classmethod
    def load(cls, data: bytes) -> Layer:
        """Read what ``dump`` wrote.

        Raises:
            LearnerError: it is something else.
        """
        about, arrays = unpack(_FORM, data)
        if not _sound(about, arrays):
            raise LearnerError("a stored linear learner does not fit together; fit it again")
        return cls(kind=about["kind"], classes=tuple(about["classes"]), **arrays)


def _sound(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bool:
    if set(arrays) != {"layer", "members", "slopes", "offsets"} or arrays["layer"].ndim != 2:
        return False
    count = len(about.get("classes", ()))
    shapes_fit = arrays["layer"].shape[0] == count and arrays["members"].shape[1:] == arrays["layer"].shape
    return shapes_fit and arrays["slopes"].shape == arrays["offsets"].shape == (count,) and "kind" in about


def _probabilities(kind: Kind, logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax or sigmoids of logits (n, C), which are used up."""
    if kind == "multi-label":
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits))
    # By class, because sums over a short last axis are slow.
    columns = np.ascontiguousarray(logits.T)
    columns -= columns.max(axis=0)
    np.exp(columns, out=columns)
    columns /= columns.sum(axis=0)
    return np.asarray(columns.T)
