"""The files that match a pattern, one item each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from alaas.errors import SourceError
from alaas.sources._base import ConfiguredSource, Entry
from alaas.sources._files import entries
from alaas.sources._names import before_magic, wanted_endings
from alaas.sources._pattern import PathPattern
from alaas.sources._walk import Unreadable, walk


class Glob(ConfiguredSource):
    """Yields matching files; an item's id is its path below the folders that the pattern spells out.

    A pattern whose last part has no dot (``photos/**``) takes only the endings of the modality.
    """

    def __iter__(self) -> Iterator[Entry]:
        folder, rest = before_magic(self.uri)
        path = self.fetcher.local_path(folder or ".")
        if path is None or not Path(path).is_dir():
            raise SourceError(f"the pattern {self.uri} begins with {folder}, which is no folder; correct it")
        pattern = PathPattern(rest)
        root = str(Path.cwd() / path)
        filtered = self.settings.extensions is not None or not pattern.names_ending
        endings = wanted_endings(self.settings, self.modality) if filtered else ("",)
        found = walk(root, enters=self.fetcher.local_path, descends=pattern.may_lie_in, hidden=pattern.hidden)
        matching = (name for name in found if isinstance(name, Unreadable) or pattern.matches(name))
        yield from entries(matching, root, endings)
