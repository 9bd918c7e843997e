"""The arrays that a task is run on: made once, kept in files, the same for everybody.

A pool of clusters with a linear head over it, so that uncertainty, density and classes hang together as they
do in life; random numbers without structure would flatter some strategies and starve others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_CLUSTERS_A_CLASS = 5
_SPREAD = 0.6
_CHUNK = 50_000


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a pool is: n items, D dimensions, C classes, K committee members, m labelled items."""

    items: int
    dimensions: int
    classes: int
    members: int = 0
    labelled: int = 200
    dtype: str = "float32"

    @property
    def name(self) -> str:
        """A name for its folder."""
        return f"{self.items}x{self.dimensions}x{self.classes}-k{self.members}-m{self.labelled}-{self.dtype}"


def make_arrays(shape: Shape, scratch: Path) -> dict[str, str]:
    """Write the arrays of a shape, unless they are there; returns each signal's file."""
    folder = scratch / "zoo" / shape.name
    done = folder / "done"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(shape, folder)
        done.touch()
    return {path.stem: str(path) for path in sorted(folder.glob("*.npy"))}


class _World:
    """Where clusters lie and how the head cuts them."""

    def __init__(self, shape: Shape) -> None:
        rng = np.random.default_rng(7)
        count = _CLUSTERS_A_CLASS * shape.classes
        self.shape = shape
        self.centres = rng.normal(size=(count, shape.dimensions)).astype(np.float32)
        own = self.centres.reshape(shape.classes, _CLUSTERS_A_CLASS, -1).mean(axis=1)
        self.weights = (own * (6.0 / np.sqrt(shape.dimensions))).astype(np.float32)
        self.members = [
            self.weights + 0.3 * self.weights.std() * rng.normal(size=self.weights.shape).astype(np.float32)
            for _ in range(shape.members)
        ]

    def draw(self, count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Items and their true classes."""
        rng = np.random.default_rng([11, seed])
        cluster = rng.integers(len(self.centres), size=count)
        noise = rng.standard_normal((count, self.shape.dimensions), dtype=np.float32)
        return self.centres[cluster] + _SPREAD * noise, cluster // _CLUSTERS_A_CLASS

    @staticmethod
    def probabilities(items: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = items @ weights.T
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits


def _write(shape: Shape, folder: Path) -> None:
    world, dtype = _World(shape), np.dtype(shape.dtype)
    n, rng = shape.items, np.random.default_rng(3)

    def file(name: str, size: tuple[int, ...], kind: np.dtype = dtype) -> np.memmap:
        return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=kind, shape=size)

    embeddings, probs = file("embeddings", (n, shape.dimensions)), file("probs", (n, shape.classes))
    mc_probs = file("mc_probs", (shape.members, n, shape.classes)) if shape.members else None
    for part in _parts(n):
        items, _ = world.draw(part.stop - part.start, part.start)
        embeddings[part] = items
        probs[part] = world.probabilities(items, world.weights)
        for member, weights in enumerate(world.members):
            assert mc_probs is not None
            mc_probs[member, part] = world.probabilities(items, weights)
    known, labels = world.draw(shape.labelled, -1 & 0xFFFF)
    np.save(folder / "labelled_embeddings.npy", known.astype(dtype))
    np.save(folder / "labelled_probs.npy", world.probabilities(known, world.weights).astype(dtype))
    np.save(folder / "labels.npy", labels)
    np.save(folder / "weights.npy", np.pad(world.weights, ((0, 0), (0, 1))).astype(dtype))
    np.save(folder / "costs.npy", rng.uniform(0.5, 3.0, n).astype(dtype))
    answers = np.where(rng.random((n, 3)) < 0.9, -1, rng.integers(shape.classes, size=(n, 3)))
    np.save(folder / "answers.npy", answers)


def _parts(n: int) -> Iterator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, min(start + _CHUNK, n))
