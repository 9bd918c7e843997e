"""What was let go lately, so that the same item is answered the same."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from blake3 import blake3

_BYTES = 8
"""Of a digest. Among ten thousand that are remembered, one in 10¹⁵ others looks like one of them."""


class Recent:
    """The last names that were put in, up to a number of them.

    Args:
        most: how many are remembered.
        packed: what ``pack`` gave.
    """

    def __init__(self, most: int, packed: str = "") -> None:
        whole = base64.b64decode(packed)
        keys = [whole[start : start + _BYTES] for start in range(0, len(whole), _BYTES)]
        self._most = most
        # A dictionary keeps the order of arrival, and forgets the oldest first.
        self._keys = dict.fromkeys(keys[-most:] if most else [])

    def __contains__(self, name: bytes) -> bool:
        return _key(name) in self._keys

    def put(self, names: Iterable[bytes]) -> None:
        """Remember these, and forget the oldest beyond the number."""
        for name in names:
            key = _key(name)
            self._keys.pop(key, None)
            self._keys[key] = None
        while len(self._keys) > self._most:
            del self._keys[next(iter(self._keys))]

    def pack(self) -> str:
        """As text, 11 characters a name."""
        return base64.b64encode(b"".join(self._keys)).decode("ascii")


def _key(name: bytes) -> bytes:
    return blake3(name).digest(_BYTES)
