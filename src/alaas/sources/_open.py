"""From settings to a source."""

from __future__ import annotations

from pathlib import Path

from alaas.config import SourceSettings
from alaas.errors import AlaasError, FetchError, SourceError, nearest
from alaas.fetching import Fetcher, is_remote, scheme_of
from alaas.registry import Registry
from alaas.sources._base import ConfiguredSource, Source
from alaas.sources._names import LINES, MANIFESTS, ending, has_magic
from alaas.types import ModalityName

registry: Registry[ConfiguredSource] = Registry("source", "alaas.sources", ConfiguredSource)  # type: ignore[type-abstract]

_BUCKETS = ("s3", "gs", "gcs", "az", "abfs", "abfss")
_ANSWERED = ("", "file", "data", "http", "https", *_BUCKETS)


def open_source(settings: SourceSettings, *, modality: ModalityName | None, fetcher: Fetcher) -> Source:
    """Make the source that ``settings.uri`` names.

    Args:
        settings: what to read.
        modality: what the items are; decides which files or columns are read.
        fetcher: how it is read; it judges what may be.

    Raises:
        SourceError: nothing is there, or it is nothing that can be read.
        EgressError: the configuration does not open it.
    """
    kind = _kind(settings.uri, fetcher)
    return registry.get(kind)(settings, modality=modality, fetcher=fetcher)


def _kind(uri: str | list[str], fetcher: Fetcher) -> str:
    """The name of the source that reads ``uri``."""
    if isinstance(uri, list):
        return "uris"
    if not uri.strip():
        raise SourceError("the source is empty; name a folder, a manifest, an address or a list of them")
    scheme = scheme_of(uri)
    if scheme not in _ANSWERED:
        if scheme in registry:
            return scheme
        raise SourceError(f"no source reads {scheme}:// addresses ({uri})")
    if not is_remote(uri) and scheme != "data":
        return _local_kind(uri, fetcher)
    if scheme in _BUCKETS and has_magic(uri):
        return "bucket"
    return _file_kind(uri) or ("bucket" if scheme in _BUCKETS and not ending(uri) else "uris")


def _local_kind(uri: str, fetcher: Fetcher) -> str:
    try:
        path = fetcher.local_path(uri)
    except FetchError as error:
        raise SourceError(error.message) from error
    if path is not None and Path(path).is_dir():
        return "folder"
    if path is not None and Path(path).exists():
        return _file_kind(uri) or "uris"
    if scheme_of(uri) == "" and has_magic(uri):
        return "glob"
    raise SourceError(f"there is no file or folder {uri}{_suggestion(uri, fetcher)}")


def _file_kind(uri: str) -> str | None:
    """How a single file is read; None for one that is an item itself."""
    if ending(uri) in MANIFESTS:
        return "manifest"
    return "lines" if ending(uri) in LINES else None


def _suggestion(uri: str, fetcher: Fetcher) -> str:
    """A name beside the missing one that was probably meant."""
    folder, _, name = uri.rstrip("/").rpartition("/")
    try:
        path = fetcher.local_path((folder or ("/" if uri.startswith("/") else ".")) + "/")
        found = [entry.name for entry in Path(path).iterdir()] if path is not None else []
    except (OSError, AlaasError):  # no hint from where one may not look
        return ""
    meant = nearest(name, found)
    return f"; {meant.partition(' (known')[0]}" if meant.startswith("did you mean") else ""
