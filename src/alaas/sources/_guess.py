"""What kind of items a source holds, told by its names and columns."""

from __future__ import annotations

from pathlib import Path

from alaas.config import SourceSettings
from alaas.errors import SourceError
from alaas.fetching import Fetcher, is_remote, scheme_of
from alaas.sources._document import Document
from alaas.sources._meaning import carrier_of
from alaas.sources._names import EXTENSIONS, LINES, MANIFESTS, before_magic, ending, has_magic
from alaas.sources._rows import open_rows
from alaas.sources._walk import Unreadable, walk
from alaas.types import ModalityName


def guess_modality(settings: SourceSettings, fetcher: Fetcher | None = None) -> ModalityName | None:
    """Guess from the first file of a folder, the ending of a file, or the columns of a manifest.

    Without a fetcher only names are looked at. None if nothing can be told.

    Raises:
        SourceError: a manifest cannot be read, or has neither texts nor URIs.
        EgressError: the configuration does not open it.
    """
    uri = settings.uri
    if isinstance(uri, list):
        return _by_ending(uri[0]) if uri else None
    if settings.extensions:
        return _by_ending("x." + settings.extensions[0].lstrip("."))
    if ending(uri) in LINES:
        return "text"
    if ending(uri) in MANIFESTS:
        return None if fetcher is None else _by_columns(settings, uri, fetcher)
    if is_remote(uri) or scheme_of(uri) == "data" or fetcher is None:
        return _by_ending(uri)
    start = fetcher.local_path(before_magic(uri)[0] or "." if has_magic(uri) else uri)
    if start is not None and Path(start).is_dir():
        return _by_first_file(start, fetcher, recursive=settings.recursive)
    return _by_ending(uri)


def _by_ending(name: str) -> ModalityName:
    return "text" if ending(name) in EXTENSIONS["text"] else "image"


def _by_first_file(start: str, fetcher: Fetcher, *, recursive: bool) -> ModalityName:
    known = EXTENSIONS["image"] + EXTENSIONS["text"]
    try:
        for found in walk(start, enters=fetcher.local_path, descends=lambda _: recursive):
            if not isinstance(found, Unreadable) and found.lower().endswith(known):
                return _by_ending(found)
    except SourceError:
        pass
    return "image"


def _by_columns(settings: SourceSettings, uri: str, fetcher: Fetcher) -> ModalityName | None:
    with open_rows(Document(uri, fetcher)) as rows:
        if not rows.columns:
            return None
        return "text" if carrier_of(settings, None, uri, rows.columns) == "text" else "image"
