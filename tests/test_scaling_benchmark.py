"""The arithmetic of the projection, and the marks that its tables go between."""

from __future__ import annotations

from pathlib import Path

import pytest

benchmarks = pytest.importorskip("benchmarks.cluster._projection")
ROOT = Path(__file__).parents[1]


def test_the_projection_is_what_can_be_reckoned_by_hand() -> None:
    cost = benchmarks.PerItem(
        source_bytes=100_000,
        feature_bytes=4_000,
        fetch_seconds=0.001,
        decode_seconds=0.003,
        encode_seconds=0.010,
        driver_seconds=0.00001,
        select_seconds=0.002,
    )
    assumed = benchmarks.Assumptions(core_hour=0.05, gpu_hour=2.0, gpu_items=1000.0, cores=100, gpus=10)
    rows = {
        line.split("|")[1].split(":")[0].strip(): line.split("|")[2].strip()
        for line in benchmarks.projection(cost, assumed, (10_000_000,)).splitlines()[2:]
    }
    assert rows["bytes fetched"] == "1.00 TB"
    assert rows["features kept"] == "40 GB"
    assert rows["core-seconds to encode"] == "100,000"
    assert rows["GPU-seconds to encode"] == "10,000"
    assert rows["hours on 100 cores"] == "0.4"  # 160,000 core-seconds ÷ 100 ÷ 3600
    assert rows["dollars for cores, at 0.05 an hour"] == "2"  # 44.4 hours
    assert rows["dollars for cores and GPUs, these at 2 an hour"] == "6"  # 16.7 core-hours, 2.8 GPU-hours


@pytest.mark.parametrize("name", ["growth", "projection"])
def test_the_page_has_a_place_for_each_table(name: str) -> None:
    page = (ROOT / "docs" / "scaling.md").read_text()
    assert page.index(f"<!-- {name} -->\n") < page.index(f"<!-- end of {name} -->")
