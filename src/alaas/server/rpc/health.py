"""The standard health service: whether the server takes work, asked by those who watch over processes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from starlette.concurrency import run_in_threadpool

from alaas.server.services import Services

_PAUSE = 0.5
"""Seconds between two looks for those who watch."""

_Status = health_pb2.HealthCheckResponse


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """Says of the server and of each of its services what ``/readyz`` says. Asks for no key, as that does.

    Args:
        services: what the server has.
        names: the services' full names.
    """

    def __init__(self, services: Services, names: Iterable[str]) -> None:
        self._services, self._names = services, frozenset(("", *names))

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """How it is now."""
        if request.service not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"there is no service {request.service!r}")
        return await self._look()

    async def Watch(self, request: Any, context: Any) -> None:  # noqa: N802
        """How it is, whenever that changes."""
        if request.service not in self._names:
            await context.write(_Status(status=_Status.SERVICE_UNKNOWN))
            return
        told = None
        while True:
            last = self._services.stopping.is_set()
            found = await self._look()
            if found != told:
                await context.write(found)
                told = found
            if last:
                return
            await asyncio.sleep(_PAUSE)

    async def _look(self) -> Any:
        reasons = await run_in_threadpool(self._services.readiness.reasons)
        return _Status(status=_Status.NOT_SERVING if reasons else _Status.SERVING)
