"""Which addresses may be dialled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self, TypeAlias

from alaas.errors import ConfigError

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# ``is_global`` follows the IANA registries, which call these reachable or say nothing of them, although a
# packet sent there may end inside: translated and tunnelled IPv4 (NAT64, 6to4, Teredo, IPv4-compatible),
# what was once site-local, and segment routing. Listed also because older Pythons know fewer of them.
_NEVER_GLOBAL = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "3fff::/20",
        "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    )
)  # fmt: skip

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressPolicy:
    """Opens every global address, and of the others only what ``egress.allow`` names.

    ``hosts`` holds names with a port or None for any port; ``networks`` likewise.
    """

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    @classmethod
    def parse(cls, allow: Iterable[str]) -> Self:
        """Read the entries of ``egress.allow``: host, host:port, address, address:port or network.

        Raises:
            ConfigError: an entry is none of these.
        """
        hosts: set[tuple[str, int | None]] = set()
        networks: list[tuple[Network, int | None]] = []
        for entry in allow:
            place, port = _parse_entry(entry)
            if isinstance(place, str):
                hosts.add((place, port))
            else:
                networks.append((place, port))
        return cls(hosts=frozenset(hosts), networks=tuple(networks))

    def permits(self, host: str, port: int, address: Address) -> bool:
        """Whether ``address``, to which ``host`` resolved, may be dialled at ``port``."""
        address = unwrap(address)
        if is_global(address) or (host, None) in self.hosts or (host, port) in self.hosts:
            return True
        return any(
            address in network and opened in (None, port)
            for network, opened in self.networks
            if network.version == address.version
        )


def is_global(address: Address) -> bool:
    """Whether the address belongs to the public internet and to one machine on it."""
    address = unwrap(address)
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in _NEVER_GLOBAL if network.version == address.version)


def unwrap(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped IPv6 one (``::ffff:10.0.0.1``): the kernel dials that."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _parse_entry(entry: str) -> tuple[str | Network, int | None]:
    text = entry.strip().lower()
    try:
        if "/" in text and "://" not in text:
            return ip_network(text, strict=False), None
        host, port = _split_port(text)
        try:
            return ip_network(unwrap(ip_address(host))), port
        except ValueError:
            host = host.removesuffix(".")
            if _HOST.fullmatch(host):
                return host, port
    except ValueError:
        pass
    raise ConfigError(
        f"egress.allow holds {entry!r}, which is none of host, host:port, address, [IPv6 address]:port and "
        "network such as 10.0.0.0/8"
    )


def _split_port(text: str) -> tuple[str, int | None]:
    host, port = text, ""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(text)
        port = port[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not port:
        return host, None
    number = int(port)
    if not 0 < number < 65536:
        raise ValueError(text)
    return host, number
