"""Labelled features in coordinates in which every direction is about equally curved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from alaas.types import Floats

CURVATURE: Final = 0.1
"""p·(1 - p) of a loss along its logit, where p is rather sure. It decides how fast, not what is found."""

_PRIOR_ROWS: Final = 10.0
"""With few rows a column's own variance is mostly chance: it counts beside this many rows of the mean one."""

_LEVEL: Final = 1e-4
"""A column that varies by less than this share of its mean varies by rounding, and counts as constant."""

_JITTER: Final = 1e-6
"""Added to the diagonal of inner products, as a share of the largest: about what float32 rounds away."""

_Real = TypeVar("_Real", np.float32, np.float64)

_TINY: Final = 1e-12
"""For rows that are all zero."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Features with standardised columns, scaled to rows of length 1 or so, and a column of ones.

    Fewer rows m than columns D are replaced by m × m coordinates with the same inner products: the layer that
    descent looks for lies in their span.

    Attributes: points: shape (m, r), float32, the ones last. mean, inverse: what standardises a column, shape
        (D,). whole, inner: where they were replaced, the standardised features (m, D) and the factor of
        their inner products, (m, m).
    """

    points: NDArray[np.float32]
    mean: NDArray[np.float64]
    inverse: NDArray[np.float64]
    whole: NDArray[np.float32] | None
    inner: NDArray[np.float64] | None

    @classmethod
    def of(cls, features: Floats) -> Rows:
        """Standardise ``features``, shape (m, D). O(m·D) time, and O(m²·D) where m is less than D."""
        mean, inverse = _standard(features)
        whole = ((features - mean.astype(np.float32)) * inverse.astype(np.float32)).astype(np.float32)
        inner = _factor((whole @ whole.T).astype(np.float64)) if whole.shape[0] < whole.shape[1] else None
        reduced = whole if inner is None else inner.astype(np.float32)
        points = np.column_stack([reduced, np.ones(len(reduced), np.float32)])
        kept = None if inner is None else whole
        return cls(points=points, mean=mean, inverse=inverse, whole=kept, inner=inner)

    def layers(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """From weights of ``points``, shape (…, r), to layers for raw features, shape (…, D + 1)."""
        slopes, bias = weights[..., :-1].reshape(-1, weights.shape[-1] - 1), weights[..., -1].reshape(-1, 1)
        if self.inner is not None and self.whole is not None:
            slopes = (_solved(self.inner, slopes.T, transposed=True).T @ self.whole).astype(np.float64)
        slopes = slopes * self.inverse
        layers = np.column_stack([slopes, bias - slopes @ self.mean[:, None]])
        return layers.reshape(*weights.shape[:-1], layers.shape[1])

    def weights(self, layers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The way back, (C, D + 1) to (C, r), without what lies outside the rows' span."""
        raw = layers[:, :-1]
        slopes = np.divide(raw, self.inverse, where=self.inverse > 0, out=np.zeros_like(raw))
        bias = layers[:, -1:] + raw @ self.mean[:, None]
        if self.inner is not None and self.whole is not None:
            slopes = _solved(self.inner, self.whole.astype(np.float64) @ slopes.T).T
        return np.column_stack([slopes, bias])


@dataclass(frozen=True, kw_only=True)
class Coordinates:
    """A change of variables for a linear layer with a ridge λ on its weights and none on its bias.

    With c the curvature of a row's loss along its logit, the objective's Hessian is about
    H = c·XᵀX + λ·I = L·Lᵀ. In u = Lᵀ·w the objective is round, so that descent needs few steps, and the ridge
    costs nothing: λ·|w|² = |u|² - c·|X·w|², whose last part is made of logits that are there anyway.

    Attributes: points: X·L⁻ᵀ, shape (m, r), float32, so that logits are points·u. lower: L, shape (r, r).
    """

    points: NDArray[np.float32]
    lower: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Rows, ridge: float) -> Coordinates:
        """Change coordinates. O(m·r²) time."""
        hessian = CURVATURE * (rows.points.T @ rows.points).astype(np.float64)
        hessian[np.diag_indices(len(hessian) - 1)] += ridge
        lower = _factor(hessian)
        points = np.ascontiguousarray(_solved(lower.astype(np.float32), rows.points.T).T)
        return cls(points=points, lower=lower)

    def weights(self, places: NDArray[np.float32]) -> NDArray[np.float64]:
        """From u to w, shape (…, r)."""
        flat = places.reshape(-1, places.shape[-1]).astype(np.float64)
        return _solved(self.lower, flat.T, transposed=True).T.reshape(places.shape)

    def places(self, weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """From w to u, shape (…, r)."""
        return (weights @ self.lower).astype(np.float32)


def _standard(features: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and inverse scale of each column; a standardised row has a length of about 1."""
    count, width = features.shape
    mean = features.mean(axis=0, dtype=np.float64)
    variance = features.var(axis=0, dtype=np.float64)
    share = count / (count + _PRIOR_ROWS)
    shrunk = share * variance + (1 - share) * variance.mean()
    level = np.sqrt(variance) > _LEVEL * np.abs(mean)
    inverse = np.divide(1.0, np.sqrt(shrunk * width), where=level & (shrunk > 0), out=np.zeros(width))
    return mean, inverse


def _factor(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower Cholesky factor of inner products that were computed in float32.

    Rounding may have made them slightly indefinite, and equal rows make them singular, so the diagonal grows
    by as little as is enough.
    """
    diagonal = np.diag_indices(len(matrix))
    growth = _JITTER * matrix[diagonal].max() + _TINY
    while True:
        matrix[diagonal] += growth
        try:
            return np.asarray(np.linalg.cholesky(matrix), np.float64)
        except np.linalg.LinAlgError:
            growth *= 10


def _solved(lower: NDArray[_Real], right: NDArray[_Real], *, transposed: bool = False) -> NDArray[_Real]:
    """What ``lower``, or its transpose, makes ``right`` of."""
    from scipy.linalg import solve_triangular

    trans = "T" if transposed else "N"
    found = solve_triangular(lower, right, lower=True, trans=trans, check_finite=False)  # type: ignore[call-overload]
    return np.asarray(found)
