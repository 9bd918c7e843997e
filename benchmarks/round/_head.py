"""What a choice is worth: top-1 of a linear head trained on the chosen images alone."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._worker import Worker, module
from benchmarks.round._dataset import Dataset, Picture
from benchmarks.round.rows.ours import MODEL

RANDOM_DRAWS = 10
_STEPS = 1000


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Embeddings of pool and test images, normalised to length 1, with their labels.

    Shapes: embeddings (n, D), labels (n,); ``rows`` gives a pool picture's row by its name.
    """

    pool: NDArray[np.float32]
    pool_labels: NDArray[np.str_]
    test: NDArray[np.float32]
    test_labels: NDArray[np.str_]
    rows: dict[str, int]

    def top1(self, selected: Sequence[str]) -> float:
        """Share of test images that the head gets right when trained on these pictures."""
        return self._top1([self.rows[name] for name in selected])

    def random_top1(self, budget: int, seed: int) -> list[float]:
        """The same for several random choices of ``budget`` pictures."""
        rng = np.random.default_rng(seed)
        draws = (rng.choice(len(self.rows), budget, replace=False) for _ in range(RANDOM_DRAWS))
        return [self._top1(list(draw)) for draw in draws]

    def _top1(self, rows: Sequence[int]) -> float:
        from sklearn.linear_model import LogisticRegression

        labels = self.pool_labels[rows]
        if len(set(labels)) == 1:  # a head that has seen one class knows one class
            return float(np.mean(self.test_labels == labels[0]))
        head = LogisticRegression(C=10.0, max_iter=_STEPS).fit(self.pool[rows], labels)
        return float(head.score(self.test, self.test_labels))


def open_judge(dataset: Dataset, pool: Sequence[Picture], test: Sequence[Picture]) -> Judge:
    """Compute the embeddings with our encoder, outside every measured time."""
    pictures = [*pool, *test]
    uris = [str(dataset.path(picture)) for picture in pictures]
    with (
        tempfile.TemporaryDirectory() as folder,
        Worker(module("benchmarks.round.workers.features", MODEL)) as worker,
    ):
        file = Path(folder) / "embeddings.npy"
        worker.ask({"uris": uris, "file": str(file)})
        embeddings = np.load(file, allow_pickle=False)
    embeddings /= np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
    labels = np.array([picture.label for picture in pictures])
    return Judge(
        pool=embeddings[: len(pool)],
        pool_labels=labels[: len(pool)],
        test=embeddings[len(pool) :],
        test_labels=labels[len(pool) :],
        rows={picture.name: row for row, picture in enumerate(pool)},
    )
