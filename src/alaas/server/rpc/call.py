"""One call: who makes it, what they may, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import grpc
from starlette.exceptions import HTTPException

from alaas.access import Caller
from alaas.errors import AlaasError, UsageError
from alaas.projects import Project
from alaas.server.gate import admit
from alaas.server.rpc.status import JobFailed, Refusal, broken, refusal
from alaas.server.services import Services
from alaas.server.telemetry.request_id import HEADER, current, request_id

_log = logging.getLogger("alaas.requests")

_LONGEST_KEY = 255


@dataclass(frozen=True, kw_only=True)
class Call:
    """What answers work with. ``key`` is the idempotency key that came along."""

    services: Services
    caller: Caller
    key: str | None

    def project(self, name: str) -> Project:
        """The project of that name.

        Raises:
            ProjectNotFoundError: there is none.
        """
        return self.services.projects.open(name)


@asynccontextmanager
async def answering(services: Services, method: str, context: Any, *, stream: bool) -> AsyncIterator[Call]:
    """Let a caller in, and turn whatever is raised into the end of the call; measure it and write it down.

    Args:
        services: what the server has.
        method: such as ``alaas.v1.Projects/Ask``.
        context: the call, as grpc has it.
        stream: whether the answer is a stream, whose duration says nothing.
    """
    began, measures = time.perf_counter(), services.measures
    metadata = _metadata(context)
    name = request_id(metadata.get(HEADER.lower()))
    current.set(name)  # each call is a task of its own
    caller: Caller | None = None
    ended: Refusal | None = None
    code = grpc.StatusCode.OK
    measures.rpcs_open.inc()
    try:
        _, caller = await admit(services.admission, metadata, _address(context.peer()))
        yield Call(services=services, caller=caller, key=_idempotency_key(metadata))
    except (AlaasError, HTTPException, JobFailed) as error:
        ended = refusal(error)
    except asyncio.CancelledError:
        code = grpc.StatusCode.CANCELLED
        raise
    except grpc.aio.AbortError:
        code = grpc.StatusCode.UNKNOWN
        raise
    except Exception:  # noqa: BLE001  (the caller is told, and the log says more)
        _log.exception("%s broke", method)
        ended = broken()
    finally:
        measures.rpcs_open.dec()
        code = code if ended is None else ended.code
        seconds = time.perf_counter() - began
        measures.rpcs.labels(method, code.name).inc()
        if not stream:
            measures.rpc_seconds.labels(method).observe(seconds)
        _tell(method, code, seconds, caller)
    if ended is not None:
        trailing = (*ended.metadata, (HEADER.lower(), name))
        await context.abort(ended.code, ended.detail, trailing)


def _tell(method: str, code: grpc.StatusCode, seconds: float, caller: Caller | None) -> None:
    told = {
        "method": "rpc",
        "route": method,
        "status": code.name,
        "seconds": round(seconds, 4),
        "caller": None if caller is None else caller.name,
    }
    _log.log(logging.WARNING if code is grpc.StatusCode.INTERNAL else logging.INFO, "request", extra=told)


def _metadata(context: Any) -> Mapping[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}


def _idempotency_key(metadata: Mapping[str, str]) -> str | None:
    key = metadata.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise UsageError(f"idempotency-key has {len(key)} characters; send 1 to {_LONGEST_KEY}")
    return key


def _address(peer: str) -> str:
    """The address in what grpc calls a peer: ``ipv4:127.0.0.1:4711``, ``ipv6:%5B::1%5D:4711``."""
    kind, _, rest = unquote(peer).partition(":")
    return rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else ""
