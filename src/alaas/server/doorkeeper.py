"""Keeps web pages away from a server that asks nobody for a key.

A page that someone opens in a browser on this machine must not be able to use the server: neither by a
domain name that is made to point here (DNS rebinding: the Host header gives it away), nor by a form or a
script that posts across origins (the Origin header gives it away). Programs send neither. Where the gate
wants keys it lets everything pass: a page has no key to send, and a server behind a proxy goes by many names.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from alaas.server.errors import answer, problem
from alaas.server.gate import KEYED

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class Doorkeeper:
    """Refuses requests that only a foreign web page would send.

    Args:
        app: the application behind it.
        names: host names by which this server may be called, besides localhost and addresses.
    """

    def __init__(self, app: ASGIApp, *, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = {"localhost", *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through or refuse."""
        if scope["type"] == "http" and not scope.get(KEYED):
            reason = self._objection(scope["method"], Headers(scope=scope))
            if reason:
                await answer(problem("forbidden", reason, 403))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _objection(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        name = _name(f"//{host}")
        if not (name in self._names or name.endswith(".localhost") or _is_address(name)):
            return (
                f"the Host header says {host!r}; call this server by its address or as localhost, or set "
                "server.host to that name"
            )
        origin = headers.get("origin")
        if origin is not None and method not in _SAFE_METHODS and urlsplit(origin).netloc != host:
            return f"a web page of {origin!r} may not use this server"
        return None


def _name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # a malformed IPv6 address
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
