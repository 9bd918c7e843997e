"""What kind of place a URI names."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from alaas.errors import EgressError, FetchError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://|(file|data):", re.IGNORECASE)


def scheme_of(uri: str) -> str:
    """The scheme in lower case; empty for a plain path.

    A colon alone does not make a scheme: ``C:`` and ``12:30.jpg`` are names of files.
    """
    if ":" not in uri:
        return ""
    found = _SCHEME.match(uri)
    return (found.group(1) or found.group(2)).lower() if found else ""


def is_remote(uri: str) -> bool:
    """Whether getting it waits for a network."""
    return scheme_of(uri) not in ("", "file", "data")


def path_of(uri: str) -> str:
    """The path that a plain path or a ``file:`` URI spells, percent-decoded in the latter; not yet judged.

    Raises:
        FetchError: it is empty or holds a NUL.
        EgressError: it names another machine.
    """
    path = uri
    if scheme_of(uri) == "file":
        rest = uri[len("file:") :]
        if rest.startswith("//"):
            host, slash, rest = rest[2:].partition("/")
            if host.lower() not in ("", "localhost"):
                raise EgressError(f"{uri!r} names a file of another machine; only local files can be read")
            rest = slash + rest
        path = unquote_to_bytes(rest).decode("utf-8", "surrogateescape")
    if not path or "\0" in path:
        raise FetchError(f"{uri!r} is not the name of a file")
    return path
