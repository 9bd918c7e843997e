"""Whom to tell what."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from alaas.config import WebhookSettings
from alaas.errors import ConfigError, UnknownNameError
from alaas.webhooks._events import KINDS, Event
from alaas.webhooks._signature import key_of

_SHOWN = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """One who is told. ``name`` is safe to write down: the host and a digest, since a URL may hold
    secrets.
    """

    name: str
    url: str = field(repr=False)
    key: bytes = field(repr=False)
    opened: str
    events: frozenset[str]
    projects: frozenset[str]

    def wants(self, event: Event) -> bool:
        """Whether it asked for such an event."""
        return (not self.events or event.kind in self.events) and (
            not self.projects or event.project in self.projects
        )


def open_receivers(settings: Sequence[WebhookSettings]) -> dict[str, Receiver]:
    """The receivers of a configuration by name.

    Raises:
        ConfigError: an address cannot be posted to or stands there twice, or a kind of event is unknown.
    """
    found: dict[str, Receiver] = {}
    for place, given in enumerate(settings):
        receiver = _receiver(given, f"webhooks[{place}]")
        if receiver.name in found:
            raise ConfigError(f"webhooks[{place}].url stands in the list twice; name its events in one entry")
        found[receiver.name] = receiver
    return found


def _receiver(given: WebhookSettings, where: str) -> Receiver:
    opened = _host_and_port(given.url, where)
    for kind in given.events:
        if kind not in KINDS:
            raise ConfigError(f"{where}.events: {UnknownNameError('kind of event', kind, KINDS).message}")
    try:
        key = key_of(given.secret)
    except ConfigError as error:
        raise ConfigError(f"{where}.secret: {error.message}") from None
    digest = hashlib.sha256(given.url.encode()).hexdigest()[:_SHOWN]
    return Receiver(
        name=f"{opened}#{digest}",
        url=given.url,
        key=key,
        opened=opened,
        events=frozenset(given.events),
        projects=frozenset(given.projects),
    )


def _host_and_port(url: str, where: str) -> str:
    """What egress has to open for this receiver, which the operator named: its host at its port, no more."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme.lower()]
        host = (parts.hostname or "").removesuffix(".").encode("idna").decode("ascii").lower()
    except (ValueError, KeyError):
        host, port = "", 0
    if not host or "@" in parts.netloc:
        raise ConfigError(f"{where}.url: expected an http or https address without a user name")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
