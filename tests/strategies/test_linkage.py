"""Average linkage of groups against scipy's of all their items."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alaas.strategies._linkage import average_linkage


def partition(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


@settings(max_examples=80, deadline=None)
@given(groups=st.integers(1, 25), most=st.sampled_from([1, 1, 4]), seed=st.integers(0, 999), data=st.data())
def test_groups_are_joined_as_scipy_joins_their_items(
    groups: int, most: int, seed: int, data: st.DataObject
) -> None:
    from scipy.cluster.hierarchy import cut_tree, linkage

    rng = np.random.default_rng(seed)
    places, sizes = rng.normal(size=(groups, 3)), rng.integers(1, most, groups, endpoint=True)
    count = data.draw(st.integers(1, groups))
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    found = average_linkage(distances, sizes, count)
    assert set(found.tolist()) == set(range(count))
    owners = np.repeat(np.arange(groups), sizes)
    if len(owners) == 1:
        return
    # Items at the same place are joined first, at distance 0.
    expected = cut_tree(linkage(places[owners], "average"), n_clusters=count)[:, 0]
    assert partition(found[owners]) == partition(expected)


def test_equal_distances_leave_as_many_as_asked_for() -> None:
    for count in range(1, 9):
        found = average_linkage(np.ones((8, 8)), np.ones(8, dtype=np.int64), count)
        assert set(found.tolist()) == set(range(count))


def test_a_large_group_weighs_more() -> None:
    """Groups at 0 and 1 join first; most items at 0 are 3.99 from 4 on average, most at 1 are 3.01."""
    distances = np.abs(np.subtract.outer([0.0, 1.0, 4.0, 7.2], [0.0, 1.0, 4.0, 7.2]))
    heavy = average_linkage(distances.copy(), np.array([100, 1, 1, 1]), 2)
    assert partition(heavy) == {frozenset({0, 1}), frozenset({2, 3})}
    light = average_linkage(distances.copy(), np.array([1, 100, 1, 1]), 2)
    assert partition(light) == {frozenset({0, 1, 2}), frozenset({3})}
