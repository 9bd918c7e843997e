"""Taking the best, and being fair about it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alaas.strategies._ranking import the_rest, top, top_set

few_values = st.lists(st.integers(0, 4), min_size=1, max_size=40).map(lambda values: np.array(values, float))


@given(scores=few_values, data=st.data())
def test_top_is_a_sort(scores: np.ndarray, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(scores)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    for chosen in (top(scores, count, rng), top_set(scores, count, rng)):
        assert len(set(chosen.tolist())) == count
        np.testing.assert_array_equal(np.sort(scores[chosen])[::-1], np.sort(scores)[::-1][:count])
    chosen = top(scores, count, rng)
    np.testing.assert_array_equal(scores[chosen], np.sort(scores)[::-1][:count])


def test_ties_are_fair_at_the_cut_and_in_the_order() -> None:
    # 4 clear winners, then 6 equal scores of which 3 are taken: each in half of the draws, in any order.
    scores = np.array([1.0, 5.0, 1.0, 6.0, 1.0, 1.0, 7.0, 1.0, 8.0, 1.0])
    rng, runs = np.random.default_rng(0), 3000
    drawn = np.array([top(scores, 7, rng) for _ in range(runs)])
    assert drawn[:, :4].tolist() == [[8, 6, 3, 1]] * runs
    for place in range(4, 7):
        counts = np.bincount(drawn[:, place], minlength=10)[[0, 2, 4, 5, 7, 9]]
        assert counts.sum() == runs
        # 5 degrees of freedom: above 25.7 with probability 1e-4
        assert ((counts - runs / 6) ** 2 / (runs / 6)).sum() < 25.7


@given(n=st.integers(1, 30), data=st.data())
def test_the_rest_is_the_rest(n: int, data: st.DataObject) -> None:
    chosen = np.array(data.draw(st.lists(st.integers(0, n - 1), unique=True)), dtype=np.int64)
    count = data.draw(st.integers(0, n - len(chosen)))
    rest = the_rest(chosen, n, count, np.random.default_rng(0))
    assert len({*rest.tolist(), *chosen.tolist()}) == count + len(chosen)
