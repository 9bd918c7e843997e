"""Expected gradient length against gradients written out, and against finite differences of the loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies.expected_gradient_length import ExpectedGradientLength
from alaas.types import Signals


def reference(probs: NDArray[np.floating], embeddings: NDArray[np.floating]) -> list[float]:
    """The mean length of the gradients, each written out as a matrix."""
    scores = []
    for row, embedding in zip(probs.astype(float), embeddings.astype(float), strict=True):
        features = np.append(embedding, 1.0)
        lengths = [np.linalg.norm(np.outer(row - one, features)) for one in np.eye(len(row))]
        scores.append(float(row @ lengths))
    return scores


@st.composite
def pools(draw: st.DrawFn) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    n, classes = draw(st.integers(1, 20)), draw(st.sampled_from([1, 2, 3, 10, 40]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    probs = rng.dirichlet(np.full(classes, draw(st.sampled_from([0.02, 1.0, 10.0]))), n)
    if draw(st.booleans()):  # certain predictions, and items that are all the same
        probs[: n // 2] = np.eye(classes)[rng.integers(classes, size=n // 2)]
    embeddings = rng.normal(size=(n, 5)) * draw(st.sampled_from([0.0, 1e-3, 1.0, 1e3]))
    dtype = draw(st.sampled_from(["float16", "float32", "float64"]))
    return probs.astype(dtype), embeddings.astype(dtype)


@given(pool=pools())
def test_scores_equal_the_reference(pool: tuple[NDArray[np.floating], NDArray[np.floating]]) -> None:
    scores = ExpectedGradientLength().score(Signals(probs=pool[0], embeddings=pool[1]))
    np.testing.assert_allclose(scores, reference(*pool), rtol=1e-9, atol=1e-12)


def test_it_is_the_gradient_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    head, features = rng.normal(size=(3, 5)), np.append(rng.normal(size=4), 1.0)

    def loss(weights: NDArray[np.float64], label: int) -> float:
        logits = weights @ features
        return float(np.log(np.exp(logits).sum()) - logits[label])

    def length(label: int) -> float:
        step, gradient = 1e-6, np.empty_like(head)
        for place in np.ndindex(*head.shape):
            ahead, behind = head.copy(), head.copy()
            ahead[place] += step
            behind[place] -= step
            gradient[place] = (loss(ahead, label) - loss(behind, label)) / (2 * step)
        return float(np.linalg.norm(gradient))

    probs = np.exp(head @ features) / np.exp(head @ features).sum()
    expected = sum(probs[label] * length(label) for label in range(3))
    signals = Signals(probs=probs[np.newaxis], embeddings=features[np.newaxis, :-1])
    assert ExpectedGradientLength().score(signals)[0] == pytest.approx(expected, rel=1e-6)


def test_nearly_certain_items_keep_their_order() -> None:
    doubt = np.geomspace(1e-12, 1e-3, 10)
    probs = np.column_stack([1.0 - doubt, doubt])
    scores = ExpectedGradientLength().score(Signals(probs=probs, embeddings=np.zeros((10, 1))))
    # With two classes: p·(1 - p)·√2 for each label.
    np.testing.assert_allclose(scores, 2.0 * np.sqrt(2.0) * doubt * (1.0 - doubt), rtol=1e-4)


def test_doubt_and_length_both_count() -> None:
    probs = np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5], [0.9, 0.1]])
    embeddings = np.array([[100.0], [1.0], [2.0], [2.0]])
    assert alaas.query("expected_gradient_length", budget=4, probs=probs, embeddings=embeddings).tolist() == [
        2,
        1,
        3,
        0,
    ]
