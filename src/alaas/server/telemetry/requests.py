"""One line and one measurement for each request."""

from __future__ import annotations

import logging
import time
from http import HTTPMethod
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alaas.server.telemetry.measures import Measures
from alaas.server.telemetry.request_id import HEADER, current, request_id

_log = logging.getLogger("alaas.requests")

_METHODS = frozenset(HTTPMethod)
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked all the time by machines: told at the level ``debug`` unless they fail."""


class RequestWatch:
    """Gives each request an id, measures it, and writes one line when it is answered.

    The line has the route's template instead of the path, and neither the query nor any header: these may
    hold secrets. The caller is named if ``scope["state"]["caller"]`` has a name.
    """

    def __init__(self, app: ASGIApp, *, measures: Measures) -> None:
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = request_id(Headers(scope=scope).get(HEADER))
        current.set(name)  # each request is a task of its own, whose context ends with it
        scope.setdefault("state", {})["request_id"] = name
        answer = _Answer(send, name)
        began = time.perf_counter()
        self._measures.requests_open.inc()
        try:
            await self._app(scope, receive, answer)
        except BaseException:
            answer.status = answer.status or 500
            raise
        finally:
            self._measures.requests_open.dec()
            self._tell(scope, answer, time.perf_counter() - began)

    def _tell(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "unknown")
        status = answer.status or 499  # the client went before it was answered
        self._measures.requests.labels(method, route, str(status)).inc()
        if not answer.is_stream:
            self._measures.request_seconds.labels(method, route).observe(seconds)
        level = logging.DEBUG if route in _QUIET else logging.INFO
        caller = getattr(scope["state"].get("caller"), "name", None)
        told: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": status,
            "seconds": round(seconds, 4),
            "bytes": answer.bytes,
            "caller": caller,
            "request_id": scope["state"]["request_id"],
        }
        _log.log(logging.WARNING if status >= 500 else level, "request", extra=told)


class _Answer:
    """Passes an answer on and remembers what it was."""

    def __init__(self, send: Send, name: str) -> None:
        self._send, self._name = send, name
        self.status = 0
        self.bytes = 0
        self.is_stream = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self._name
            self.is_stream = headers.get("content-type", "").startswith("text/event-stream")
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)
