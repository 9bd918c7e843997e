"""Cluster-Margin against average linkage of the whole pool and turns taken one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alaas.errors import ConfigError
from alaas.strategies import build, cluster_margin
from alaas.strategies.cluster_margin import ClusterMargin
from alaas.types import Selection, Signals


def select(strategy: ClusterMargin, budget: int, seed: int = 0, **arrays: object) -> Selection:
    return strategy.select(Signals(**arrays), budget, np.random.default_rng(seed))  # type: ignore[arg-type]


def margins(probs: NDArray[np.floating]) -> NDArray[np.float64]:
    ranked = np.sort(np.column_stack([probs, np.zeros(len(probs))]).astype(np.float64), axis=1)
    return 1.0 - (ranked[:, -1] - ranked[:, -2])


def check_turns(picks: list[int], clusters: dict[int, int]) -> None:
    """Follow the picks round by round: one of each cluster that has any left, the smallest first."""
    left = Counter(clusters.values())
    sizes = dict(left)
    while picks:
        turn = picks[: sum(count > 0 for count in left.values())]
        picks = picks[len(turn) :]
        visited = [clusters[pick] for pick in turn]
        assert len(set(visited)) == len(visited)
        if picks:
            assert set(visited) == {cluster for cluster, count in left.items() if count}
        assert [sizes[cluster] for cluster in visited] == sorted(
            sizes[cluster] for cluster, count in left.items() if count
        )[: len(visited)]
        left.subtract(visited)


@settings(max_examples=100, deadline=None)
@given(
    n=st.integers(2, 60),
    budget=st.integers(1, 40),
    clusters=st.integers(1, 20),
    factor=st.sampled_from([1.0, 1.25, 3.0, 100.0]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 999),
)
def test_turns_among_clusters_of_the_pool(
    n: int, budget: int, clusters: int, factor: float, dtype: str, seed: int
) -> None:
    from scipy.cluster.hierarchy import cut_tree, linkage

    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(n, 3)).astype(dtype)
    probs = rng.dirichlet(np.ones(3), n)
    tree = linkage(embeddings.astype(np.float64), "average", metric="sqeuclidean")
    labels = cut_tree(tree, n_clusters=min(clusters, n))[:, 0]
    budget = min(budget, n)
    candidates = np.argsort(-margins(probs), kind="stable")[: min(n, int(np.ceil(factor * budget)))]
    found = select(
        ClusterMargin(clusters=clusters, factor=factor), budget, seed, embeddings=embeddings, probs=probs
    )
    assert set(found.indices.tolist()) <= set(candidates.tolist())
    assert found.scores == pytest.approx(margins(probs)[found.indices])
    check_turns(found.indices.tolist(), {int(item): int(labels[item]) for item in candidates})


def test_the_small_heap_comes_first_and_the_large_one_last() -> None:
    rng = np.random.default_rng(0)
    heaps = rng.permutation(np.repeat([0, 1, 2], [90, 8, 2]))
    embeddings = 30.0 * np.eye(3)[heaps] + rng.normal(size=(100, 3))
    probs = rng.dirichlet(np.ones(3), 100)
    strategy = ClusterMargin(clusters=3, factor=100.0)
    found = select(strategy, 12, embeddings=embeddings, probs=probs)
    assert heaps[found.indices].tolist() == [2, 1, 0, 2, 1, 0, 1, 0, 1, 0, 1, 0]
    firsts = {int(select(strategy, 1, s, embeddings=embeddings, probs=probs).indices[0]) for s in range(40)}
    assert firsts == set(np.flatnonzero(heaps == 2).tolist())


def test_groups_stand_for_their_items_in_a_large_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_margin, "_GROUPS", 40)
    monkeypatch.setattr(cluster_margin, "_SAMPLE", 10)
    rng = np.random.default_rng(1)
    heaps = rng.integers(6, size=3000)
    embeddings = 40.0 * rng.normal(size=(6, 8))[heaps] + rng.normal(size=(3000, 8))
    probs = rng.dirichlet(np.ones(3), 3000)
    found = select(ClusterMargin(clusters=6, factor=30.0), 6, embeddings=embeddings, probs=probs)
    assert sorted(heaps[found.indices].tolist()) == list(range(6))


@pytest.mark.parametrize("kind", ["constant", "certain", "one class"])
def test_pools_without_structure(kind: str) -> None:
    rng = np.random.default_rng(2)
    embeddings, probs = rng.normal(size=(30, 4)), rng.dirichlet(np.ones(3), 30)
    if kind == "constant":
        embeddings[:] = 1.0
    if kind == "certain":
        probs = np.eye(3)[rng.integers(3, size=30)]
    if kind == "one class":
        probs = np.ones((30, 1))
    arrays = {"embeddings": embeddings.astype("float16"), "probs": probs.astype("float16")}
    picks = [select(ClusterMargin(), 9, seed, **arrays).indices for seed in range(80)]
    assert all(len(set(batch.tolist())) == 9 for batch in picks)
    if kind != "constant":
        assert {int(item) for batch in picks for item in batch} == set(range(30))


def test_same_picks_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_margin, "_GROUPS", 100)
    rng = np.random.default_rng(3)
    arrays = {
        "embeddings": rng.normal(size=(3000, 6)).astype("float16"),
        "probs": rng.dirichlet(np.ones(4), 3000).astype("float16"),
    }
    mapped = {}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
        mapped[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    in_memory = select(ClusterMargin(), 20, **arrays).indices
    assert select(ClusterMargin(), 20, **mapped).indices.tolist() == in_memory.tolist()


@pytest.mark.parametrize("parameters", [{"clusters": 0}, {"clusters": 2.5}, {"factor": 0.9}])
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        build("cluster_margin", parameters)  # type: ignore[arg-type]
