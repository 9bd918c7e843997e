"""From what a walk finds to entries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import quote

from alaas.sources._base import Entry
from alaas.sources._walk import Unreadable
from alaas.types import FailedItem, Item


def entries(found: Iterator[str | Unreadable], root: str, endings: tuple[str, ...]) -> Iterator[Entry]:
    """Make items of the files with one of the endings, and reports of the folders that were not read."""
    base = root.rstrip("/") + "/"
    for name in found:
        if isinstance(name, Unreadable):
            identity, uri = _spelled(name.path, base)
            reason = f"the folder cannot be listed: {name.reason}"
            yield FailedItem(id=identity, uri=uri, reason=reason, code="source")
        elif name.lower().endswith(endings):
            identity, uri = _spelled(name, base)
            yield Item(id=identity, uri=uri)


def _spelled(name: str, base: str) -> tuple[str, str]:
    """The id and the URI of a file; percent-encoded if its name is not UTF-8, since no JSON could hold it."""
    uri = base + name
    try:
        uri.encode()
    except UnicodeEncodeError:
        return quote(os.fsencode(name)), "file://" + quote(os.fsencode(uri))
    return name, uri
