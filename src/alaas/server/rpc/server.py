"""Listening for calls, beside the HTTP server and on its event loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from alaas.config import ServerSettings
from alaas.errors import ConfigError, UsageError
from alaas.server.listen import is_ipv6
from alaas.server.rpc.handlers import generic_handler
from alaas.server.rpc.health import Health
from alaas.server.rpc.methods import RPCS
from alaas.server.services import Services
from alaas.v1 import alaas_pb2


class RpcServer:
    """Answers calls over gRPC from when it is started until it is stopped, both on one event loop.

    Args:
        services: what it works with; ``server.grpc_port`` of their configuration is set.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._settings = services.config.server
        self._credentials = credentials_of(self._settings)
        self._server: Any = None
        self.address = ""
        """``HOST:PORT``, known once it has started."""

    async def start(self) -> None:
        """Take calls.

        Raises:
            UsageError: the address cannot be had.
        """
        server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", int(self._services.config.limits.max_request_bytes)),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),  # two servers on one port would share the calls by chance
            ]
        )
        names = []
        for name, service in alaas_pb2.DESCRIPTOR.services_by_name.items():
            server.add_generic_rpc_handlers((generic_handler(self._services, service, RPCS[name]),))
            names.append(service.full_name)
        health_pb2_grpc.add_HealthServicer_to_server(Health(self._services, names), server)
        reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
        host, wanted = self._settings.grpc_host or self._settings.host, self._settings.grpc_port
        shown = f"[{host}]" if is_ipv6(host) else host
        try:
            port = self._listen(server, f"{shown}:{wanted}")
        except RuntimeError as error:
            raise UsageError(
                f"cannot listen for gRPC on {shown}:{wanted}; choose another server.grpc_port"
            ) from error
        await server.start()
        self._server, self.address = server, f"{shown}:{port}"

    async def stop(self, grace: float) -> None:
        """Take no more calls, and give those that are open ``grace`` seconds."""
        if self._server is not None:
            await self._server.stop(grace)
            self._server = None

    def _listen(self, server: Any, address: str) -> int:
        if self._credentials is None:
            return int(server.add_insecure_port(address))
        return int(server.add_secure_port(address, self._credentials))


def credentials_of(settings: ServerSettings) -> Any:
    """What the server shows of itself; None without TLS.

    Raises:
        ConfigError: a file cannot be read, or one is named without the other.
    """
    certificate, key = settings.grpc_certificate, settings.grpc_key
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise ConfigError("server.grpc_certificate and server.grpc_key go together; set both or neither")
    return grpc.ssl_server_credentials([(_read(key, "grpc_key"), _read(certificate, "grpc_certificate"))])


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"server.{setting}: cannot read {path}: {error.strerror or error}") from error
