"""What a server says when it does not do what it was asked."""

from __future__ import annotations

import json
import re

from alaas.errors import ModelError, ModelUnavailableError

_LONGEST = 300
_LIMITS = (
    re.compile(r"batch[-_ ]?size must be <=? ?(\d+)", re.IGNORECASE),
    re.compile(r"max(?:imum)?(?: allowed)?[-_ ]batch[-_ ]size\D{0,20}?(\d+)", re.IGNORECASE),
)
"""How servers word that a batch is too large."""


class AbsentError(ModelUnavailableError):
    """The server is there, and has no such model or does no such thing."""


class RefusedError(ModelError):
    """The server refuses this batch; ``said`` is what it says of it."""

    def __init__(self, message: str, *, status: int, said: str) -> None:
        super().__init__(message)
        self.status, self.said = status, said

    def most(self, count: int) -> int | None:
        """The items that the server would take at once, if that is what it complains of."""
        found = (pattern.search(self.said) for pattern in _LIMITS)
        named = next((int(match.group(1)) for match in found if match), None)
        if named is not None and 0 < named < count:
            return named
        # Too many bytes rather than too many items: the server does not say how many would do.
        return max(1, count // 2) if self.status == 413 and count > 1 else None


def said(content: bytes | bytearray) -> str:
    """The sentence in an error's body: ``error``, ``message`` or ``detail`` of JSON, else its first line."""
    text = bytes(content[:65536]).decode(errors="replace").strip()
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    for _ in range(3):
        if not isinstance(found, dict):
            break
        found = next((found[key] for key in ("error", "message", "detail") if found.get(key)), text)
    lines = str(found).strip().splitlines()
    return lines[0][:_LONGEST] if lines else ""
