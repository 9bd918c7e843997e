"""BAIT against greedy designs that invert the matrix for every item."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies._design import _Design, choose_design
from alaas.strategies._principal import principal
from alaas.types import Selection, Signals

Matrix = NDArray[np.float64]


def objective(informations: Matrix, batch: list[int], prior: Matrix, target: Matrix) -> float:
    """tr(M⁻¹·T); ``informations`` holds each item's matrix, shape (n, d, d)."""
    return float(np.trace(np.linalg.inv(prior + informations[batch].sum(axis=0)) @ target))


def naive(informations: Matrix, prior: Matrix, target: Matrix, count: int, surplus: int) -> list[int]:
    batch: list[int] = []
    for _ in range(count + surplus):
        free = [item for item in range(len(informations)) if item not in batch]
        batch.append(min(free, key=lambda item: objective(informations, [*batch, item], prior, target)))
    for _ in range(surplus):
        batch.remove(
            min(
                batch,
                key=lambda item: objective(
                    informations, [kept for kept in batch if kept != item], prior, target
                ),
            )
        )
    return batch


def example(dimensions: int, n: int, seed: int) -> NDArray[np.float32]:
    """Points of very different lengths, one a column."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(dimensions, n)) * rng.exponential(size=n)).astype(np.float32)


def spread(points: NDArray[np.float32]) -> Matrix:
    """The mean of y·yᵀ."""
    return points.astype(np.float64) @ points.T / points.shape[1]


def rank_one(points: Matrix) -> Matrix:
    return np.einsum("in,jn->nij", points, points, dtype=np.float64)


def select(
    budget: int, seed: int = 0, parameters: dict[str, object] | None = None, **arrays: Matrix
) -> Selection:
    strategy = build("bait", parameters or {})  # type: ignore[arg-type]
    return strategy.select(Signals(**arrays), budget, np.random.default_rng(seed))  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(2, 16),
    dimensions=st.integers(1, 9),
    ridge=st.sampled_from([1e-3, 1.0, 100.0]),
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 9999),
)
def test_a_design_is_plain_greedy(n: int, dimensions: int, ridge: float, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = example(dimensions, n, seed)
    target, prior = spread(points), ridge * np.eye(dimensions)
    count = int(rng.integers(1, n + 1))
    surplus = int(share * (n - count))
    found = choose_design(points, prior, target, count, surplus, rng)
    assert found.indices.tolist() == naive(rank_one(points), prior, target, count, surplus)


def test_gains_are_what_came_off_the_objective() -> None:
    points = example(3, 40, 0)
    target, prior = spread(points), np.eye(3)
    found = choose_design(points, prior, target, 40, 0, np.random.default_rng(0))
    values = [objective(rank_one(points), found.indices[:k].tolist(), prior, target) for k in range(41)]
    np.testing.assert_allclose(found.gains, -np.diff(values), rtol=1e-9)


def test_a_long_design_does_not_drift() -> None:
    points = example(8, 3000, 1)
    target, prior = spread(points), 1e-3 * np.eye(8)
    found = choose_design(points, prior, target, 800, 0, np.random.default_rng(0))
    for place in (1, 7, 8, 100, 799):
        before = found.indices[:place]
        inverse = np.linalg.inv(prior + spread(points[:, before]) * place)
        bent = inverse @ points
        falls = (bent * (target @ bent)).sum(axis=0) / (1.0 + (points * bent).sum(axis=0))
        falls[before] = 0.0
        assert found.indices[place] == falls.argmax()
        assert found.gains[place] == pytest.approx(falls.max(), rel=1e-9)


def test_a_long_way_back_is_plain_greedy_too() -> None:
    points = example(8, 300, 2)
    target, prior = spread(points), np.eye(8)
    order = choose_design(points, prior, target, 240, 0, np.random.default_rng(0)).indices.tolist()
    while len(order) > 60:
        batch = points[:, order]
        bent = np.linalg.inv(prior + spread(batch) * len(order)) @ batch
        rises = (bent * (target @ bent)).sum(axis=0) / (1.0 - (batch * bent).sum(axis=0))
        order.pop(int(rises.argmin()))
    found = choose_design(points, prior, target, 60, 180, np.random.default_rng(0))
    assert found.indices.tolist() == order


@pytest.mark.parametrize("sign", [1, -1])
def test_changes_stay_right_without_being_computed_anew(sign: int) -> None:
    points = example(8, 200, 3)
    target, prior = spread(points), np.eye(8) + 200 * spread(points)
    design = _Design(points, prior, target, sign)
    design.best(np.random.default_rng(0))
    for index in range(150):
        design.move(index)
    inverse = np.linalg.inv(prior + sign * 150 * spread(points[:, :150]))
    bent = inverse @ points
    changes = sign * (bent * (target @ bent)).sum(axis=0) / (1.0 + sign * (points * bent).sum(axis=0))
    estimates = design._estimates()
    assert (estimates[:150] == -np.inf).all()
    np.testing.assert_allclose(estimates[150:], changes[150:], rtol=1e-3)
    np.testing.assert_allclose(design._inverse, inverse, atol=1e-9)


def test_what_float32_cannot_tell_apart_still_comes_in_order() -> None:
    rng = np.random.default_rng(0)
    points = (rng.normal(size=(16, 1)) * (1.0 + 1e-6 * rng.random(300))).astype(np.float32)
    lengths = np.linalg.norm(points.astype(np.float64), axis=0)
    found = choose_design(points, np.eye(16), spread(points), 30, 0, rng)
    np.testing.assert_allclose(lengths[found.indices], np.sort(lengths)[:-31:-1], rtol=1e-9)


def test_many_equal_points_are_drawn_fairly() -> None:
    points = np.ones((2, 6000), dtype=np.float32)
    firsts = [
        choose_design(points, np.eye(2), spread(points), 1, 0, np.random.default_rng(seed)).indices[0]
        for seed in range(60)
    ]
    assert min(firsts) < 1500
    assert max(firsts) > 4500


def test_a_point_alone_in_its_direction_stays() -> None:
    points = np.array([[1e5, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0]], dtype=np.float32)
    found = choose_design(points, 1e-3 * np.eye(2), np.eye(2), 2, 2, np.random.default_rng(0))
    assert 0 in found.indices


def two_classes(n: int, seed: int) -> tuple[Matrix, Matrix]:
    rng = np.random.default_rng(seed)
    first = rng.uniform(size=n)
    return np.column_stack([first, 1.0 - first]), rng.normal(size=(n, 3))


def features(embeddings: Matrix, pool: Matrix) -> Matrix:
    """Centred, scaled to a mean squared length of 1, with a constant; by the definition, without rotation."""
    centred = embeddings - pool.mean(axis=0)
    scale = np.sqrt(((pool - pool.mean(axis=0)) ** 2).sum(axis=1).mean())
    return np.column_stack([centred / scale, np.ones(len(centred))])


def fisher(probs: Matrix, points: Matrix) -> Matrix:
    """The whole matrices, class by class, shape (n, C·d, C·d)."""
    return np.stack(
        [np.kron(np.diag(p) - np.outer(p, p), np.outer(h, h)) for p, h in zip(probs, points, strict=True)]
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("labelled", [0, 5])
def test_with_two_classes_it_is_bait_with_whole_matrices(seed: int, labelled: int) -> None:
    probs, pool = two_classes(20, seed)
    known_probs, known = two_classes(labelled, seed + 100)
    whole = fisher(probs, features(pool, pool))
    target = whole.mean(axis=0)
    # T's mean eigenvalue over the directions in which two classes can differ, which are half of all.
    prior = np.eye(8) * np.trace(target) / 4
    if labelled:
        prior += fisher(known_probs, features(known, pool)).sum(axis=0)
    found = select(5, probs=probs, embeddings=pool, labelled_embeddings=known, labelled_probs=known_probs)
    assert found.indices.tolist() == naive(whole, prior, target, 5, 5)


def test_units_and_the_origin_do_not_matter() -> None:
    probs, pool = two_classes(200, 7)
    plain = select(20, probs=probs, embeddings=pool).indices
    assert select(20, probs=probs, embeddings=1e4 * pool + 1e5).indices.tolist() == plain.tolist()


def test_fewer_dimensions_keep_those_that_vary() -> None:
    probs, pool = two_classes(60, 8)
    wide = np.concatenate([pool, 1e-6 * np.random.default_rng(0).normal(size=(60, 30))], axis=1)
    few = select(9, parameters={"dimensions": 4}, probs=probs, embeddings=wide).indices
    assert few.tolist() == select(9, probs=probs, embeddings=pool).indices.tolist()


@given(n=st.integers(1, 30), width=st.integers(1, 6), count=st.integers(0, 8), seed=st.integers(0, 999))
def test_principal_directions_are_those_of_a_decomposition(n: int, width: int, count: int, seed: int) -> None:
    pool = np.random.default_rng(seed).normal(size=(n, width))
    found = principal(pool, count)
    lengths = np.linalg.svd(pool - pool.mean(axis=0), compute_uv=False)[:count] * found.frame.factor
    coordinates = found.apply(pool)
    assert coordinates.shape == (n, min(count, width))
    own = np.linalg.norm(coordinates, axis=0)
    np.testing.assert_allclose(own[: len(lengths)], lengths, atol=1e-5)
    assert found.variance == pytest.approx((lengths**2).sum() / n, abs=1e-6)


def test_what_is_labelled_needs_no_more_of_it() -> None:
    # Two directions; one is labelled to the full, so every pick tells of the other.
    pool = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]] * 10)
    known = np.array([[1.0, 0.0], [-1.0, 0.0]] * 100)
    probs = np.full((40, 2), 0.5)
    for extra in ({}, {"labelled_probs": np.full((200, 2), 0.5)}):
        found = select(6, probs=probs, embeddings=pool, labelled_embeddings=known, **extra)
        assert (pool[found.indices, 1] != 0.0).all()


def test_items_that_tell_nothing_come_last() -> None:
    probs, pool = two_classes(20, 9)
    probs[5:] = [1.0, 0.0]
    found = select(12, probs=probs, embeddings=pool)
    assert set(found.indices[:5].tolist()) == {0, 1, 2, 3, 4}
    assert (found.scores[:5] > 0.0).all()
    assert (found.scores[5:] == 0.0).all()


def test_equal_embeddings_and_equal_doubt_leave_everything_to_chance() -> None:
    firsts = {
        int(
            alaas.query("bait", budget=2, probs=np.full((8, 2), 0.5), embeddings=np.ones((8, 3)), seed=seed)[
                0
            ]
        )
        for seed in range(100)
    }
    assert firsts == set(range(8))


def test_it_beats_random_batches() -> None:
    rng = np.random.default_rng(3)
    probs, pool = rng.dirichlet(np.full(4, 0.5), 500), rng.normal(size=(500, 6)) * np.arange(1, 7)
    points = features(pool, pool).T * np.sqrt(1.0 - (probs**2).sum(axis=1))
    target = points @ points.T / 500
    prior = np.eye(7) * np.trace(target) / 7
    own = objective(
        rank_one(points), select(20, probs=probs, embeddings=pool).indices.tolist(), prior, target
    )
    forward = select(20, parameters={"oversampling": 1.0}, probs=probs, embeddings=pool).indices.tolist()
    others = [
        objective(rank_one(points), list(rng.choice(500, 20, replace=False)), prior, target)
        for _ in range(50)
    ]
    assert own <= objective(rank_one(points), forward, prior, target) < 0.6 * min(others)


@pytest.mark.parametrize(
    "parameters",
    [{"dimensions": 0}, {"regularisation": 0.0}, {"oversampling": 0.5}, {"oversampling": "many"}],
)
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        build("bait", parameters)  # type: ignore[arg-type]
