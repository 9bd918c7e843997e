"""Query by committee against sums written out, for each measure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies.query_by_committee import QueryByCommittee
from alaas.types import Signals
from committees import DTYPES, committees

Row = list[float]


def _entropy(row: Row) -> float:
    return -math.fsum(p * math.log(p) for p in row if p > 0)


def _mean(rows: list[Row]) -> Row:
    return [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]


def _vote_entropy(rows: list[Row]) -> float:
    return _entropy([votes / len(rows) for votes in Counter(row.index(max(row)) for row in rows).values()])


def _consensus_entropy(rows: list[Row]) -> float:
    return _entropy(_mean(rows))


def _kl(rows: list[Row]) -> float:
    mean = _mean(rows)
    divergences = [
        math.fsum(p * math.log(p / q) for p, q in zip(row, mean, strict=True) if p > 0) for row in rows
    ]
    return math.fsum(divergences) / len(rows)


REFERENCES: dict[str, Callable[[list[Row]], float]] = {
    "vote_entropy": _vote_entropy,
    "consensus_entropy": _consensus_entropy,
    "kl": _kl,
}


def scores(measure: str, says: NDArray[np.floating]) -> NDArray[np.float64]:
    strategy = build("query_by_committee", {"measure": measure})
    assert isinstance(strategy, QueryByCommittee)
    return strategy.score(Signals(mc_probs=says))


@pytest.mark.parametrize("measure", REFERENCES)
@given(says=committees(), dtype=DTYPES)
def test_scores_equal_the_reference(measure: str, says: NDArray[np.float64], dtype: str) -> None:
    says = says.astype(dtype)
    rows = says.astype(np.float64).swapaxes(0, 1).tolist()
    expected = [REFERENCES[measure](row) for row in rows]
    np.testing.assert_allclose(scores(measure, says), expected, rtol=1e-9, atol=2e-12)


@pytest.mark.parametrize("measure", REFERENCES)
@settings(max_examples=40)
@given(says=committees(), budget=st.integers(1, 20), seed=st.integers(0, 99))
def test_picks_are_the_best_in_order(measure: str, says: NDArray[np.float64], budget: int, seed: int) -> None:
    ranked = scores(measure, says)
    picks = alaas.query(
        build("query_by_committee", {"measure": measure}), budget=budget, mc_probs=says, seed=seed
    )
    np.testing.assert_array_equal(ranked[picks], np.sort(ranked)[::-1][:budget])


@given(votes=st.lists(st.integers(0, 6), min_size=1, max_size=12), seed=st.integers(0, 999))
def test_which_classes_get_the_votes_does_not_matter(votes: list[int], seed: int) -> None:
    renamed = np.random.default_rng(seed).permutation(7)[votes]
    says = np.stack([np.eye(7)[votes], np.eye(7)[renamed]], axis=1)
    first, second = scores("vote_entropy", says)
    assert first == second


def test_each_measure_has_its_own_favourite() -> None:
    # Votes are split three ways over item 0; all are in doubt over item 1; item 2 has the surest opponents.
    says = np.array(
        [
            [[0.4, 0.3, 0.3, 0.0], [0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0]],
            [[0.3, 0.4, 0.3, 0.0], [0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0]],
            [[0.3, 0.3, 0.4, 0.0], [0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.0, 0.0]],
        ]
    )
    favourites = {measure: int(scores(measure, says).argmax()) for measure in REFERENCES}
    assert favourites == {"vote_entropy": 0, "consensus_entropy": 1, "kl": 2}


@pytest.mark.parametrize("measure", ["votes", "", None, ["kl"]])
def test_an_unknown_measure_is_refused(measure: object) -> None:
    with pytest.raises(ConfigError, match="measure must be one of vote_entropy, consensus_entropy, kl"):
        QueryByCommittee(measure=measure)  # type: ignore[arg-type]
