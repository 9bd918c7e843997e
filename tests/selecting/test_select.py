"""The whole job through ``alaas.select``: what is chosen, what is reported, what is refused."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import alaas
from alaas.config import Config
from alaas.errors import (
    BudgetError,
    CancelledError,
    ConfigError,
    NoUsableItemsError,
    SourceError,
    UnknownNameError,
    UsageError,
)
from alaas.sources import ItemsSource
from alaas.types import Item


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve small pictures, all different."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):
        pixels = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((64, 48)).save(folder / f"{number:02d}.png")
    return folder


def test_a_folder_gives_distinct_items_of_it(photos: Path) -> None:
    chosen = alaas.select(photos, budget=5, strategy="random")
    assert len(set(chosen.ids)) == 5
    assert set(chosen.ids) <= {path.name for path in photos.iterdir()}
    assert [pick.rank for pick in chosen.selected] == [0, 1, 2, 3, 4]
    assert chosen.stats.items == 12
    assert chosen.failed == ()


def test_the_same_seed_chooses_the_same_and_another_seed_something_else(photos: Path) -> None:
    first, again, other = (
        alaas.select(photos, budget=6, strategy="random", seed=seed).ids for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_bad_items_are_skipped_and_reported(photos: Path) -> None:
    (photos / "text.jpg").write_text("I am not a picture")
    (photos / "zero.png").write_bytes(b"")
    (photos / "cut.png").write_bytes((photos / "00.png").read_bytes()[:60])
    (photos / "twin.png").write_bytes((photos / "03.png").read_bytes())
    chosen = alaas.select(photos, budget=12, strategy="random")
    assert {failed.id for failed in chosen.failed} == {"text.jpg", "zero.png", "cut.png", "twin.png"}
    assert len(chosen.selected) == 12
    reasons = {failed.id: failed.reason for failed in chosen.failed}
    assert "03.png" in reasons["twin.png"]
    assert all(reasons.values())


def test_a_file_whose_name_is_not_utf8_can_be_chosen_and_named(photos: Path) -> None:
    Image.new("RGB", (9, 9), "red").save(os.fsencode(photos / "caf") + b"\xe9.png", format="PNG")
    chosen = alaas.select(photos, budget=13, strategy="random")
    assert "caf%E9.png" in chosen.ids


def test_a_budget_above_the_pool_gives_all_with_a_warning(photos: Path) -> None:
    chosen = alaas.select(photos, budget=100, strategy="random")
    assert len(chosen.selected) == 12
    assert "100" in chosen.warnings[0]


@pytest.mark.parametrize("budget", [0, -5, 2.5, "ten", True])
def test_a_budget_that_is_none_is_refused(photos: Path, budget: object) -> None:
    with pytest.raises(BudgetError, match=str(budget)):
        alaas.select(photos, budget=budget, strategy="random")  # type: ignore[arg-type]


def test_a_missing_budget_says_where_to_put_it(photos: Path) -> None:
    with pytest.raises(ConfigError, match="budget"):
        alaas.select(photos, strategy="random")


def test_unknown_names_get_the_nearest(photos: Path) -> None:
    with pytest.raises(UnknownNameError, match="'margin'"):
        alaas.select(photos, budget=1, strategy="margn")
    with pytest.raises(UnknownNameError, match="'efficientnet-lite0'"):
        alaas.select(photos, budget=1, model="efficientnet-lite")


def test_a_source_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        alaas.select(tmp_path / "nowhere", budget=1, strategy="random")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="no items"):
        alaas.select(tmp_path / "empty", budget=1, strategy="random")


def test_a_pool_of_bad_items_only_is_an_error_with_the_first_reason(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("not a picture")
    with pytest.raises(NoUsableItemsError, match=r"a\.jpg"):
        alaas.select(tmp_path, budget=1, strategy="random")


def test_a_strategy_and_a_model_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="needs probs"):
        alaas.select([Item(id="0", text="a")], budget=1, strategy="margin", modality="text")


def test_texts_and_random_load_no_model() -> None:
    items = [Item(id=str(number), text=f"text {number}") for number in range(20)] + [
        Item(id="blank", text=" ")
    ]
    chosen = alaas.select(items, budget=4, strategy="random", modality="text")
    assert len(chosen.ids) == 4
    assert chosen.provenance.model is None
    assert [failed.id for failed in chosen.failed] == ["blank"]


def test_rows_of_a_table_with_gaps(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text(
        "id,size,colour\n"
        + "".join(f"r{n},{n % 7 or ''},{'red' if n % 2 else 'blue'}\n" for n in range(1, 40))
    )
    chosen = alaas.select(table, budget=5, strategy="k_center", modality="table")
    assert len(set(chosen.ids)) == 5
    assert all(name.startswith("r") for name in chosen.ids)


def test_cancelling_stops_the_run(photos: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        alaas.select(photos, budget=1, strategy="random", cancel=cancel)


def test_without_verification_no_file_is_opened(photos: Path) -> None:
    (photos / "text.jpg").write_text("I am not a picture")
    config = Config.model_validate({"pipeline": {"verify": False}})
    chosen = alaas.select(photos, budget=13, strategy="random", config=config)
    assert "text.jpg" in chosen.ids


def test_a_server_reads_what_its_own_manifest_names_and_nothing_that_others_name(photos: Path) -> None:
    manifest = photos.parent / "list.csv"
    manifest.write_text("uri\n" + "".join(f"{path}\n" for path in sorted(photos.iterdir())))
    config = Config.model_validate({"source": str(manifest)})
    with alaas.Selector(config, trusted=False) as selector:
        assert len(selector.select(budget=3, strategy="random").ids) == 3
        stranger = ItemsSource([Item(id="0", uri=str(photos / "00.png"))])
        with pytest.raises(NoUsableItemsError, match=r"egress\.roots"):
            selector.select(stranger, budget=1, strategy="random")


@pytest.mark.models
class TestWithAModel:
    def test_the_second_query_runs_no_model_and_chooses_the_same(self, photos: Path) -> None:
        cold = alaas.select(photos, budget=4, strategy="least_confidence")
        warm = alaas.select(photos, budget=4, strategy="least_confidence")
        other = alaas.select(photos, budget=4, strategy="k_center")
        assert cold.stats.cache_hits == 0
        assert warm.stats.cache_hits == other.stats.cache_hits == 12
        assert warm.ids == cold.ids
        assert [pick.score for pick in warm.selected] == [pick.score for pick in cold.selected]

    def test_a_pool_that_grew_computes_what_is_new(self, photos: Path) -> None:
        alaas.select(photos, budget=4, strategy="margin")
        Image.new("RGB", (40, 40), "red").save(photos / "new.png")
        grown = alaas.select(photos, budget=4, strategy="margin")
        assert (grown.stats.items, grown.stats.cache_hits) == (13, 12)

    def test_without_the_cache_nothing_is_remembered(self, photos: Path) -> None:
        for _ in range(2):
            assert alaas.select(photos, budget=2, strategy="margin", cache=False).stats.cache_hits == 0

    def test_a_file_that_changed_is_computed_again(self, photos: Path) -> None:
        os.utime(photos / "00.png", (1, 1))
        alaas.select(photos, budget=4, strategy="margin")
        Image.new("RGB", (40, 40), "blue").save(photos / "00.png")
        os.utime(photos / "00.png", (1, 1))
        assert alaas.select(photos, budget=4, strategy="margin").stats.cache_hits == 11

    def test_both_runtimes_choose_the_same(self, photos: Path) -> None:
        answers = [
            alaas.select(
                photos,
                budget=5,
                strategy="badge",
                cache=False,
                config=Config.model_validate({"pipeline": {"runtime": name}}),
            )
            for name in ("local", "sequential")
        ]
        assert answers[0].ids == answers[1].ids

    def test_the_provenance_says_what_is_needed_to_repeat_it(self, photos: Path) -> None:
        chosen = alaas.select(photos, budget=4, strategy="margin", seed=7)
        assert (chosen.provenance.strategy, chosen.provenance.seed) == ("margin", 7)
        assert chosen.provenance.model == "efficientnet-lite0"
        assert chosen.provenance.encoder_fingerprint
        assert [stage.name for stage in chosen.stats.stages][-1] == "select"
        assert chosen.stats.bottleneck in {stage.name for stage in chosen.stats.stages}
