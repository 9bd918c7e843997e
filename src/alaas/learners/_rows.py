"""Labelled features as the descent sees them: standardised, and with no more columns than rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from alaas.types import Floats

_CURVATURE: Final = 0.1
"""p·(1 - p) of a loss along its logit, where p is rather sure. It decides how fast, not what is found."""

_PRIOR_ROWS: Final = 10.0
"""With few rows a column's own variance is mostly chance: it counts beside this many rows of the mean one."""

_LEVEL: Final = 1e-4
"""A column that varies by less than this share of its mean varies by rounding, and counts as constant."""

_JITTER: Final = 1e-6
"""Added to the diagonal of inner products, as a share of the largest: about what float32 rounds away."""

_TINY: Final = 1e-12
"""For rows that are all zero."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Features with standardised columns, scaled to rows of length 1 or so, and a column for the bias.

    Fewer rows m than columns D are replaced by m × m coordinates with the same inner products: the layer that
    descent looks for lies in their span, and has the same length there. Then the columns are scaled so that
    the objective is about as curved along each: u = scale·w are the places that descent goes to.

    Attributes: points: shape (m, r), float32, the bias last, so that logits are points·u. ridge: the penalty
        of u², shape (r,), none for the bias. scale: shape (r,). mean, inverse: what standardises a column,
        shape (D,). whole, inner: where rows were replaced, the standardised features (m, D) and the factor
        of their inner products, (m, m).
    """

    points: NDArray[np.float32]
    ridge: NDArray[np.float32]
    scale: NDArray[np.float64]
    mean: NDArray[np.float64]
    inverse: NDArray[np.float64]
    whole: NDArray[np.float32] | None
    inner: NDArray[np.float64] | None

    @classmethod
    def of(cls, features: Floats, regularisation: float) -> Rows:
        """Standardise ``features``, shape (m, D). O(m·D) time, and O(m²·D) where m is less than D."""
        mean, inverse = _standard(features)
        whole = ((features - mean.astype(np.float32)) * inverse.astype(np.float32)).astype(np.float32)
        inner = _factor((whole @ whole.T).astype(np.float64)) if whole.shape[0] < whole.shape[1] else None
        reduced = whole if inner is None else inner.astype(np.float32)
        count, width = reduced.shape
        squares = float(np.einsum("mr,mr->", reduced, reduced)) / width
        scale = np.full(width + 1, np.sqrt(_CURVATURE * squares + regularisation))
        scale[-1] = np.sqrt(_CURVATURE * count)
        ridge = regularisation / scale**2
        ridge[-1] = 0.0
        points = np.empty((count, width + 1), np.float32)
        np.multiply(reduced, np.float32(1 / scale[0]), out=points[:, :-1])
        points[:, -1] = 1 / scale[-1]
        return cls(
            points=points,
            ridge=ridge.astype(np.float32),
            scale=scale,
            mean=mean,
            inverse=inverse,
            whole=None if inner is None else whole,
            inner=inner,
        )

    def layers(self, places: NDArray[np.float32]) -> NDArray[np.float64]:
        """From u, shape (…, r), to layers for raw features, shape (…, D + 1)."""
        weights = places.reshape(-1, places.shape[-1]) / self.scale
        slopes, bias = weights[:, :-1], weights[:, -1:]
        if self.inner is not None and self.whole is not None:
            slopes = (_solved(self.inner, slopes.T, transposed=True).T @ self.whole).astype(np.float64)
        slopes = slopes * self.inverse
        layers = np.column_stack([slopes, bias - slopes @ self.mean[:, None]])
        return layers.reshape(*places.shape[:-1], layers.shape[1])

    def places(self, layers: NDArray[np.float64]) -> NDArray[np.float32]:
        """The way back, (C, D + 1) to (C, r), without what lies outside the rows' span."""
        raw = layers[:, :-1]
        slopes = np.divide(raw, self.inverse, where=self.inverse > 0, out=np.zeros_like(raw))
        bias = layers[:, -1:] + raw @ self.mean[:, None]
        if self.inner is not None and self.whole is not None:
            slopes = _solved(self.inner, self.whole.astype(np.float64) @ slopes.T).T
        return (np.column_stack([slopes, bias]) * self.scale).astype(np.float32)


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


def _solved(
    lower: NDArray[np.float64], right: NDArray[np.float64], *, transposed: bool = False
) -> NDArray[np.float64]:
    """What ``lower``, or its transpose, makes ``right`` of."""
    from scipy.linalg import solve_triangular

    trans: Literal["T", "N"] = "T" if transposed else "N"
    return np.asarray(solve_triangular(lower, right, lower=True, trans=trans, check_finite=False))
