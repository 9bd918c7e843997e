"""TypiClust beside scikit-activeml."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.strategies import build
from alaas.types import Signals

pytestmark = pytest.mark.peers

pool_strategies = pytest.importorskip("skactiveml.pool")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("labelled", [0, 2])
def test_the_same_picks_as_scikit_activeml_in_clear_groups(seed: int, labelled: int) -> None:
    """With as many clusters as groups both cluster alike. Theirs leaves covered clusters out, ours comes to
    them later; their default is 5 neighbours.
    """
    rng = np.random.default_rng(seed)
    sizes = [70, 55, 40, 30, 25]
    group = np.repeat(np.arange(5), sizes)
    pool = 30.0 * np.eye(5)[group] + rng.normal(size=(220, 5))
    known = 30.0 * np.eye(5)[:labelled] + rng.normal(size=(labelled, 5))
    everything = np.concatenate([pool, known])
    answers = np.concatenate([np.full(220, np.nan), np.arange(labelled)])
    expected = pool_strategies.TypiClust(k=20, random_state=seed).query(
        everything, answers, batch_size=5 - labelled
    )
    signals = Signals(embeddings=pool, labelled_embeddings=known)
    ours = build("typiclust").select(signals, 5 - labelled, rng)
    assert ours.indices.tolist() == expected.tolist()
