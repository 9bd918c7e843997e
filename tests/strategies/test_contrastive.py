"""Contrastive scores against divergences written out item by item."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies.contrastive import Contrastive
from alaas.types import Signals


def positive(row: NDArray[np.floating]) -> list[float]:
    raised = [max(float(p), 1e-7) for p in row]
    return [p / sum(raised) for p in raised]


def divergence(known: list[float], own: list[float]) -> float:
    return sum(p * math.log(p / q) for p, q in zip(known, own, strict=True))


def reference(signals: Signals, neighbours: int) -> list[float]:
    scores = []
    labelled = signals.labelled_embeddings.astype(np.float64)
    for row, place in zip(signals.probs, signals.embeddings.astype(np.float64), strict=True):
        apart = np.linalg.norm(labelled - place, axis=1)
        near = np.argsort(apart, kind="stable")[:neighbours]
        if len(apart) > neighbours:  # which one is nearer must not be a matter of rounding
            assume(np.diff(np.sort(apart))[neighbours - 1] > 1e-3)
        known = [positive(signals.labelled_probs[index]) for index in near]
        scores.append(sum(divergence(other, positive(row)) for other in known) / len(known))
    return scores


@st.composite
def pools(draw: st.DrawFn) -> tuple[Signals, int]:
    n, m, classes = draw(st.integers(1, 12)), draw(st.integers(1, 12)), draw(st.integers(1, 40))
    neighbours = draw(st.integers(1, 15))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = draw(st.sampled_from(["float16", "float32", "float64"]))
    kind = draw(st.sampled_from(["plain", "repeated", "constant", "certain"]))
    embeddings, labelled = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
    probs, known = rng.dirichlet(np.full(classes, 0.3), n), rng.dirichlet(np.full(classes, 0.3), m)
    if kind == "repeated":
        embeddings = embeddings[rng.integers(n, size=n)]
    if kind == "constant":
        embeddings[:] = labelled[:] = 1.0
        neighbours += m
    if kind == "certain":
        probs, known = (np.eye(classes)[rng.integers(classes, size=size)] for size in (n, m))
    arrays = {
        "probs": probs,
        "embeddings": embeddings,
        "labelled_embeddings": labelled,
        "labelled_probs": known,
    }
    return Signals(**{name: array.astype(dtype) for name, array in arrays.items()}), neighbours


@settings(max_examples=150, deadline=None)
@given(pool=pools())
def test_scores_equal_the_reference(pool: tuple[Signals, int]) -> None:
    signals, neighbours = pool
    scores = Contrastive(neighbours=neighbours).score(signals)
    np.testing.assert_allclose(scores, reference(signals, neighbours), rtol=1e-9, atol=1e-9)
    assert (scores >= 0.0).all()
    assert (scores < 16.2).all()


def test_the_item_that_contradicts_its_neighbour_comes_first() -> None:
    near, far = [0.0, 0.0], [9.0, 9.0]
    picks = alaas.query(
        "contrastive",
        budget=4,
        parameters={"neighbours": 1},
        embeddings=np.array([near, near, far, far]),
        probs=np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.1, 0.9]]),
        labelled_embeddings=np.array([near, far]),
        labelled_probs=np.array([[0.9, 0.1], [0.1, 0.9]]),
    )
    assert picks[:2].tolist() == [1, 2]


def test_the_divergence_is_that_of_the_items_prediction_from_the_labelled_one() -> None:
    """KL(labelled ‖ item) punishes an item that excludes what its neighbour holds possible."""
    arrays = {"embeddings": np.zeros((1, 1)), "labelled_embeddings": np.zeros((1, 1))}
    wide, narrow = np.array([[0.5, 0.5]]), np.array([[0.999, 0.001]])
    excluding = Contrastive().score(Signals(probs=narrow, labelled_probs=wide, **arrays))
    unsure = Contrastive().score(Signals(probs=wide, labelled_probs=narrow, **arrays))
    assert excluding[0] == pytest.approx(0.5 * math.log(0.5 / 0.999) + 0.5 * math.log(0.5 / 0.001))
    assert unsure[0] == pytest.approx(0.999 * math.log(1.998) + 0.001 * math.log(0.002))


def test_nothing_labelled_is_random() -> None:
    arrays = {
        "embeddings": np.random.default_rng(0).normal(size=(6, 2)),
        "probs": np.full((6, 2), 0.5),
        "labelled_embeddings": np.empty((0, 2)),
        "labelled_probs": np.empty((0, 2)),
    }
    firsts = {int(alaas.query("contrastive", budget=1, seed=seed, **arrays)[0]) for seed in range(80)}
    assert firsts == set(range(6))


@pytest.mark.parametrize("neighbours", [0, -1, 2.5, True])
def test_impossible_parameters(neighbours: object) -> None:
    with pytest.raises(ConfigError, match="neighbours"):
        build("contrastive", {"neighbours": neighbours})  # type: ignore[dict-item]
