"""The objects of a bucket under a prefix or a pattern, one item each."""

from __future__ import annotations

from collections.abc import Iterator

from alaas.sources._base import ConfiguredSource, Entry
from alaas.sources._names import before_magic, has_magic, wanted_endings
from alaas.sources._pattern import PathPattern
from alaas.types import Item


class Bucket(ConfiguredSource):
    """Yields objects whose ending is wanted, in the store's order; the id is the key below the prefix."""

    @property
    def remote(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Entry]:
        prefix, pattern = self.uri.rstrip("/") + "/", None
        if has_magic(self.uri):
            prefix, rest = before_magic(self.uri)
            pattern = PathPattern(rest)
        filtered = self.settings.extensions is not None or pattern is None or not pattern.names_ending
        endings = wanted_endings(self.settings, self.modality) if filtered else ("",)
        for uri in self.fetcher.find(prefix):
            key = uri[len(prefix) :]
            if not key.lower().endswith(endings) or (
                pattern is None and _is_passed_over(key, self.settings.recursive)
            ):
                continue
            if pattern is None or pattern.matches(key):
                yield Item(id=key, uri=uri)


def _is_passed_over(key: str, recursive: bool) -> bool:
    """As in a folder: what is hidden, and what lies deeper than wanted."""
    return ("/" in key and not recursive) or key.startswith(".") or "/." in key
