"""REFINE against rounds written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alaas.errors import ConfigError
from alaas.strategies import build, refine
from alaas.types import Selection, Signals


def select(expression: str, budget: int, seed: int = 0, **arrays: object) -> Selection:
    signals = Signals(**arrays)  # type: ignore[arg-type]
    return build(expression).select(signals, budget, np.random.default_rng(seed))


def pool(n: int, seed: int, classes: int = 4) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return {"probs": rng.dirichlet(np.ones(classes), n), "embeddings": rng.normal(size=(n, 3))}


def narrowed(scores: list[NDArray[np.float64]], budget: int, rounds: int, keep: float) -> set[int]:
    """What is left when in each round each score keeps its best."""
    left, most = list(range(len(scores[0]))), max(budget, int(keep * budget))
    for remaining in range(rounds, 0, -1):
        if len(left) <= most:
            break
        share = max((most / len(left)) ** (1 / remaining) / len(scores), budget / len(left))
        wanted = int(np.ceil(share * len(left)))
        best = [sorted(left, key=lambda item, score=score: -score[item])[:wanted] for score in scores]
        left = sorted(set().union(*best))
    return set(left)


@settings(max_examples=100, deadline=None)
@given(
    n=st.integers(1, 80),
    budget=st.integers(1, 30),
    rounds=st.integers(1, 6),
    keep=st.sampled_from([1.0, 1.5, 3.0, 100.0]),
    seed=st.integers(0, 999),
)
def test_picks_come_from_what_the_rounds_leave(
    n: int, budget: int, rounds: int, keep: float, seed: int
) -> None:
    arrays = pool(n, seed)
    budget = min(budget, n)
    ranked = np.sort(arrays["probs"], axis=1)
    scores = [ranked[:, -2] - ranked[:, -1], -(arrays["probs"] * np.log(arrays["probs"])).sum(axis=1)]
    left = narrowed(scores, budget, rounds, keep)
    assert len(left) >= budget
    found = select(f"refine(margin, entropy, rounds={rounds}, keep={keep})", budget, seed, **arrays)
    assert set(found.indices.tolist()) <= left
    assert found.scores.sum() == len(left)  # k_means gives every item left to a pick


def test_what_each_strategy_values_is_there_in_the_end() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.permutation(np.repeat(["crowd", "unsure", "far"], [900, 50, 50]))
    places = {"crowd": [0.0, 0.0], "unsure": [9.0, 0.0], "far": [0.0, 60.0]}
    embeddings = np.array([places[kind] for kind in kinds]) + rng.normal(size=(1000, 2))
    embeddings[kinds == "far", 0] += np.linspace(-90.0, 90.0, 50)
    probs = np.where(kinds[:, None] == "unsure", [0.5, 0.5], [0.99, 0.01])
    arrays = {"probs": probs, "embeddings": embeddings}
    alone = set(kinds[select("refine(margin, keep=4)", 10, **arrays).indices])
    both = set(kinds[select("refine(margin, k_center, keep=4)", 10, **arrays).indices])
    assert alone == {"unsure"}
    assert both >= {"unsure", "far"}


def test_a_large_pool_is_narrowed_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refine, "_SHARD", 40)
    arrays = pool(500, 1)
    ranked = np.sort(arrays["probs"], axis=1)
    margins = ranked[:, -1] - ranked[:, -2]
    found = select("refine(margin, rounds=1, keep=2)", 25, **arrays).indices
    # The best 4 of each of 13 parts: all of them are much better than the median.
    assert margins[found].max() < np.median(margins)
    assert len(set(found.tolist())) == 25


def test_strategies_that_agree_leave_enough() -> None:
    arrays = pool(100, 2)
    found = select("refine(margin, margin, margin, margin, margin, keep=1)", 30, **arrays).indices
    ranked = np.sort(arrays["probs"], axis=1)
    assert set(found.tolist()) == set(np.argsort(ranked[:, -1] - ranked[:, -2])[:30].tolist())


def test_a_small_pool_is_covered_as_it_is() -> None:
    arrays = pool(60, 3)
    whole = select("k_means", 10, embeddings=arrays["embeddings"])
    assert select("refine(margin, keep=6)", 10, **arrays).indices.tolist() == whole.indices.tolist()


def test_a_strategy_that_stops_early_does_not_stop_the_others() -> None:
    arrays = {**pool(60, 4), "costs": np.ones(60)}
    assert len(select("refine(cost_aware(margin, limit=2), margin, keep=2)", 12, **arrays).indices) == 12
    alone = select("refine(cost_aware(margin, limit=2), keep=2)", 12, **arrays).indices
    assert len(alone) == 2


@pytest.mark.parametrize(
    "parameters", [{"strategies": []}, {"rounds": 0}, {"keep": 0.5}, {"strategies": ["margin", 3]}]
)
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build("refine", parameters)  # type: ignore[arg-type]
