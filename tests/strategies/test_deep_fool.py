"""DeepFool against the boundaries themselves: the step must reach one, and none may be nearer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies.deep_fool import DeepFool
from alaas.types import Signals


def reference(embeddings: NDArray[np.floating], weights: NDArray[np.floating]) -> list[float]:
    scores = []
    for embedding in embeddings.astype(float):
        logits = [float(row[:-1] @ embedding + row[-1]) for row in weights.astype(float)]
        likeliest = logits.index(max(logits))
        distance = math.inf
        for other, row in enumerate(weights.astype(float)):
            if other == likeliest:
                continue
            gap = logits[likeliest] - logits[other]
            steepness = float(np.linalg.norm(weights[likeliest, :-1].astype(float) - row[:-1]))
            distance = min(distance, 0.0 if gap == 0.0 else gap / steepness if steepness else math.inf)
        scores.append(1.0 / (1.0 + distance))
    return scores


@given(
    n=st.integers(1, 20),
    classes=st.sampled_from([1, 2, 3, 12]),
    grid=st.booleans(),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    seed=st.integers(0, 999),
)
def test_scores_equal_the_reference(n: int, classes: int, grid: bool, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, weights = rng.normal(size=(n, 3)), rng.normal(size=(classes, 4))
    if grid:  # ties, equal logits, equal rows of weights
        embeddings, weights = np.round(embeddings), np.round(weights)
    embeddings, weights = embeddings.astype(dtype), weights.astype(dtype)
    scores = DeepFool().score(Signals(embeddings=embeddings, weights=weights))
    np.testing.assert_allclose(scores, reference(embeddings, weights), rtol=1e-9, atol=1e-12)


def test_the_step_reaches_the_boundary_and_a_shorter_one_reaches_none() -> None:
    rng = np.random.default_rng(0)
    embeddings, weights = rng.normal(size=(50, 2)), rng.normal(size=(4, 3))
    distances = 1.0 / DeepFool().score(Signals(embeddings=embeddings, weights=weights)) - 1.0
    angles = np.linspace(0.0, 2.0 * np.pi, 20_000)
    around = np.column_stack([np.cos(angles), np.sin(angles)])

    def classes(points: NDArray[np.float64]) -> NDArray[np.int64]:
        return (points @ weights[:, :-1].T + weights[:, -1]).argmax(axis=1)

    for embedding, distance, own in zip(embeddings, distances, classes(embeddings), strict=True):
        assert (classes(embedding + 0.999 * distance * around) == own).all()
        assert (classes(embedding + 1.001 * distance * around) != own).any()


def test_a_steep_boundary_is_no_farther_than_a_gentle_one() -> None:
    # Both boundaries stand at 0; the first class's logit rises ten times as fast along the first axis.
    embeddings = np.array([[0.5], [2.0]])
    gentle, steep = np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([[10.0, 0.0], [-10.0, 0.0]])
    for weights in (gentle, steep):
        scores = DeepFool().score(Signals(embeddings=embeddings, weights=weights))
        assert scores == pytest.approx([1 / 1.5, 1 / 3])


def test_classes_that_share_their_weights_are_parted_by_no_boundary() -> None:
    embeddings = np.array([[1.0], [2.0]])
    apart, equal = np.array([[1.0, 0.5], [1.0, 0.0]]), np.array([[1.0, 0.5], [1.0, 0.5]])
    assert DeepFool().score(Signals(embeddings=embeddings, weights=apart)).tolist() == [0.0, 0.0]
    assert DeepFool().score(Signals(embeddings=embeddings, weights=equal)).tolist() == [1.0, 1.0]


def test_one_class_has_no_boundary() -> None:
    scores = DeepFool().score(Signals(embeddings=np.ones((3, 2)), weights=np.ones((1, 3))))
    assert scores.tolist() == [0.0, 0.0, 0.0]


def test_equal_items_score_exactly_alike_wherever_they_stand() -> None:
    rng = np.random.default_rng(0)
    embeddings = np.tile(rng.normal(size=(1, 77)).astype(np.float32), (5001, 1))
    weights = rng.normal(size=(7, 78))
    assert np.unique(DeepFool().score(Signals(embeddings=embeddings, weights=weights))).size == 1


def test_the_nearest_to_a_boundary_come_first() -> None:
    weights = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, -10.0]])
    embeddings = np.array([[3.0], [-0.5], [1.0], [-2.0], [0.25]])
    assert alaas.query("deep_fool", budget=3, embeddings=embeddings, weights=weights).tolist() == [4, 1, 2]
