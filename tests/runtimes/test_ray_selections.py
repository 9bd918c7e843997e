"""The Ray runtime chooses what the local one chooses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import alaas
from alaas.config import CacheSettings, Config, PipelineSettings, RayGroupSettings, RaySettings
from alaas.testing.models import WORDS, write_network, write_text_model, write_tokenizer
from alaas.types import Item, PoolSelection

pytest.importorskip("ray")
pytestmark = [
    pytest.mark.ray,
    pytest.mark.usefixtures("ray_cluster"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

GROUPS = [
    RayGroupSettings(stages=["fetch", "recall", "decode"], max_workers=1),
    RayGroupSettings(max_workers=1),
]
Choose = Callable[[Config], PoolSelection]


def settings(cache: Path, **pipeline: object) -> Config:
    """A configuration with a feature cache of its own."""
    return Config(
        pipeline=PipelineSettings(**pipeline),  # type: ignore[arg-type]
        cache=CacheSettings(directory=cache),
    )


def images(folder: Path) -> Choose:
    rng = np.random.default_rng(0)
    pool = folder / "pool"
    pool.mkdir()
    for number in range(150):
        pixels = rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(pool / f"{number:03d}.png")
    (pool / "cut.png").write_bytes((pool / "000.png").read_bytes()[:60])
    (pool / "copy.png").write_bytes((pool / "007.png").read_bytes())
    model = str(write_network(folder / "model.onnx", size=16))
    return lambda config: alaas.select(pool, budget=12, strategy="badge", model=model, config=config)


def texts(folder: Path) -> Choose:
    rng = np.random.default_rng(1)
    pool = [Item(id=str(n), text=" ".join(rng.choice(WORDS[4:], rng.integers(1, 9)))) for n in range(200)]
    write_tokenizer(folder / "tokenizer.json")
    model = str(write_text_model(folder / "model.onnx"))
    return lambda config: alaas.select(pool, budget=9, strategy="k_center", model=model, config=config)


def tables(folder: Path) -> Choose:
    rng = np.random.default_rng(2)
    pool = [
        Item(id=str(n), row={"size": float(rng.normal()), "kind": str(rng.choice(["a", "b", "c"]))})
        for n in range(300)
    ]
    return lambda config: alaas.select(pool, budget=20, strategy="k_means", modality="table", config=config)


@pytest.mark.parametrize("scene", [images, texts, tables])
@pytest.mark.parametrize("groups", [[RayGroupSettings()], GROUPS], ids=["one-group", "two-groups"])
def test_the_same_items_are_chosen(
    tmp_path: Path, scene: Callable[[Path], Choose], groups: list[RayGroupSettings]
) -> None:
    choose, ray = scene(tmp_path), RaySettings(block=32, groups=groups)
    local, away = (choose(settings(tmp_path / name, runtime=name, ray=ray)) for name in ("local", "ray"))
    assert away.ids == local.ids
    np.testing.assert_array_equal(away.indices, local.indices)
    assert {failed.id: failed.code for failed in away.failed} == {f.id: f.code for f in local.failed}
    assert away.provenance.pool_fingerprint == local.provenance.pool_fingerprint
    assert away.stats.items == local.stats.items


def test_a_second_query_finds_what_the_actors_remembered(tmp_path: Path) -> None:
    choose = images(tmp_path)
    config = settings(tmp_path / "cache", runtime="ray", ray=RaySettings(block=32))
    first, second = choose(config), choose(config)
    assert first.stats.cache_hits <= 1  # copy.png, if its original was quicker
    assert second.stats.cache_hits == 151
    assert first.ids == second.ids


def test_shards_run_on_the_cluster_too(tmp_path: Path) -> None:
    choose = tables(tmp_path)
    local, away = (
        choose(settings(tmp_path / name, runtime=name, shard_items=120)) for name in ("local", "ray")
    )
    assert away.ids == local.ids
    assert away.provenance.shards == 3
