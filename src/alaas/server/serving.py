"""Running the application until someone asks the process to stop."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from alaas.config import Config, ServerSettings
from alaas.errors import MissingExtraError
from alaas.server.app import create_app
from alaas.server.keys import show_first_key
from alaas.server.listen import address_of, bind
from alaas.server.services import Services, open_services
from alaas.server.telemetry.logs import logging_to_stderr

if TYPE_CHECKING:
    from alaas.server.rpc import RpcServer

_GRACE = 1
"""Seconds that open requests have to end by themselves."""

_RPC_GRACE = 0.7
"""The same for calls over gRPC; streams look twice a second whether to end."""


class Listener(uvicorn.Server):
    """Uvicorn that ends event streams and stops jobs before it waits for open requests."""

    def __init__(self, services: Services, announce: Callable[[], None]) -> None:
        self.rpc = None if services.config.server.grpc_port is None else _rpc_server(services)
        super().__init__(
            uvicorn.Config(
                create_app(services=services),
                lifespan="on",
                log_config=None,  # what it logs goes the way of all other lines
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._services = services
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so when requests are taken."""
        if self.rpc is not None:
            await self.rpc.start()
        await super().startup(sockets)
        self._announce()

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Stop on a signal, at once on a second Ctrl-C; a stop that was asked for is not a failure."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the streams and the jobs first: uvicorn would wait for them for ever."""
        self._services.stopping.set()
        self._services.jobs.close(timeout=0)
        self._services.webhooks.close(timeout=0)
        if self.rpc is not None:  # before the application ends, which closes what calls work with
            await self.rpc.stop(_RPC_GRACE)
        await super().shutdown(sockets)


def require_grpc(settings: ServerSettings) -> None:
    """Return if what is wanted of gRPC is installed.

    Raises:
        MissingExtraError: it is not.
    """
    if settings.grpc_port is None:
        return
    for module in ("grpc", "grpc_health.v1", "grpc_reflection.v1alpha"):
        try:
            import_module(module)
        except ImportError as error:
            raise MissingExtraError("answering gRPC (server.grpc_port)", "grpc") from error


def _rpc_server(services: Services) -> RpcServer:
    from alaas.server.rpc import RpcServer

    return RpcServer(services)


def serve(config: Config, *, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then stop within two seconds: streams end, jobs are handed back.

    Prints one line with the address. Where keys are wanted and there was none yet, the first is shown on
    stderr.

    Args:
        config: settings; ``config.server`` says where to listen.
        on_ready: called with the URL as soon as requests are taken.

    Raises:
        UsageError: the address cannot be had; the message says why and how to mend it.
        MissingExtraError: gRPC is wanted and not installed.
        StoreError: the store cannot be opened.
    """
    require_grpc(config.server)
    with bind(config.server) as listener, logging_to_stderr(config.log):
        services = open_services(config)
        url = address_of(listener)

        def announce() -> None:
            sys.stdout.write(f"ALaaS listening on {url}\n")
            if listening.rpc is not None:
                sys.stdout.write(f"ALaaS answers gRPC on {listening.rpc.address}\n")
            sys.stdout.flush()
            if on_ready is not None:
                on_ready(url)

        try:
            show_first_key(services.admission, url)
            listening = Listener(services, announce)
            listening.run(sockets=[listener])
        finally:
            services.close()
