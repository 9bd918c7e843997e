"""``data:`` URIs, which hold their content themselves."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_to_bytes

from alaas.errors import FetchError
from alaas.fetching._base import Fetcher


class DataFetcher(Fetcher):
    """Decodes ``data:[type][;base64],…`` of RFC 2397."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def fetch(self, uri: str) -> bytes:
        head, comma, tail = uri.partition(",")
        name = f"the data URI {uri[:32]!r}…"
        if not comma:
            raise FetchError(f"{name} has no comma before its data")
        content = unquote_to_bytes(tail)
        if head.lower().endswith(";base64"):
            try:
                content = base64.b64decode(content, validate=True)
            except binascii.Error as error:
                raise FetchError(f"{name} is not base64: {error}") from error
        if len(content) > self._max_bytes:
            raise FetchError(f"{name} is {len(content)} bytes long, beyond limits.max_item_bytes")
        return content
