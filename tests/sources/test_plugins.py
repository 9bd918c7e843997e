"""Sources of other packages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from alaas.errors import SourceError
from alaas.sources import ConfiguredSource, Entry, registry
from alaas.types import Item


class Lake(ConfiguredSource):
    def __iter__(self) -> Iterator[Entry]:
        yield Item(id=self.uri, uri="data:,x")


def test_a_plug_in_opens_the_addresses_of_its_scheme(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="lake"):
        opened("lake://deep", "image")
    point = EntryPoint(name="lake", value=f"{__name__}:Lake", group="alaas.sources")
    monkeypatch.setitem(registry.__dict__, "_plugins", {"lake": point})
    assert [item.id for item in opened("lake://deep", "image")] == ["lake://deep"]


def test_the_built_in_kinds_are_found_by_file_name() -> None:
    assert registry.names() == ["bucket", "folder", "glob", "lines", "manifest", "uris"]
    for name in registry.names():
        assert issubclass(registry.get(name), ConfiguredSource)
