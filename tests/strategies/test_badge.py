"""BADGE against gradients written out, and its draws against their law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies import build
from alaas.strategies._gradients import OuterProducts, Residual
from alaas.strategies._seeding import seed_by_distance
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Signals


def explicit_gradients(probs: NDArray[np.floating], embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
    """Gradients of the cross-entropy at the likeliest label, shape (n, C·D)."""
    residuals = probs.astype(np.float64)
    residuals[np.arange(len(probs)), probs.argmax(axis=1)] -= 1.0
    return np.einsum("nc,nd->ncd", residuals, embeddings.astype(np.float64)).reshape(len(probs), -1)


def squared_distances(gradients: NDArray[np.float64]) -> NDArray[np.float64]:
    return ((gradients[:, np.newaxis] - gradients) ** 2).sum(axis=2)


def example(n: int, classes: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(classes, 0.7), n), rng.normal(size=(n, 5))


@given(n=st.integers(1, 25), classes=st.integers(1, 6), seed=st.integers(0, 999), dtype=st.sampled_from("fd"))
def test_distances_equal_those_of_explicit_gradients(n: int, classes: int, seed: int, dtype: str) -> None:
    probs, embeddings = (array.astype(dtype) for array in example(n, classes, seed))
    frame = frame_around(embeddings, centre=False)
    space = OuterProducts(Vectors(probs, Residual()), Vectors(embeddings, frame))
    gradients = explicit_gradients(probs, embeddings) * frame.factor
    expected = squared_distances(gradients)
    tolerance = 1e-4 * max(1e-9, float(space.norms.max()))
    np.testing.assert_allclose(space.norms, (gradients**2).sum(axis=1), rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(space.among(), expected, rtol=1e-4, atol=tolerance)
    nearest = np.full(n, np.inf, dtype=np.float32)
    space.lower(nearest, space.take(np.arange((n + 1) // 2)))
    np.testing.assert_allclose(nearest, expected[:, : (n + 1) // 2].min(axis=1), rtol=1e-4, atol=tolerance)


def test_starts_from_the_longest_gradient() -> None:
    probs, embeddings = example(40, 3, 1)
    lengths = np.linalg.norm(explicit_gradients(probs, embeddings), axis=1)
    found = build("badge").select(Signals(probs=probs, embeddings=embeddings), 1, np.random.default_rng(0))
    assert found.indices.tolist() == [lengths.argmax()]
    assert found.scores[0] == pytest.approx(lengths.max(), rel=1e-4)


def test_scores_are_distances_to_earlier_picks() -> None:
    probs, embeddings = example(60, 4, 2)
    found = build("badge").select(Signals(probs=probs, embeddings=embeddings), 30, np.random.default_rng(0))
    distances = np.sqrt(squared_distances(explicit_gradients(probs, embeddings)))
    for place in range(1, 30):
        nearest = distances[found.indices[place], found.indices[:place]].min()
        assert found.scores[place] == pytest.approx(nearest, rel=1e-3, abs=1e-4)


def chi_square(counts: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[float, int]:
    """Pearson's statistic over cells of at least 5 expected draws, the others put together."""
    small = expected < 5
    counts = np.append(counts[~small], counts[small].sum())
    expected = np.append(expected[~small], expected[small].sum())
    counts, expected = counts[expected > 0], expected[expected > 0]
    return float(((counts - expected) ** 2 / expected).sum()), len(expected) - 1


@pytest.mark.parametrize("place", [1, 2, 5])
def test_draws_follow_the_law_of_k_means_plus_plus(place: int) -> None:
    """The place-th pick, given those before it, against its probabilities by enumeration of all prefixes."""
    from scipy.stats import chi2

    n, runs = 7, 5000
    probs, embeddings = example(n, 3, 3)
    gradients = explicit_gradients(probs, embeddings)
    distances = squared_distances(gradients)
    space = OuterProducts(
        Vectors(probs, Residual()), Vectors(embeddings, frame_around(embeddings, centre=False))
    )
    first = int((gradients**2).sum(axis=1).argmax())
    rng = np.random.default_rng(0)
    drawn = np.array([seed_by_distance(space, place + 1, first, rng).indices for _ in range(runs)])
    law = {(first,): 1.0}
    for _ in range(place):
        grown: dict[tuple[int, ...], float] = {}
        for prefix, chance in law.items():
            weights = distances[:, prefix].min(axis=1)
            for item in np.flatnonzero(weights):
                grown[(*prefix, int(item))] = chance * weights[item] / weights.sum()
        law = grown
    sequences = {sequence: position for position, sequence in enumerate(law)}
    counts = np.bincount([sequences[tuple(row)] for row in drawn.tolist()], minlength=len(law)).astype(float)
    statistic, freedom = chi_square(counts, runs * np.array(list(law.values())))
    assert statistic < chi2.ppf(1 - 1e-4, freedom)


def test_items_without_a_gradient_come_last() -> None:
    probs, embeddings = example(20, 3, 4)
    probs[:15] = np.eye(3)[np.arange(15) % 3]
    found = build("badge").select(Signals(probs=probs, embeddings=embeddings), 20, np.random.default_rng(0))
    # One certain item may come early: it stands for the origin, from which the others are far.
    assert len(set(found.indices[:6].tolist()) & {15, 16, 17, 18, 19}) == 5
    assert (found.scores[6:] == 0).all()


def test_no_gradient_at_all_is_random() -> None:
    firsts = {
        int(alaas.query("badge", budget=3, probs=np.eye(8), embeddings=np.ones((8, 2)), seed=seed)[0])
        for seed in range(100)
    }
    assert firsts == set(range(8))
