"""submodlib: facility location, which max_herding is with a Gaussian kernel."""

from __future__ import annotations

from collections.abc import Sequence

from submodlib import FacilityLocationFunction

from benchmarks.peers.zoo import Arrays, Peer


def _facility_location(arrays: Arrays, budget: int, _seed: int) -> Sequence[int]:
    embeddings = arrays["embeddings"]
    function = FacilityLocationFunction(n=len(embeddings), mode="dense", data=embeddings, metric="euclidean")
    return [item for item, _ in function.maximize(budget=budget, optimizer="LazyGreedy", show_progress=False)]


STRATEGIES: dict[str, Peer] = {"max_herding": _facility_location}
