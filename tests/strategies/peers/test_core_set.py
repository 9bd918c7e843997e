"""Core-set beside scikit-activeml's greedy k-center."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.strategies import build
from alaas.types import Signals

pytestmark = pytest.mark.peers

pool_strategies = pytest.importorskip("skactiveml.pool")


@pytest.mark.parametrize("outliers", [0.0, 0.02])
def test_a_smaller_radius_than_scikit_activemls_greedy(outliers: float) -> None:
    """Theirs is the paper's greedy start without the robust second half, so ours must be at least as good."""
    rng = np.random.default_rng(0)
    pool, known = rng.standard_t(4, size=(400, 3)), rng.normal(size=(3, 3))
    everything = np.concatenate([pool, known])
    answers = np.concatenate([np.full(400, np.nan), [0.0, 1.0, 0.0]])
    theirs = pool_strategies.CoreSet(random_state=0).query(everything, answers, batch_size=25)
    signals = Signals(embeddings=pool, labelled_embeddings=known)
    ours = build("core_set", {"outliers": outliers}).select(signals, 25, rng).indices

    def radius(picks: np.ndarray) -> float:
        centres = np.concatenate([known, pool[picks]])
        nearest = np.sort(np.linalg.norm(pool[:, np.newaxis] - centres, axis=2).min(axis=1))
        return float(nearest[399 - int(outliers * 400)])

    assert radius(ours) <= radius(theirs) * (1.0 + 1e-4)
    if outliers:
        assert radius(ours) < 0.95 * radius(theirs)
