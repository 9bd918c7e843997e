"""Where a server is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from alaas.errors import ConfigError

_SCHEMES = {"http": False, "https": True, "grpc": False, "grpcs": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerAddress:
    """A server's address, taken apart. ``path`` has no slash at its end; ``secure``: with TLS."""

    host: str
    port: int
    path: str
    secure: bool

    @classmethod
    def parse(cls, url: str | None) -> Self:
        """Read ``model.engine.url``; without a scheme, HTTP without TLS is meant.

        Raises:
            ConfigError: there is none, or it is not an address.
        """
        if not url:
            raise ConfigError("model.engine.url is not set: name the server, such as http://127.0.0.1:8000")
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            secure = _SCHEMES[parts.scheme.lower()]
            host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        except (ValueError, KeyError) as error:
            raise ConfigError(f"model.engine.url: {url!r} is not an http(s) address") from error
        if not host or "@" in parts.netloc or parts.query or parts.fragment:
            raise ConfigError(
                f"model.engine.url: expected scheme://host:port/path without user, query or fragment, got "
                f"{parts.scheme}://{host}…; a token goes into model.engine.token"
            )
        return cls(host=host, port=port, path=parts.path.rstrip("/"), secure=secure)

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.path}"
