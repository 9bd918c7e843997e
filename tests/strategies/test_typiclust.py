"""TypiClust against a plain walk over the same clusters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies._joined import Joined
from alaas.strategies._vectors import Vectors, frame_around
from alaas.strategies.typiclust import _typicality, _visits
from alaas.types import Signals


@settings(max_examples=100, deadline=None)
@given(
    pool=st.lists(st.integers(0, 5), min_size=1, max_size=40),
    labelled=st.lists(st.integers(0, 7), max_size=15),
    smallest=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_each_visit_goes_to_the_cluster_with_the_fewest_labels_then_the_largest(
    pool: list[int], labelled: list[int], smallest: int, seed: int
) -> None:
    visits = _visits(
        np.array(pool), np.array(labelled, dtype=int), smallest, len(pool), np.random.default_rng(seed)
    )
    free = np.bincount(pool, minlength=8)
    have = np.bincount(np.array(labelled, dtype=int), minlength=8)
    sizes = free + have
    for visit in visits:
        rank = [(sizes[c] < smallest, have[c], -sizes[c]) for c in range(8) if free[c]]
        assert free[visit]
        assert (sizes[visit] < smallest, have[visit], -sizes[visit]) == min(rank)
        free[visit] -= 1
        have[visit] += 1


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), neighbours=st.integers(1, 25), repeated=st.booleans(), seed=st.integers(0, 99))
def test_typicality_is_by_the_nearest_neighbours(n: int, neighbours: int, repeated: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pool = rng.normal(size=(n, 3))
    if repeated:
        pool = pool[rng.integers(max(1, n // 2), size=n)]
    frame = frame_around(pool)
    found = _typicality(Vectors(pool, frame), neighbours, 1000, rng) * frame.factor
    apart = np.sort(np.linalg.norm(pool[:, np.newaxis] - pool, axis=2), axis=1)[:, 1 : neighbours + 1]
    if n == 1:
        assert found.tolist() == [0.0]
    else:
        means = apart.mean(axis=1)
        # Of a distance 0, float32 leaves up to a thousandth of the extent.
        np.testing.assert_allclose(1.0 / found, means, rtol=1e-3, atol=2e-3 / frame.factor)


def groups(sizes: list[int], seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    return 10.0 * np.eye(len(sizes))[group] + 0.3 * rng.normal(size=(len(group), len(sizes))), group


def test_the_most_typical_item_of_each_group_the_largest_first() -> None:
    pool, group = groups([80, 40, 20], 0)
    found = build("typiclust").select(Signals(embeddings=pool), 3, np.random.default_rng(0))
    assert group[found.indices].tolist() == [0, 1, 2]
    for place, pick in enumerate(found.indices):
        members = np.flatnonzero(group == place)
        apart = np.sort(np.linalg.norm(pool[members][:, np.newaxis] - pool[members], axis=2), axis=1)
        means = apart[:, 1 : min(21, len(members))].mean(axis=1)
        assert pick == members[means.argmin()]
        assert found.scores[place] == pytest.approx(1.0 / means.min(), rel=1e-4)


def test_groups_with_labels_wait() -> None:
    pool, group = groups([80, 40, 20], 1)
    known = 10.0 * np.eye(3)[[0, 0]]
    picks = alaas.query(
        "typiclust", budget=1, embeddings=pool, labelled_embeddings=known, parameters={"clusters": 3}
    )
    assert group[picks].tolist() == [1]
    picks = alaas.query(
        "typiclust", budget=4, embeddings=pool, labelled_embeddings=known, parameters={"clusters": 3}
    )
    assert group[picks].tolist() == [1, 2, 1, 2]


def test_more_picks_than_clusters_go_round_again() -> None:
    pool, group = groups([60, 30], 2)
    picks = alaas.query("typiclust", budget=6, embeddings=pool, parameters={"clusters": 2})
    assert group[picks].tolist() == [0, 1, 0, 1, 0, 1]


def test_small_clusters_wait_until_the_others_are_used_up() -> None:
    pool, group = groups([12, 8, 3], 3)
    picks = alaas.query("typiclust", budget=23, embeddings=pool, parameters={"clusters": 3})
    assert sorted(group[picks[:20]].tolist()) == [0] * 12 + [1] * 8
    assert group[picks[20:]].tolist() == [2, 2, 2]


def test_neighbours_from_a_sample_find_typical_items_too() -> None:
    rng = np.random.default_rng(4)
    pool = rng.normal(size=(3000, 2))
    picks = alaas.query("typiclust", budget=1, embeddings=pool, parameters={"sample": 500})
    assert np.linalg.norm(pool[picks[0]]) < 1.0  # the densest place of a normal distribution is its mean


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 9), m=st.integers(1, 9), seed=st.integers(0, 99))
def test_joined_vectors_are_those_of_one_array(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n + m, 3))
    frame = frame_around(rows)
    whole = Vectors(rows, frame)
    both = Joined(Vectors(rows[:n], frame), Vectors(rows[n:], frame))
    assert len(both) == n + m
    np.testing.assert_array_equal(both.norms, whole.norms)
    for part in (slice(0, n + m), slice(n - 1, n + 1), rng.integers(n + m, size=7)):
        np.testing.assert_array_equal(both.rows(part), whole.rows(part))
    taken = rng.integers(n + m, size=5)
    np.testing.assert_array_equal(both.take(taken).rows(slice(None)), whole.take(taken).rows(slice(None)))


@pytest.mark.parametrize("name", ["neighbours", "clusters", "smallest", "sample"])
def test_impossible_parameters(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        build("typiclust", {name: 0})
