"""Binding the address, before anything else is opened, so that a taken port is one sentence."""

from __future__ import annotations

import errno
import ipaddress
import socket

from alaas.config import ServerSettings
from alaas.errors import UsageError

_BACKLOG = 2048


def bind(settings: ServerSettings) -> socket.socket:
    """A listening socket on the configured address; that for gRPC is tried as well, if there is one.

    Raises:
        UsageError: the address is beyond this machine and nobody would have to show a key, the port is in
            use, or the address cannot be bound.
    """
    _check_hosts(settings)
    listener = _listen(settings.host, settings.port, "")
    if settings.grpc_port is not None:
        try:  # grpc binds by itself, later, and would only say that it failed
            _listen(settings.grpc_host or settings.host, settings.grpc_port, "grpc_").close()
        except UsageError:
            listener.close()
            raise
    return listener


def _listen(host: str, port: int, prefix: str) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host!r}: {error.strerror or error}; check server.{prefix}host"
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(_refused(host, port, prefix, error)) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL of a bound socket; the port is the real one where 0 was asked for."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


def hosts(settings: ServerSettings) -> list[str]:
    """The addresses that are listened on."""
    return (
        [settings.host]
        if settings.grpc_port is None
        else [settings.host, settings.grpc_host or settings.host]
    )


def _check_hosts(settings: ServerSettings) -> None:
    open_ones = [host for host in hosts(settings) if not is_loopback(host)]
    if settings.keys != "off" or settings.allow_remote or not open_ones:
        return
    raise UsageError(
        f"refusing to listen on {open_ones[0]!r}: others could reach this server and server.keys is off; "
        "leave that at auto, use 127.0.0.1, or set server.allow_remote to true if everybody may come in "
        "(ALAAS_SERVER_ALLOW_REMOTE=true in the environment)"
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_ipv6(host: str) -> bool:
    """Whether it is an address with colons, which wants brackets before a port."""
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _refused(host: str, port: int, prefix: str, error: OSError) -> str:
    option = "--grpc-port" if prefix else "--port"
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use; stop what uses it, or choose another with {option} or "
            f"server.{prefix}port (0 takes any free one)"
        )
    if error.errno == errno.EACCES:
        return (
            f"port {port} needs special rights; choose one of 1024 or above with {option} or "
            f"server.{prefix}port"
        )
    return f"cannot listen on {host}:{port}: {error.strerror}; check server.{prefix}host"
