"""What the names of files tell."""

from __future__ import annotations

import re

from alaas.config import SourceSettings
from alaas.types import ModalityName

EXTENSIONS: dict[ModalityName, tuple[str, ...]] = {
    "image": (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"),
    "text": (".txt", ".md", ".rst", ".html", ".htm"),
    "table": (),
}
"""File endings that a folder of each modality is read for."""

MANIFESTS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
LINES = (".txt",)

_MAGIC = re.compile(r"[*?\[]")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def ending(uri: str) -> str:
    """The file ending in lower case, ``.jpg``; of an http(s) address without its query."""
    if _WEB.match(uri):
        uri = uri.partition("?")[0].partition("#")[0]
    name = uri.rpartition("/")[2]
    return name[name.rfind(".") :].lower() if "." in name[1:] else ""


def wanted_endings(settings: SourceSettings, modality: ModalityName | None) -> tuple[str, ...]:
    """The endings that a folder or bucket is read for, each with its dot."""
    if settings.extensions is not None:
        return tuple("." + extension.lower().lstrip(".") for extension in settings.extensions)
    return EXTENSIONS[modality or "image"]


def has_magic(uri: str) -> bool:
    """Whether a path or bucket address is a pattern; in http(s) addresses ``*?[`` mean nothing."""
    return bool(_MAGIC.search(uri)) and not _WEB.match(uri)


def before_magic(pattern: str) -> tuple[str, str]:
    """Split a pattern into the folders that are spelled out, ending in ``/`` or empty, and the rest."""
    found = _MAGIC.search(pattern)
    cut = pattern.rfind("/", 0, found.start() if found else len(pattern)) + 1
    return pattern[:cut], pattern[cut:]
