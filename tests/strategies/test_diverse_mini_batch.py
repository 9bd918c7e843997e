"""Diverse mini-batches against weighted means written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.types import Selection, Signals


def margins(probs: NDArray[np.floating]) -> NDArray[np.float64]:
    ranked = np.sort(np.column_stack([probs, np.zeros(len(probs))]).astype(np.float64), axis=1)
    return 1.0 - (ranked[:, -1] - ranked[:, -2])


def select(
    budget: int, seed: int = 0, *, expression: str = "diverse_mini_batch", **arrays: object
) -> Selection:
    signals = Signals(**arrays)  # type: ignore[arg-type]
    return build(expression).select(signals, budget, np.random.default_rng(seed))


@st.composite
def pools(draw: st.DrawFn) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    n, classes = draw(st.integers(1, 40)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    probs, embeddings = rng.dirichlet(np.full(classes, 0.5), n), rng.normal(size=(n, 3))
    kind = draw(st.sampled_from(["plain", "repeated", "constant", "certain", "half certain"]))
    if kind == "repeated":
        embeddings = embeddings[rng.integers(n, size=n)]
    if kind == "constant":
        embeddings[:] = embeddings[0]
    if "certain" in kind:
        some = slice(None) if kind == "certain" else slice(0, n // 2)
        probs[some] = np.eye(classes)[rng.integers(classes, size=n)][some]
    dtype = draw(st.sampled_from(["float16", "float32", "float64"]))
    return probs.astype(dtype), embeddings.astype(dtype)


@settings(max_examples=100, deadline=None)
@given(
    pool=pools(),
    factor=st.sampled_from([1.0, 2.5, 1000.0]),
    budget=st.integers(1, 12),
    seed=st.integers(0, 9),
)
def test_candidates_are_the_most_uncertain_and_their_scores_add_up(
    pool: tuple[NDArray[np.floating], NDArray[np.floating]], factor: float, budget: int, seed: int
) -> None:
    probs, embeddings = pool
    found = select(
        budget,
        seed,
        expression=f"diverse_mini_batch(margin, factor={factor})",
        probs=probs,
        embeddings=embeddings,
    )
    scores = margins(probs)
    kept = np.sort(scores)[::-1][: int(np.ceil(factor * min(budget, len(probs))))]
    assert scores[found.indices].min() >= kept.min()
    assert found.scores.sum() == pytest.approx(kept.sum() if kept.any() else len(kept))
    assert (np.diff(found.scores) <= 0).all()


@settings(max_examples=100, deadline=None)
@given(pool=pools(), seed=st.integers(0, 9))
def test_one_pick_is_nearest_to_the_weighted_mean(
    pool: tuple[NDArray[np.floating], NDArray[np.floating]], seed: int
) -> None:
    probs, embeddings = pool
    found = select(
        1, seed, expression="diverse_mini_batch(margin, factor=1000)", probs=probs, embeddings=embeddings
    )
    weights = margins(probs)
    wide = embeddings.astype(np.float64)
    centre = np.average(wide, axis=0, weights=weights if weights.any() else None)
    distances = np.linalg.norm(wide - centre, axis=1)
    assert distances[found.indices[0]] == pytest.approx(distances.min(), abs=1e-3)


def test_each_heap_gives_the_item_nearest_to_its_weighted_mean() -> None:
    rng = np.random.default_rng(1)
    heaps = np.repeat(np.arange(5), [60, 50, 40, 30, 20])
    embeddings = 50.0 * np.eye(5)[heaps] + rng.normal(size=(200, 5))
    probs = rng.dirichlet(np.ones(3), 200)
    found = select(5, embeddings=embeddings, probs=probs, expression="diverse_mini_batch(margin, factor=40)")
    weights = margins(probs)
    expected = {}
    for heap in range(5):
        members = np.flatnonzero(heaps == heap)
        centre = np.average(embeddings[members], axis=0, weights=weights[members])
        nearest = members[np.linalg.norm(embeddings[members] - centre, axis=1).argmin()]
        expected[int(nearest)] = weights[members].sum()
    assert dict(zip(found.indices.tolist(), found.scores, strict=True)) == pytest.approx(expected)


def test_the_uncertain_item_draws_the_centre() -> None:
    embeddings = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])
    probs = np.array([[0.5, 0.5], [0.99, 0.01], [0.99, 0.01], [0.99, 0.01], [0.99, 0.01]])
    assert select(1, embeddings=embeddings, probs=probs).indices.tolist() == [0]
    probs[0] = probs[1]  # all weigh the same now
    assert select(1, embeddings=embeddings, probs=probs).indices.tolist() == [2]


def test_items_that_coincide_leave_room_for_the_most_uncertain() -> None:
    probs = np.array([[0.6, 0.4], [0.9, 0.1], [0.5, 0.5], [0.7, 0.3]])
    found = select(3, embeddings=np.ones((4, 2)), probs=probs)
    assert found.scores == pytest.approx([0.8 + 0.2 + 1.0 + 0.6, 0.0, 0.0])
    left = [item for item in (2, 0, 3, 1) if item != found.indices[0]]
    assert found.indices[1:].tolist() == left[:2]


@pytest.mark.parametrize("parameters", [{"factor": 0.5}, {"iterations": -1}, {"strategy": "k_center"}])
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build("diverse_mini_batch", parameters)  # type: ignore[arg-type]
