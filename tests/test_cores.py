"""Cores come from the affinity and the cgroup, whichever is less."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alaas.cores import available_cores


@pytest.fixture
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("quota", "cores"), [("max 100000", 4), ("150000 100000", 2), ("50000 100000", 1), ("900000 100000", 4)]
)
def test_cgroup_v2(tmp_path: Path, quota: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert available_cores(tmp_path) == cores


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(("quota", "cores"), [("-1", 4), ("200000", 2)])
def test_cgroup_v1(tmp_path: Path, quota: str, cores: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000")
    assert available_cores(tmp_path) == cores


@pytest.mark.usefixtures("four")
def test_no_cgroup_or_one_that_makes_no_sense(tmp_path: Path) -> None:
    assert available_cores(tmp_path) == 4
    (tmp_path / "cpu.max").write_text("what")
    assert available_cores(tmp_path) == 4
