"""From a target to a connected socket, through the judgement of its addresses."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import TypeAlias

from alaas.egress._connection import Wire, remaining
from alaas.egress._idle import ConnectionStore
from alaas.egress._policy import Address, AddressPolicy
from alaas.egress._target import Target
from alaas.errors import EgressError, FetchError

Resolver: TypeAlias = Callable[[str, int], Sequence[Address]]
"""From a host and a port to its addresses, best first; raises OSError."""


def system_resolver(host: str, port: int) -> list[Address]:
    """Ask the operating system, which also reads spellings such as ``0x7f.1``; what they mean is judged."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(entry[4][0])) for entry in found]


def dial(
    target: Target,
    addresses: Sequence[Address],
    *,
    tls: ssl.SSLContext | None,
    connect_timeout: float,
    deadline: float,
    store: ConnectionStore,
) -> Wire:
    """Connect to the first of the judged addresses that answers.

    Raises:
        FetchError: none answers in time.
        OSError: none answers otherwise.
    """
    trouble: OSError | None = None
    for address in addresses:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        wire = Wire(socket.socket(family, socket.SOCK_STREAM))
        store.started(wire)
        try:
            wire.sock.settimeout(min(connect_timeout, remaining(deadline)))
            wire.sock.connect((str(address), target.port))
            wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                wire.sock = tls.wrap_socket(wire.sock, server_hostname=target.host)
            return wire
        except OSError as error:
            store.discard(wire)
            trouble = error
    if isinstance(trouble, TimeoutError):
        message = f"{target} took no connection within {connect_timeout:g} s"
        raise FetchError(message, transient=True) from trouble
    raise trouble or OSError("no address")


def judged(target: Target, policy: AddressPolicy, resolve: Resolver) -> list[Address]:
    """Resolve the host once and keep the addresses that may be dialled.

    Raises:
        EgressError: none of them may.
        FetchError: the host has no address.
    """
    addresses = _resolved(target, resolve)
    permitted = [address for address in addresses if policy.permits(target.host, target.port, address)]
    if not permitted:
        raise EgressError(
            f"{target} is refused: {target.host!r} stands for {addresses[0]}, which is not a public address; "
            f"if it may be reached, add {target.authority!r} to egress.allow or ALAAS_EGRESS_ALLOW"
        )
    return permitted


def _resolved(target: Target, resolve: Resolver) -> Sequence[Address]:
    try:
        addresses = resolve(target.host, target.port)
    except socket.gaierror as error:
        message = f"the host of {target} cannot be resolved: {error.strerror}"
        raise FetchError(message, transient=error.errno == socket.EAI_AGAIN) from error
    except (OSError, ValueError) as error:
        raise FetchError(f"the host of {target} cannot be resolved: {error}") from error
    if not addresses:
        raise FetchError(f"the host of {target} has no address")
    return addresses
