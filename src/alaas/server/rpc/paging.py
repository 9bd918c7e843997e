"""Which page a message asks for."""

from __future__ import annotations

from typing import Any

from alaas.errors import UsageError

_MOST = 1000


def page_of(request: Any, usual: int = 100) -> tuple[str | None, int]:
    """The cursor, None for the first page, and the most that the page holds.

    Raises:
        UsageError: no page holds that many.
    """
    return (request.after if request.HasField("after") else None), limit_of(request, usual)


def limit_of(request: Any, usual: int = 100) -> int:
    """The most that is wanted of a list.

    Raises:
        UsageError: it is not from 1 to 1000.
    """
    limit: int = request.limit if request.HasField("limit") else usual
    if not 1 <= limit <= _MOST:
        raise UsageError(f"limit: a page holds 1 to {_MOST}, got {limit}")
    return limit
