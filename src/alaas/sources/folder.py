"""A folder of files, one item each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from alaas.errors import SourceError
from alaas.sources._base import ConfiguredSource, Entry
from alaas.sources._files import entries
from alaas.sources._names import wanted_endings
from alaas.sources._walk import walk


class Folder(ConfiguredSource):
    """Yields the files of a folder whose ending is wanted; an item's id is its path in the folder.

    Hidden files and folders are passed over. A sub-folder that cannot be listed is reported as a failed item.
    """

    def describe(self) -> str:
        endings = " ".join(wanted_endings(self.settings, self.modality))
        return f"the folder {self.uri} (files ending in {endings})"

    def __iter__(self) -> Iterator[Entry]:
        if self.modality == "table" and self.settings.extensions is None:
            raise SourceError(f"{self.uri} is a folder; a table is read from a .csv, .jsonl or .parquet file")
        root = self._root()
        recursive = self.settings.recursive
        found = walk(root, enters=self.fetcher.local_path, descends=lambda _: recursive)
        yield from entries(found, root, wanted_endings(self.settings, self.modality))

    def _root(self) -> str:
        path = self.fetcher.local_path(self.uri)
        if path is None or not Path(path).is_dir():
            raise SourceError(f"there is no folder {self.uri}; name a folder that exists")
        # Absolute, so that an item's URI means the same whatever the working directory becomes.
        return str(Path.cwd() / path)
