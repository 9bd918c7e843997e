"""SEALS against candidates found among all distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import _vectors, build
from alaas.types import Selection, Signals


def select(expression: str, budget: int, seed: int = 0, **arrays: object) -> Selection:
    signals = Signals(**arrays)  # type: ignore[arg-type]
    return build(expression).select(signals, budget, np.random.default_rng(seed))


def candidates(pool: NDArray[np.floating], labelled: NDArray[np.floating], count: int) -> list[int]:
    """The items at most as far from some labelled one as its ``count``-th nearest, by all distances."""
    apart = np.square(labelled[:, None].astype(np.float64) - pool[None].astype(np.float64)).sum(axis=2)
    limits = np.sort(apart, axis=1)[:, min(count, len(pool)) - 1]
    return np.flatnonzero((apart <= limits[:, None] + 1e-9).any(axis=0)).tolist()


@settings(max_examples=120, deadline=None)
@given(
    n=st.integers(1, 60),
    m=st.integers(0, 6),
    neighbours=st.integers(1, 20),
    budget=st.integers(1, 30),
    grid=st.booleans(),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    seed=st.integers(0, 999),
)
def test_picks_are_the_inner_strategys_among_the_candidates(
    n: int, m: int, neighbours: int, budget: int, grid: bool, dtype: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pool, labelled = (rng.normal(size=(size, 2)) * 2 for size in (n, m))
    if grid:  # repeated items, and many at the same distance
        pool, labelled = np.round(pool), np.round(labelled)
    pool, labelled = pool.astype(dtype), labelled.astype(dtype)
    probs = rng.dirichlet(np.ones(3), n)
    inside = candidates(pool, labelled, neighbours) if m else []
    ranked = np.sort(probs, axis=1)
    order = np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable").tolist()
    expected = [item for item in order if item in inside] + [item for item in order if item not in inside]
    found = select(
        f"seals(margin, neighbours={neighbours})",
        budget,
        embeddings=pool,
        labelled_embeddings=labelled,
        probs=probs,
    )
    assert found.indices.tolist() == expected[:budget]
    assert found.scores == pytest.approx(1.0 - (ranked[:, -1] - ranked[:, -2])[found.indices])


def test_a_known_rare_item_brings_in_its_likes() -> None:
    rng = np.random.default_rng(0)
    rare = np.arange(20)
    embeddings = rng.normal(size=(1000, 3))
    embeddings[rare] += 40.0
    arrays = {
        "embeddings": embeddings,
        "labelled_embeddings": np.full((1, 3), 40.0),
        "probs": rng.dirichlet(np.ones(4), 1000),
    }
    picks = select("seals(margin, neighbours=20)", 20, **arrays).indices
    assert sorted(picks.tolist()) == rare.tolist()


def test_of_items_at_the_same_distance_any_may_be_picked() -> None:
    arrays = {
        "embeddings": np.ones((40, 2)),
        "labelled_embeddings": np.zeros((2, 2)),
        "probs": np.full((40, 2), 0.5),
    }
    picks = [int(select("seals(margin, neighbours=2)", 1, seed, **arrays).indices[0]) for seed in range(400)]
    assert set(picks) == set(range(40))


def test_an_inner_strategy_that_may_stop_early_is_not_asked_twice() -> None:
    rng = np.random.default_rng(0)
    arrays = {
        "embeddings": np.arange(50.0)[:, None],
        "labelled_embeddings": np.zeros((1, 1)),
        "probs": rng.dirichlet(np.ones(3), 50),
        "costs": np.ones(50),
    }
    picks = select("seals(cost_aware(margin, limit=3), neighbours=5)", 10, **arrays).indices
    assert len(picks) == 3
    assert set(picks.tolist()) <= {0, 1, 2, 3, 4}
    assert len(select("seals(cost_aware(margin), neighbours=5)", 10, **arrays).indices) == 10


def test_the_inner_strategy_sees_what_is_labelled() -> None:
    pool = np.array([[0.0], [1.0], [5.0], [9.0], [10.0]])
    labelled = np.array([[0.0], [10.0]])
    picks = alaas.query("seals(k_center)", budget=1, embeddings=pool, labelled_embeddings=labelled)
    assert picks.tolist() == [2]


def test_same_picks_from_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    arrays = {
        "embeddings": rng.normal(size=(3000, 8)).astype("float16"),
        "labelled_embeddings": rng.normal(size=(20, 8)).astype("float16"),
        "probs": rng.dirichlet(np.ones(3), 3000),
    }
    in_memory = select("seals(margin, neighbours=9)", 50, **arrays).indices
    np.save(tmp_path / "pool.npy", arrays["embeddings"])
    mapped = {**arrays, "embeddings": np.load(tmp_path / "pool.npy", mmap_mode="r")}
    monkeypatch.setattr(_vectors, "_RESIDENT_BYTES", 1000)
    assert select("seals(margin, neighbours=9)", 50, **mapped).indices.tolist() == in_memory.tolist()


@pytest.mark.parametrize("neighbours", [0, 1.5, True, "many"])
def test_impossible_parameters(neighbours: object) -> None:
    with pytest.raises(ConfigError, match="neighbours"):
        build("seals", {"neighbours": neighbours})  # type: ignore[dict-item]
