"""One fetcher for every kind of address."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

from alaas.config import EgressSettings, LimitSettings
from alaas.errors import FetchError
from alaas.fetching._base import Fetcher, FileStamp
from alaas.fetching._data import DataFetcher
from alaas.fetching._local import LocalFetcher
from alaas.fetching._objects import OBJECT_SCHEMES, ObjectFetcher
from alaas.fetching._uri import scheme_of
from alaas.fetching._web import WebFetcher

_PATTERN = re.compile(r"[*?\[]")


class AnyFetcher(Fetcher):
    """Passes each address to the fetcher of its scheme."""

    def __init__(self, by_scheme: dict[str, Fetcher]) -> None:
        self._by_scheme = by_scheme

    def fetch(self, uri: str) -> bytes:
        return self._of(uri).fetch(uri)

    def stamp(self, uri: str) -> FileStamp | None:
        return self._of(uri).stamp(uri)

    def open(self, uri: str) -> BinaryIO:
        return self._of(uri).open(uri)

    def local_path(self, uri: str) -> str | None:
        return self._of(uri).local_path(uri)

    def find(self, uri: str) -> Iterator[str]:
        return self._of(uri).find(uri)

    def close(self) -> None:
        for fetcher in set(self._by_scheme.values()):
            fetcher.close()

    def _of(self, uri: str) -> Fetcher:
        scheme = scheme_of(uri)
        if scheme not in self._by_scheme:
            known = ", ".join(sorted(filter(None, self._by_scheme)))
            raise FetchError(f"{uri} has the scheme {scheme!r}; known are plain paths and {known}")
        return self._by_scheme[scheme]


def open_fetcher(
    egress: EgressSettings, limits: LimitSettings, *, trusted: bool, roots: Sequence[str] = ()
) -> Fetcher:
    """Make the fetcher of a configuration.

    Args:
        egress: what may be reached.
        limits: the largest item.
        trusted: whether addresses come from the person who runs this process. If so and ``egress.roots`` is
            not set, everything that this person can read is open.
        roots: folders, files, patterns and bucket prefixes that are open besides.

    Raises:
        ConfigError: ``egress.allow`` holds something that is no address.
    """
    opened = None if trusted and egress.roots is None else [*roots, *(egress.roots or ())]
    folders = None if opened is None else _roots_of(opened, ("", "file"))
    prefixes = None if opened is None else _roots_of(opened, OBJECT_SCHEMES)
    most = int(limits.max_item_bytes)
    local = LocalFetcher(roots=folders, max_bytes=most)
    web = WebFetcher(egress, limits)
    objects = ObjectFetcher(egress, limits, prefixes=prefixes)
    return AnyFetcher(
        {
            "": local,
            "file": local,
            "data": DataFetcher(max_bytes=most),
            "http": web,
            "https": web,
            **dict.fromkeys(OBJECT_SCHEMES, objects),
        }
    )


def _roots_of(opened: Sequence[str], schemes: Collection[str]) -> list[str]:
    """Those of a kind. A pattern opens the folders that it spells out: ``pool/*.jpg`` opens ``pool/``."""
    return [root[: _spelled_out(root)] or "." for root in opened if scheme_of(root) in schemes]


def _spelled_out(root: str) -> int:
    found = _PATTERN.search(root)
    return len(root) if found is None else root.rfind("/", 0, found.start()) + 1
