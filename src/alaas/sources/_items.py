"""Items that are there already: inline lists and uploads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alaas.fetching import is_remote
from alaas.sources._base import Entry, Source


class ItemsSource(Source):
    """Gives back a list of items, or reports of what could not be made one."""

    def __init__(self, items: Sequence[Entry], *, name: str = "items") -> None:
        self._items = items
        self._name = name
        self._remote = any(item.uri is not None and is_remote(item.uri) for item in items)

    @property
    def remote(self) -> bool:
        return self._remote

    @property
    def total(self) -> int:
        return len(self._items)

    def describe(self) -> str:
        return f"{self._name} ({len(self._items)})"

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._items)
