"""TCM is typiclust and then margin."""

from __future__ import annotations

import numpy as np
import pytest

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build

RNG = np.random.default_rng(0)
POOL, PROBS = RNG.normal(size=(120, 4)), RNG.dirichlet(np.ones(3), 120)


@pytest.mark.parametrize(
    ("labels", "chooses"), [(0, "typiclust"), (59, "typiclust"), (60, "margin"), (99, "margin")]
)
@pytest.mark.parametrize("known_by", ["labels", "labelled_embeddings", "both"])
def test_the_switch_comes_at_twenty_labels_for_each_class(labels: int, chooses: str, known_by: str) -> None:
    known = {"labels": np.zeros(labels, dtype=int), "labelled_embeddings": RNG.normal(size=(labels, 4))}
    if known_by != "both":
        known = {known_by: known[known_by]}
    signals = {"probs": PROBS, "embeddings": POOL, **known}
    found = alaas.query("tcm", budget=9, seed=5, **signals)
    assert found.tolist() == alaas.query(chooses, budget=9, seed=5, **signals).tolist()


def test_nothing_known_is_the_beginning() -> None:
    signals = {"probs": PROBS, "embeddings": POOL}
    assert (
        alaas.query("tcm", budget=9, **signals).tolist()
        == alaas.query("typiclust", budget=9, **signals).tolist()
    )
    late = alaas.query("tcm(per_class=0)", budget=9, labels=np.empty(0, dtype=int), **signals)
    assert late.tolist() == alaas.query("margin", budget=9, **signals).tolist()


def test_both_parts_can_be_others() -> None:
    strategy = build("tcm(first=max_herding, then=margin >> k_center)")
    assert strategy.needs == {"probs", "embeddings"}
    assert strategy.accepts == {"labelled_embeddings", "labels"}
    with pytest.raises(ConfigError, match="per_class"):
        build("tcm(per_class=-1)")
