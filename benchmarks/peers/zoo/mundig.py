"""lightly-mundig, the selection of LightlyOne in Rust."""

from __future__ import annotations

from collections.abc import Sequence

import lightly_mundig
import numpy as np

from benchmarks.peers.zoo import Arrays, Peer


def _k_center(arrays: Arrays, budget: int, seed: int) -> Sequence[int]:
    embeddings = arrays["embeddings"]
    start = int(np.random.default_rng(seed).integers(len(embeddings)))
    selection = lightly_mundig.Selection()
    selection.add_diversifying_strategy(embeddings, 1.0)
    return selection.run_selection([start], len(embeddings), budget)


STRATEGIES: dict[str, Peer] = {"k_center": _k_center}
