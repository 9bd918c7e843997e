"""Diverse mini-batches against scikit-activeml's CLUE, which clusters by the same weights, unfiltered."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.strategies._scores import two_largest
from alaas.strategies.diverse_mini_batch import DiverseMiniBatch
from alaas.types import Signals

pytestmark = pytest.mark.peers

pool = pytest.importorskip("skactiveml.pool")
classifiers = pytest.importorskip("skactiveml.classifier")
cluster = pytest.importorskip("sklearn.cluster")
threads = pytest.importorskip("threadpoolctl")


def spread(points: NDArray[np.float64], weights: NDArray[np.float64], picks: NDArray[np.int64]) -> float:
    """The weighted mean squared distance to the nearest pick."""
    squares = np.square(points[:, None] - points[picks][None]).sum(axis=2).min(axis=1)
    return float(np.average(squares, weights=weights))


def plain_seeds(
    points: NDArray[np.float64], count: int, random_state: np.random.RandomState
) -> NDArray[np.float64]:
    """k-means++ as in its paper: one proposal for each centre."""
    return cluster.kmeans_plusplus(points, count, random_state=random_state, n_local_trials=1)[0]  # type: ignore[no-any-return]


def test_batches_represent_the_uncertain_mass_as_well() -> None:
    """Both are random; what is compared is how far the uncertain mass is from its batch, averaged over seeds.

    scikit-learn is told to seed as we do. Its own way, which tries several proposals for each centre, makes
    clusters that are 1 % tighter on one cloud like this, and up to 10 % where tight heaps outnumber picks.
    """
    rng = np.random.default_rng(0)
    n, budget = 600, 30
    points = rng.normal(size=(n, 6))
    answers = np.full(n + 30, np.nan)
    answers[n:] = np.arange(30) % 3
    everything = np.concatenate([points, rng.normal(size=(30, 6))])
    learner = classifiers.ParzenWindowClassifier(classes=[0, 1, 2]).fit(everything, answers)
    probs = learner.predict_proba(points)
    first, second = two_largest(probs)
    weights = 1.0 - (first - second)
    strategy = DiverseMiniBatch(factor=n / budget, iterations=100)
    ours, theirs = [], []
    for seed in range(40):
        signals = Signals(probs=probs, embeddings=points)
        picks = strategy.select(signals, budget, np.random.default_rng(seed)).indices
        ours.append(spread(points, weights, picks))
        clue = pool.Clue(
            method="margin_sampling",
            cluster_algo_dict={"n_init": 1, "init": plain_seeds, "random_state": seed},
            random_state=seed,
        )
        with threads.threadpool_limits(1):
            found = clue.query(everything, answers, learner, fit_estimator=False, batch_size=budget)
        theirs.append(spread(points, weights, found))
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.01)
