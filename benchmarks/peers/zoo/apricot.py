"""apricot-select: facility location, which max_herding is with a Gaussian kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from apricot import FacilityLocationSelection

from benchmarks.peers.zoo import Arrays, Peer


def _facility_location(arrays: Arrays, budget: int, _seed: int) -> Sequence[int]:
    embeddings = arrays["embeddings"]
    return FacilityLocationSelection(budget, metric="euclidean").fit(np.asarray(embeddings)).ranking


STRATEGIES: dict[str, Peer] = {"max_herding": _facility_location}
