"""Caps on what one request may bring."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alaas.errors import LimitError


class RequestBytesLimit:
    """Stops reading a body that is larger than ``most`` bytes, whatever length it claims.

    The error is raised where the body is read, so that the application's own handler answers it.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        claimed = Headers(scope=scope).get("content-length", "0")
        count = int(claimed) if claimed.isdecimal() and len(claimed) < 20 else 0
        claims_too_much = count > self._most
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            if claims_too_much:
                raise self._too_large()
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > self._most:
                    raise self._too_large()
            return message

        await self._app(scope, counted, send)

    def _too_large(self) -> LimitError:
        return LimitError(
            f"the request is larger than {self._most} bytes; send fewer items or their URIs instead of their "
            "content, or raise limits.max_request_bytes on the server"
        )


def check_item_count(count: int, most: int) -> None:
    """Refuse a request that names more than ``most`` items.

    Raises:
        LimitError: it does.
    """
    if count > most:
        raise LimitError(
            f"the request names {count} items, {most} are allowed; put them into a manifest and name that as "
            "the source, or raise limits.max_request_items on the server"
        )
