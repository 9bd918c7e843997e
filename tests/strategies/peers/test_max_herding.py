"""MaxHerding and uncertainty herding beside scikit-activeml."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.strategies import build
from alaas.types import Signals

pytestmark = pytest.mark.peers

pool_strategies = pytest.importorskip("skactiveml.pool")

RNG = np.random.default_rng(0)
POOL = RNG.normal(size=(250, 8)) + 0.7
KNOWN = RNG.normal(size=(6, 8)) + 0.7


def theirs(strategy: object, known: np.ndarray, labels: np.ndarray, budget: int, **more: object) -> list[int]:
    """Their picks as positions in the pool; what is labelled stands behind it."""
    everything = np.concatenate([POOL, known])
    answers = np.concatenate([np.full(len(POOL), np.nan), labels])
    return strategy.query(everything, answers, batch_size=budget, **more).tolist()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("labelled", [0, 6])
@pytest.mark.parametrize("radius", [0.5, 1.0])
def test_the_same_picks_as_scikit_activeml(labelled: int, radius: float) -> None:
    """Their kernel is exp(-gamma·d²), so that gamma = 1/r² is our radius. Their sum runs over candidates."""
    known, labels = KNOWN[:labelled], np.arange(labelled) % 2
    strategy = pool_strategies.MaxHerding(metric_dict={"gamma": 1 / radius**2}, random_state=0)
    expected = theirs(strategy, known, labels, 30)
    signals = Signals(embeddings=POOL, labelled_embeddings=known)
    ours = build("max_herding", {"radius": radius}).select(signals, 30, np.random.default_rng(0))
    assert ours.indices.tolist() == expected


def test_the_same_picks_as_scikit_activeml_where_an_item_is_there_as_often_as_it_is_uncertain() -> None:
    """A weight of 1, 2 or 3 thirds is the same as one, two or three copies. The release that is compared has
    no uncertainty herding of its own.
    """
    often = np.random.default_rng(1).integers(1, 4, len(POOL))
    items = np.repeat(np.arange(len(POOL)), often)
    answers = np.full(len(items), np.nan)
    strategy = pool_strategies.MaxHerding(metric_dict={"gamma": 4.0}, random_state=0)
    expected = items[strategy.query(POOL[items], answers, batch_size=30)].tolist()
    apart = 1.0 - often / 3.0
    probs = np.column_stack([(1.0 + apart) / 2.0, (1.0 - apart) / 2.0])
    ours = build("uncertainty_herding", {"radius": 0.5}).select(
        Signals(embeddings=POOL, probs=probs), 30, np.random.default_rng(0)
    )
    assert ours.indices.tolist() == expected


@pytest.mark.skipif(not hasattr(pool_strategies, "UHerding"), reason="this release has no UHerding")
def test_the_same_picks_as_scikit_activemls_uherding() -> None:
    """Without calibration, which here is the learner's part."""
    from skactiveml.classifier import SklearnClassifier
    from sklearn.linear_model import LogisticRegression

    labels = np.arange(len(KNOWN)) % 2
    learner = SklearnClassifier(LogisticRegression(), classes=[0, 1]).fit(KNOWN, labels)
    strategy = pool_strategies.UHerding(temperatures=1.0, random_state=0)
    expected = theirs(strategy, KNOWN, labels, 30, clf=learner, fit_clf=False)
    probs = learner.predict_proba(POOL)
    signals = Signals(embeddings=POOL, labelled_embeddings=KNOWN, probs=probs)
    ours = build("uncertainty_herding").select(signals, 30, np.random.default_rng(0))
    assert ours.indices.tolist() == expected
