"""A list of URIs, one item each."""

from __future__ import annotations

from collections.abc import Iterator

from alaas.fetching import is_remote
from alaas.sources._base import ConfiguredSource, Entry
from alaas.types import FailedItem, Item


class Uris(ConfiguredSource):
    """Yields one item a URI, with the URI as its id. One address alone is a list of one."""

    @property
    def _uris(self) -> list[str]:
        uri = self.settings.uri
        return [uri] if isinstance(uri, str) else uri

    @property
    def remote(self) -> bool:
        return any(map(is_remote, self._uris))

    @property
    def total(self) -> int:
        return len(self._uris)

    def describe(self) -> str:
        uris = self._uris
        return uris[0] if len(uris) == 1 else f"a list of {len(uris)} URIs"

    def __iter__(self) -> Iterator[Entry]:
        for place, uri in enumerate(self._uris, start=1):
            if uri.strip():
                yield Item(id=uri, uri=uri)
            else:
                yield FailedItem(id=f"row-{place}", uri=uri, reason="the URI is empty", code="source")
