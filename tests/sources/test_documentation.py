"""The examples of docs/sources.md are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from alaas.config import Config, EgressSettings, LimitSettings, SourceSettings
from alaas.egress import AddressPolicy
from alaas.fetching import open_fetcher
from alaas.sources import open_source
from alaas.sources._names import EXTENSIONS, MANIFESTS

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_settings_are_valid(block: str) -> None:
    config = Config.model_validate(yaml.safe_load(block))
    AddressPolicy.parse(config.egress.allow)


def test_the_manifest_is_read_as_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text(blocks("csv")[0], encoding="utf-8")
    fetcher = open_fetcher(EgressSettings(), LimitSettings(), trusted=True)
    settings = SourceSettings(uri=str(tmp_path / "items.csv"))
    items = list(open_source(settings, modality="image", fetcher=fetcher))
    assert [item.id for item in items] == ["a1", "a2", "a3"]
    assert items[0].uri == f"{tmp_path}/photos/1.jpg"
    assert items[1].cost == 2.5
    assert items[2].metadata == {"camera": "left"}


def test_the_plug_in_works() -> None:
    space: dict[str, object] = {}
    exec(blocks("python")[0], space)
    source = space["Lake"](SourceSettings(uri="lake://x"), modality="image", fetcher=None)
    assert [item.id for item in source] == ["drop-0", "drop-1", "drop-2"]


def test_every_ending_and_every_source_setting_is_named() -> None:
    for name in [*EXTENSIONS["image"], *EXTENSIONS["text"], *MANIFESTS]:
        assert name.lstrip(".") in PAGE
    for setting in SourceSettings.model_fields:
        assert setting in PAGE
