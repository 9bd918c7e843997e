"""Labelled features in coordinates in which every direction is about equally curved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alaas.types import Floats

CURVATURE: Final = 0.1
"""How strongly the loss of one item is taken to be curved along its logit: p·(1 - p) of a rather sure p."""

_PRIOR_ROWS: Final = 10.0
"""With few rows a column's own variance is mostly chance: it counts beside this many rows of the mean one."""

_LEVEL: Final = 1e-4
"""A column that varies by less than this share of its mean varies by rounding, and counts as constant."""

_JITTER: Final = 1e-6
"""Added to the diagonal of inner products, as a share of the largest: about what float32 rounds away."""

_TINY: Final = 1e-12
"""For rows that are all zero."""


@dataclass(frozen=True, kw_only=True)
class Coordinates:
    """A change of variables for a linear layer with ridge λ on its weights and none on its bias.

    With X the standardised features and a column of ones, the loss's Hessian is at most about
    H = c·XᵀX + λ·I = L·Lᵀ. In u = Lᵀ·w the objective is round, so that descent needs few steps, and the
    ridge costs nothing: λ·|w|² = |u|² - c·|Xw|², whose last part are the logits that are there anyway.
    Fewer rows m than columns D are first replaced by m × m coordinates with the same inner products.

    Attributes: points: X·L⁻ᵀ, shape (m, r), float32, so that logits are points·u. lower: L, (r, r). rows: the
        standardised features (m, D), where they were replaced; inner: the factor of their inner products.
        mean, inverse: what standardises a column, shape (D,).
    """

    points: NDArray[np.float32]
    lower: NDArray[np.float64]
    rows: NDArray[np.float32] | None
    inner: NDArray[np.float64] | None
    mean: NDArray[np.float64]
    inverse: NDArray[np.float64]

    @classmethod
    def of(cls, features: Floats, ridge: float) -> Coordinates:
        """Standardise ``features``, shape (m, D), and change coordinates. O(m·D·min(m, D)) time."""
        from scipy.linalg import solve_triangular

        mean, inverse = _standard(features)
        rows = ((features - mean.astype(np.float32)) * inverse.astype(np.float32)).astype(np.float32)
        inner = _factor((rows @ rows.T).astype(np.float64)) if rows.shape[0] < rows.shape[1] else None
        reduced = rows if inner is None else inner.astype(np.float32)
        points = np.column_stack([reduced, np.ones(len(reduced), np.float32)])
        hessian = (points.T @ points).astype(np.float64) * CURVATURE
        hessian[np.diag_indices(len(hessian) - 1)] += ridge
        lower = _factor(hessian)
        # In place: the transpose of rows in C order is what LAPACK wants.
        points = solve_triangular(
            lower.astype(np.float32), points.T, lower=True, overwrite_b=True, check_finite=False
        ).T
        kept = None if inner is None else rows
        return cls(
            points=np.ascontiguousarray(points),
            lower=lower,
            rows=kept,
            inner=inner,
            mean=mean,
            inverse=inverse,
        )

    def layers(self, found: NDArray[np.float32]) -> NDArray[np.float64]:
        """From u, shape (…, r), to layers for raw features with the bias last, shape (…, D + 1)."""
        from scipy.linalg import solve_triangular

        flat = found.reshape(-1, found.shape[-1]).astype(np.float64)
        weights = solve_triangular(self.lower, flat.T, lower=True, trans="T", check_finite=False).T
        slopes, bias = weights[:, :-1], weights[:, -1:]
        if self.inner is not None and self.rows is not None:
            dual = solve_triangular(self.inner, slopes.T, lower=True, trans="T", check_finite=False).T
            slopes = dual @ self.rows
        slopes = slopes * self.inverse
        layers = np.column_stack([slopes, bias - slopes @ self.mean[:, None]])
        return layers.reshape(*found.shape[:-1], layers.shape[1])

    def found(self, layers: NDArray[np.float64]) -> NDArray[np.float32]:
        """From layers for raw features, shape (C, D + 1), to u; what lies outside the rows' span is
        dropped.
        """
        from scipy.linalg import solve_triangular

        slopes = np.divide(
            layers[:, :-1], self.inverse, where=self.inverse > 0, out=np.zeros_like(layers[:, :-1])
        )
        bias = layers[:, -1:] + layers[:, :-1] @ self.mean[:, None]
        if self.inner is not None and self.rows is not None:
            slopes = solve_triangular(self.inner, self.rows @ slopes.T, lower=True, check_finite=False).T
        return (np.column_stack([slopes, bias]) @ self.lower).astype(np.float32)


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
            return np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            growth *= 10
