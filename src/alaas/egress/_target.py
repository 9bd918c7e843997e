"""From the text of an http(s) address to what is dialled and asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import quote, urljoin, urlsplit

from alaas.errors import FetchError

Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port: what one connection serves."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_.:-]+")
_MISREAD = re.compile(r"[\x00-\x1f\x7f\\]")
_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One address, taken apart. ``path`` is percent-encoded and holds the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> Origin:
        """What a connection is kept open for."""
        return (self.scheme, self.host, self.port)

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_target(url: str) -> Target:
    """Take an address apart.

    Raises:
        FetchError: it is not an http(s) address, or holds a user name, a password or a character that
            programs read differently; never transient.
    """
    if _MISREAD.search(url):
        raise FetchError(f"the address {url!r} holds a backslash or a control character; percent-encode it")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise FetchError(f"the address {url!r} cannot be read: {error}") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise FetchError(f"the address {url!r} has the scheme {scheme!r}, not http or https")
    try:
        host, port = _authority(parts.netloc)
    except ValueError as error:
        raise FetchError(f"the address {url!r} cannot be fetched: {error}") from error
    path = parts.path or "/"
    if parts.query:
        path = f"{path}?{parts.query}"
    return Target(scheme=scheme, host=host, port=port or _PORTS[scheme], path=quote(path, safe=_SAFE))


def redirected(target: Target, location: str) -> Target:
    """Where a redirect leads.

    Raises:
        FetchError: the new address cannot be read.
    """
    try:
        return parse_target(urljoin(str(target), location))
    except ValueError as error:
        raise FetchError(f"{target} redirects to {location!r}, which cannot be read: {error}") from error


@lru_cache(maxsize=1024)
def _authority(netloc: str) -> tuple[str, int | None]:
    if "@" in netloc:
        raise ValueError("it holds a user name or password; these are never sent, so leave them out")
    parts = urlsplit(f"//{netloc}")
    host, port = parts.hostname or "", parts.port
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()
    host = host.removesuffix(".")
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is not the name of a host")
    if netloc.startswith("["):
        ip_address(host)  # a ValueError for what is no IPv6 address
    if port == 0:
        raise ValueError("there is no port 0")
    return host, port
