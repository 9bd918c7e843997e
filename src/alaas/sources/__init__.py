"""Sources: folder, glob, list of URIs, manifest, text file, bucket, single file, inline items and uploads."""

from alaas.sources._base import ConfiguredSource, Entry, Source
from alaas.sources._guess import guess_modality
from alaas.sources._items import ItemsSource
from alaas.sources._open import open_source, registry

__all__ = [
    "ConfiguredSource",
    "Entry",
    "ItemsSource",
    "Source",
    "guess_modality",
    "open_source",
    "registry",
]
