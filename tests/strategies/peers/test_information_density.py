"""Information density beside modAL."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.strategies.information_density import mean_cosines

pytestmark = pytest.mark.peers

density = pytest.importorskip("modAL.density")


def test_items_are_ordered_as_by_modal() -> None:
    """modAL's mean is of 1 / (1 + d) for the cosine distance d = 1 - cos, not of cos as in the paper. On
    items whose distances are all 0 or 1, one follows from the other; elsewhere the order is nearly the same.
    """
    axes = np.eye(4)[np.repeat(np.arange(4), [40, 30, 20, 10])]
    theirs, ours = density.information_density(axes, metric="cosine"), mean_cosines(axes)
    np.testing.assert_allclose(theirs, ours + (1.0 - ours) / 2.0, rtol=1e-6)
    rng = np.random.default_rng(0)
    pool = rng.normal(size=(300, 6)) + 0.8
    theirs, ours = density.information_density(pool, metric="cosine"), mean_cosines(pool)
    ranks = [np.argsort(np.argsort(values)) for values in (theirs, ours)]
    assert np.corrcoef(*ranks)[0, 1] > 0.99
