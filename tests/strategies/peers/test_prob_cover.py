"""ProbCover beside scikit-activeml."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.strategies import build
from alaas.types import Signals

pytestmark = pytest.mark.peers

pool_strategies = pytest.importorskip("skactiveml.pool")


@pytest.mark.filterwarnings("ignore:The maximum purity")  # they have not looked for one
@pytest.mark.parametrize("labelled", [0, 5])
@pytest.mark.parametrize("radius", [0.6, 1.1])
def test_each_pick_holds_as_many_new_items_as_scikit_activemls(labelled: int, radius: float) -> None:
    """The same radius is given to both. Ties are many and drawn at random, so that one pick at a time is
    compared, after ours so far: our next one must be among their best, and add as much.
    """
    rng = np.random.default_rng(3)
    pool, known = rng.normal(size=(200, 3)), rng.normal(size=(labelled, 3))
    signals = Signals(embeddings=pool, labelled_embeddings=known)
    found = build("prob_cover", {"radius": radius, "normalise": False}).select(signals, 20, rng)
    everything = np.concatenate([pool, known])
    for place in range(20):
        answers = np.concatenate([np.full(200, np.nan), np.arange(labelled) % 2])
        answers[found.indices[:place]] = 0.0
        theirs = pool_strategies.ProbCover(deltas=[radius], n_classes=2, random_state=place)
        _, utilities = theirs.query(everything, answers, return_utilities=True)
        assert round(found.scores[place] * 200) == np.nanmax(utilities[0])
        assert utilities[0][found.indices[place]] == np.nanmax(utilities[0])


def test_the_radius_is_between_two_steps_of_theirs() -> None:
    """They try a grid of radii and keep the last pure one; ours is the largest, so it is at least theirs and
    below their next step.
    """
    from alaas.strategies._lloyd import cluster
    from alaas.strategies._vectors import Vectors, frame_around
    from alaas.strategies.prob_cover import pure_radius

    rng = np.random.default_rng(4)
    group = np.repeat([0, 1, 2], 50)
    pool = 4.0 * np.eye(3)[group] + 0.6 * rng.normal(size=(150, 3))
    frame = frame_around(pool)
    ours = pure_radius(Vectors(pool, frame), 3, 0.95, np.random.default_rng(0)) / frame.factor
    labels = cluster(Vectors(pool, frame), 3, 10, 10_000, np.random.default_rng(0)).labels
    assert len({tuple(np.unique(labels[group == one])) for one in range(3)}) == 3  # the groups are found
    deltas = np.arange(0.1, 8.0, 0.1)
    theirs = pool_strategies.ProbCover(deltas=deltas, n_classes=3, random_state=0)
    theirs.query(pool, np.full(150, np.nan))
    assert theirs.delta_max_ <= ours < theirs.delta_max_ + 0.1 + 1e-9
