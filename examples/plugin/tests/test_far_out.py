"""The contract of ALaaS in one line, and what is special to this strategy."""

from __future__ import annotations

from alaas_far_out import FarOut

import alaas
from alaas.testing.strategies import check_strategy


def test_contract() -> None:
    check_strategy(FarOut())


def test_the_farthest_comes_first() -> None:
    assert alaas.query(FarOut(), budget=2, embeddings=[[0.0], [1.0], [9.0], [-4.0]]).tolist() == [2, 3]
