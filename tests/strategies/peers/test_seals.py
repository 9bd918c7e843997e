"""SEALS against small-text's, with an exact index where small-text has an approximate one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.strategies.seals import Seals
from alaas.types import Signals

pytestmark = pytest.mark.peers

peers = pytest.importorskip("small_text.query_strategies.strategies")
neighbours = pytest.importorskip("sklearn.neighbors")


class ExactIndex:
    """Answers as hnswlib's index does; hnswlib itself is no part of the environment."""

    def __init__(self, embeddings: NDArray[np.floating], items: NDArray[np.int64]) -> None:
        self.search = neighbours.NearestNeighbors(algorithm="brute").fit(embeddings[items])
        self.items = items

    def knn_query(self, asked: NDArray[np.floating], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        distances, places = self.search.kneighbors(asked, n_neighbors=k)
        return self.items[places], distances


@pytest.mark.parametrize("count", [5, 30])
def test_picks_are_the_same(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "check_optional_dependency", lambda name: None)
    monkeypatch.setattr(
        peers.SEALS,
        "initialize_index",
        staticmethod(lambda embeddings, items, options: ExactIndex(embeddings, items)),
    )
    rng = np.random.default_rng(0)
    n, m, budget = 500, 8, 20
    embeddings = rng.normal(size=(n + m, 5))
    probs = rng.dirichlet(np.ones(4), n + m)
    learner = SimpleNamespace(
        embed=lambda dataset, pbar=None: embeddings, predict_proba=lambda dataset: probs
    )
    peer = peers.SEALS(peers.BreakingTies(), k=count, normalize=False)
    theirs = peer.query(
        learner, np.arange(n + m), np.arange(n), np.arange(n, n + m), np.zeros(m, dtype=int), n=budget
    )
    signals = Signals(probs=probs[:n], embeddings=embeddings[:n], labelled_embeddings=embeddings[n:])
    ours = Seals(neighbours=count).select(signals, budget, np.random.default_rng(0)).indices
    assert sorted(ours.tolist()) == sorted(theirs.tolist())
