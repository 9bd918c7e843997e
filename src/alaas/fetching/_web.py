"""http(s), through the guarded egress."""

from __future__ import annotations

from typing import BinaryIO

from alaas.config import EgressSettings, LimitSettings
from alaas.egress import Egress
from alaas.fetching._base import Fetcher
from alaas.fetching._spool import spooled


def document_cap(limits: LimitSettings) -> int:
    """Bytes that a manifest on a network may have: as many as a request that lists the items itself."""
    return max(limits.max_item_bytes, limits.max_request_bytes)


class WebFetcher(Fetcher):
    """Downloads with keep-alive. See ``alaas.egress`` for what is refused."""

    def __init__(self, egress: EgressSettings, limits: LimitSettings) -> None:
        self._egress = Egress(egress)
        self._item_cap = int(limits.max_item_bytes)
        self._document_cap = document_cap(limits)
        # A document may take as much longer than an item as it may be larger.
        self._document_timeout = egress.timeout * self._document_cap / max(1, self._item_cap)

    def fetch(self, uri: str) -> bytes:
        return self._egress.get(uri, max_bytes=self._item_cap)

    def open(self, uri: str) -> BinaryIO:
        cap, timeout = self._document_cap, self._document_timeout
        return spooled(lambda file: self._egress.copy(uri, file, max_bytes=cap, timeout=timeout))

    def close(self) -> None:
        self._egress.close()
