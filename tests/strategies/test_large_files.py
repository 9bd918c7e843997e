"""Embeddings in a file too large to copy are converted tile by tile, with the same picks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import alaas
from alaas.strategies import _vectors


@pytest.mark.parametrize("name", ["k_center", "k_means", "badge"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_same_picks_as_in_memory(
    name: str, dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    arrays = {
        "embeddings": rng.normal(3.0, 1.0, size=(5000, 16)).astype(dtype),
        "probs": rng.dirichlet(np.ones(8), 5000).astype(dtype),
    }
    mapped = {}
    for signal, array in arrays.items():
        np.save(tmp_path / f"{signal}.npy", array)
        mapped[signal] = np.load(tmp_path / f"{signal}.npy", mmap_mode="r")
    in_memory = alaas.query(name, budget=40, **arrays, seed=4)
    monkeypatch.setattr(_vectors, "_RESIDENT_BYTES", 1000)
    assert alaas.query(name, budget=40, **mapped, seed=4).tolist() == in_memory.tolist()


def test_a_large_file_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_vectors, "_RESIDENT_BYTES", 1000)
    np.save(tmp_path / "pool.npy", np.random.default_rng(0).normal(size=(100, 8)))
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    vectors = _vectors.Vectors(mapped, _vectors.frame_around(mapped))
    assert vectors._array is mapped
    assert vectors.rows(slice(0, 3)).dtype == np.float32
