"""ALFA-Mix against the paper's interpolation, coordinate by coordinate and anchor by anchor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies._vectors import frame_around
from alaas.strategies.alfa_mix import AlfaMix, _anchors, _head_in, _least_alphas
from alaas.types import Selection, Signals

Matrix = NDArray[np.float64]


def flips(embedding: Matrix, weights: Matrix, anchors: list[Matrix], alpha: float) -> bool:
    """Whether some anchor, mixed in by the closed form, changes the predicted class."""
    rows, bias = weights[:, :-1], weights[:, -1]
    logits = rows @ embedding + bias
    probs = np.exp(logits - logits.max())
    probs /= probs.sum()
    own = int(logits.argmax())
    error = probs.copy()
    error[own] = -np.delete(probs, own).sum()  # 1 - p would be 0 where the model is all but certain
    gradient = rows.T @ error
    for anchor in anchors:
        apart = anchor - embedding
        length = np.linalg.norm(apart) / np.linalg.norm(gradient)
        share = alpha / np.sqrt(len(embedding)) * length * gradient / apart
        mixed = embedding + share * apart
        if (rows @ mixed + bias).argmax() != own:
            return True
    return False


def least_alphas(embeddings: Matrix, weights: Matrix, known: Matrix, labels: NDArray[np.int64]) -> Matrix:
    frame = frame_around(embeddings, known)
    return _least_alphas(embeddings, frame, _head_in(frame, weights), _anchors(frame, known, labels))


@given(
    n=st.integers(1, 20),
    classes=st.integers(2, 6),
    m=st.integers(1, 12),
    steepness=st.sampled_from([0.1, 1.0, 5.0]),
    away=st.sampled_from([0.0, 100.0]),
    seed=st.integers(0, 9999),
)
def test_candidates_are_those_that_the_interpolation_flips(
    n: int, classes: int, m: int, steepness: float, away: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    embeddings, known = rng.normal(size=(n, 3)) + away, rng.normal(size=(m, 3)) + away
    weights = steepness * rng.normal(size=(classes, 4))
    weights[:, -1] -= away * weights[:, :-1].sum(axis=1)
    labels = rng.integers(classes, size=m)
    anchors = [known[labels == label].mean(axis=0) for label in set(labels.tolist())]
    least = least_alphas(embeddings, weights, known, labels)
    for alpha in (0.05, 0.2, 0.5, 1.0):
        for item in np.flatnonzero(np.abs(least / alpha - 1.0) > 1e-2):
            assert flips(embeddings[item], weights, anchors, alpha) == (least[item] < alpha)


def select(budget: int, alpha: float = 0.2, seed: int = 0, **arrays: NDArray[np.generic]) -> Selection:
    return AlfaMix(alpha=alpha).select(Signals(**arrays), budget, np.random.default_rng(seed))  # type: ignore[arg-type]


LINE = {  # two classes, parted at 0; one anchor, at -10
    "weights": np.array([[-1.0, 0.0], [1.0, 0.0]]),
    "labelled_embeddings": np.array([[-11.0], [-9.0]]),
    "labels": np.array([0, 0]),
}


def test_an_item_flips_if_the_boundary_is_within_its_share_of_the_way() -> None:
    # From x the way to the anchor is |x + 10|, of which alpha is gone, towards the boundary.
    embeddings = np.array([[1.0], [2.0], [3.0], [-1.0], [-2.0], [30.0]])
    assert least_alphas(embeddings, LINE["weights"], LINE["labelled_embeddings"], LINE["labels"]) == (
        pytest.approx([1 / 11, 2 / 12, 3 / 13, 1 / 9, 2 / 8, 30 / 40])
    )
    assert set(select(3, embeddings=embeddings, **LINE).indices.tolist()) == {0, 1, 3}


def test_alpha_grows_until_there_are_enough() -> None:
    embeddings = np.array([[1.0], [2.0], [3.0], [-1.0], [-2.0], [30.0]])
    found = select(5, embeddings=embeddings, **LINE)
    assert set(found.indices.tolist()) == {0, 1, 2, 3, 4}
    assert (found.scores == 1.0).all()
    assert set(select(2, 0.1, embeddings=embeddings, **LINE).indices.tolist()) < {0, 1, 3}


def test_alpha_is_never_less_than_was_asked_for() -> None:
    found = select(1, embeddings=np.array([[0.0], [1.0], [2.0], [30.0]]), **LINE)
    assert found.scores.tolist() == [3.0]  # one cluster of three candidates, though the first flips at once


def test_what_flips_nowhere_is_drawn_at_random_and_comes_last() -> None:
    embeddings = np.array([[1.0], [2.0], [-40.0], [-50.0], [-60.0]])
    drawn = set()
    for seed in range(40):
        found = select(3, seed=seed, embeddings=embeddings, **LINE)
        assert set(found.indices[:2].tolist()) == {0, 1}
        assert found.scores.tolist() == [1.0, 1.0, 0.0]
        drawn.add(int(found.indices[2]))
    assert drawn == {2, 3, 4}


def test_candidates_are_clustered() -> None:
    rng = np.random.default_rng(0)
    places = np.repeat([[0.0, 0.0], [0.0, 50.0], [0.0, 99.0], [500.0, 0.0]], [30, 20, 10, 100], axis=0)
    found = select(
        3,
        embeddings=places + 0.1 * rng.normal(size=places.shape),
        weights=np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]),
        labels=np.array([0]),
        labelled_embeddings=np.array([[5.0, 0.0]]),
    )
    assert places[found.indices].tolist() == [[0.0, 0.0], [0.0, 50.0], [0.0, 99.0]]
    assert found.scores.tolist() == [30.0, 20.0, 10.0]


def test_with_nothing_labelled_it_is_k_means() -> None:
    rng = np.random.default_rng(0)
    pool = rng.normal(size=(80, 4))
    nothing = {"labels": np.empty(0), "labelled_embeddings": np.empty((0, 4))}
    found = select(9, embeddings=pool, weights=rng.normal(size=(3, 5)), **nothing)
    expected = build("k_means").select(Signals(embeddings=pool), 9, np.random.default_rng(0))
    assert found.indices.tolist() == expected.indices.tolist()


def test_certain_predictions_keep_their_direction() -> None:
    # Logits of ±3000: probabilities of exactly 0 and 1, and a gradient of 0, that had a direction.
    weights = 1000.0 * np.array([[-1.0, 0.0], [1.0, 0.0]])
    least = least_alphas(np.array([[3.0]]), weights, LINE["labelled_embeddings"], LINE["labels"])
    assert least == pytest.approx([3 / 13])


def test_no_way_and_no_direction_flip_nothing() -> None:
    for place in ([[2.0, 1.0]], [[1.0, 1.0]]):  # the second on the boundary too
        embeddings = np.array(place)
        assert least_alphas(embeddings, np.eye(3)[:2], embeddings, np.array([0])).tolist() == [np.inf]
    flat = np.array([[1.0, 2.0, 1.0], [1.0, 2.0, 0.0]])
    assert least_alphas(np.array([[2.0, 1.0]]), flat, np.ones((1, 2)), np.array([0])).tolist() == [np.inf]


def test_labels_may_be_names() -> None:
    rng = np.random.default_rng(0)
    arrays = {"embeddings": rng.normal(size=(50, 3)), "weights": rng.normal(size=(2, 4))}
    arrays["labelled_embeddings"] = rng.normal(size=(4, 3))
    numbers = alaas.query("alfa_mix", budget=5, labels=[0, 1, 1, 0], **arrays)
    names = alaas.query("alfa_mix", budget=5, labels=["a", "b", "b", "a"], **arrays)
    assert names.tolist() == numbers.tolist()


@pytest.mark.parametrize("parameters", [{"alpha": 0.0}, {"alpha": 1.5}, {"iterations": -1}, {"sample": 0}])
def test_impossible_parameters(parameters: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        build("alfa_mix", parameters)  # type: ignore[arg-type]
