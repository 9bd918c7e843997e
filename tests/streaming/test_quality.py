"""Sampling a stream is worth it: more accuracy than chance at the same number of labels."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow


def test_margin_and_quantile_beat_random_on_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    sys.modules.pop("benchmarks", None)
    from benchmarks.streams import run

    chosen = [run(seed, "quantile") for seed in range(4)]
    drawn = [run(seed, "random") for seed in range(4)]
    assert [one.labels for one in chosen] == [120] * 4
    assert all(one.labels <= 0.1 * one.arrived + 10 for one in chosen)
    better = np.mean([one.accuracy for one in chosen]) - np.mean([one.accuracy for one in drawn])
    assert better > 0.015
