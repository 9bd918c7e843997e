"""Two rounds over shards: as many as were asked for, and the same as in one place where that can be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import alaas
from alaas.config import CacheSettings, Config, PipelineSettings
from alaas.runtimes import Progress
from alaas.testing.models import write_image_model
from alaas.types import Item, PoolSelection

ROWS = np.random.default_rng(0).normal(size=(600, 4))


def rows(values: np.ndarray = ROWS) -> list[Item]:
    return [
        Item(id=f"r{number}", row={f"c{place}": float(value) for place, value in enumerate(row)})
        for number, row in enumerate(values)
    ]


def chosen(items: list[Item], *, shard: int | None, oversample: float = 4.0, **how: object) -> PoolSelection:
    pipeline = PipelineSettings(shard_items=shard, shard_oversample=oversample)
    return alaas.select(
        items, config=Config(pipeline=pipeline, modality="table", cache=CacheSettings(enabled=False)), **how
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(90):
        pixels = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    (folder / "cut.png").write_bytes((folder / "00.png").read_bytes()[:60])
    return folder


@pytest.mark.parametrize("strategy", ["margin", "entropy"])
def test_a_strategy_of_scores_chooses_the_same_as_in_one_place(
    photos: Path, tmp_path: Path, strategy: str
) -> None:
    model = write_image_model(tmp_path / "model.onnx", size=8, classes=3)
    whole, parts = (
        alaas.select(
            photos,
            budget=11,
            strategy=strategy,
            model=str(model),
            config=Config(
                pipeline=PipelineSettings(shard_items=size, shard_oversample=1.0),
                cache=CacheSettings(enabled=False),
            ),
        )
        for size in (None, 20)
    )
    assert parts.ids == whole.ids
    assert parts.indices.tolist() == whole.indices.tolist()
    np.testing.assert_array_equal(parts.scores, whole.scores)
    assert [failed.id for failed in parts.failed] == ["cut.png"]
    assert parts.stats.items == 91


def test_coverage_from_candidates_is_nearly_that_of_the_whole_pool() -> None:
    def radius(selection: PoolSelection) -> float:
        centres = ROWS[[int(name[1:]) for name in selection.ids]]
        return float(np.linalg.norm(ROWS[:, None] - centres[None], axis=2).min(axis=1).max())

    whole = chosen(rows(), shard=None, budget=20, strategy="k_center")
    parts = chosen(rows(), shard=100, budget=20, strategy="k_center")
    at_random = chosen(rows(), shard=None, budget=20, strategy="random")
    # Candidates cover each shard within their radius, and the picks cover the candidates: twice at most.
    assert radius(parts) <= 2 * radius(whole)
    assert radius(parts) < radius(at_random)


def test_provenance_says_how_many_shards_and_candidates_there_were() -> None:
    parts = chosen(rows(), shard=250, budget=10, strategy="k_center")
    whole = chosen(rows(), shard=600, budget=10, strategy="k_center")
    assert (parts.provenance.shards, parts.provenance.candidates) == (3, 120)
    assert (whole.provenance.shards, whole.provenance.candidates) == (1, None)
    assert whole.ids == chosen(rows(), shard=None, budget=10, strategy="k_center").ids
    assert parts.ids == chosen(rows(), shard=250, budget=10, strategy="k_center").ids


@pytest.mark.parametrize(("budget", "expected"), [(1, 1), (40, 40), (500, 300), (300, 300)])
def test_the_budget_is_met_exactly_though_shards_repeat_one_another(budget: int, expected: int) -> None:
    doubled = rows(np.concatenate([ROWS[:300], ROWS[:300]]))
    parts = chosen(doubled, shard=70, oversample=1.0, budget=budget, strategy="k_center")
    assert len(parts.ids) == expected
    values = {tuple(item.item.row.values()) for item in parts.selected if item.item.row}
    assert len(values) == expected


def test_what_two_shards_share_is_reported_if_both_offer_it() -> None:
    parts = chosen(rows(np.concatenate([ROWS[:20], ROWS[:20]])), shard=20, budget=30, strategy="k_center")
    assert len(parts.ids) == 20
    assert {failed.code for failed in parts.failed} == {"duplicate"}
    assert [failed.id for failed in parts.failed] == [f"r{number}" for number in range(20, 40)]


def test_progress_counts_the_whole_source() -> None:
    told: list[Progress] = []
    chosen(rows(), shard=100, budget=5, strategy="k_center", on_progress=told.append)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert (told[-1].done, told[-1].total) == (600, 600)


def test_a_strategy_without_features_needs_no_shards() -> None:
    whole, parts = (chosen(rows(), shard=size, budget=30, strategy="random") for size in (None, 50))
    assert parts.ids == whole.ids
    assert parts.provenance.shards == 1
