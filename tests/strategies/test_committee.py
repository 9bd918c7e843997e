"""What the scores of committees share: blocks, files, rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from alaas.strategies import _committee, build
from alaas.strategies._committee import CommitteeStrategy
from alaas.strategies._scores import ScoreStrategy
from alaas.types import Signals
from committees import committees

NAMES = ["bald", "mean_std", "query_by_committee", "variation_ratio"]


def scores(name: str, says: NDArray[np.floating]) -> NDArray[np.float64]:
    strategy = build(name)
    assert isinstance(strategy, ScoreStrategy)
    return strategy.score(Signals(mc_probs=says, probs=says[0]))


@pytest.mark.parametrize("name", NAMES)
@given(says=committees(), rows=st.integers(1, 7))
def test_blocks_do_not_change_scores(name: str, says: NDArray[np.float64], rows: int) -> None:
    whole = scores(name, says)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_committee, "_BLOCK_BYTES", rows * says[:, 0].nbytes)
        np.testing.assert_allclose(scores(name, says), whole, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [*NAMES, "query_by_committee(measure='kl')"])
@given(says=committees(), dtype=st.sampled_from(["float16", "float32", "float64"]))
def test_members_that_agree_score_exactly_nothing(name: str, says: NDArray[np.float64], dtype: str) -> None:
    says[:] = says[0]
    assert scores(name, says.astype(dtype)).tolist() == [0.0] * says.shape[1]


@pytest.mark.parametrize("name", NAMES)
def test_rounding_below_zero_counts_as_zero(name: str) -> None:
    says = np.array([[[1.0 + 1e-7, -1e-7], [0.9, 0.1]], [[1.0, 0.0], [0.1, 0.9]]])
    found = build(name).select(Signals(mc_probs=says, probs=says[0]), 1, np.random.default_rng(0))
    assert found.indices.tolist() == [1]


def test_a_pass_over_a_file_is_flat_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members, items, classes = 8, 1 << 16, 64  # 128 MiB of float32; the scores themselves take half of one
    path = tmp_path / "mc_probs.npy"
    written = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(members, items, classes))
    for member in range(members):
        written[member] = (
            np.random.default_rng(member).dirichlet(np.ones(classes), 1 << 12).repeat(16, axis=0)
        )
    written.flush()
    del written
    process = psutil.Process()
    resident = [process.memory_info().rss]  # before the checks, which read the file too

    class Watched(CommitteeStrategy):
        def disagreement(self, members: NDArray[np.float64]) -> NDArray[np.float64]:
            resident.append(process.memory_info().rss)
            return members[0, :, 0]

    says = np.load(path, mmap_mode="r")
    assert len(Watched().select(Signals(mc_probs=says), 10, np.random.default_rng(0)).indices) == 10
    assert len(resident) > 100
    assert max(resident) - resident[0] < 32 << 20
