"""From the table of calls to what grpc serves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from inspect import iscoroutinefunction
from typing import Any

import grpc
from fastapi.dependencies.models import Dependant
from google.protobuf.message_factory import GetMessageClass
from starlette.concurrency import run_in_threadpool

from alaas.errors import UsageError
from alaas.server.gate import Needs
from alaas.server.routes import ROUTERS
from alaas.server.rpc.call import Call, answering
from alaas.server.services import Services


@dataclass(frozen=True, kw_only=True)
class Rpc:
    """A call over gRPC.

    Args:
        route: the route that does the same over HTTP, such as ``GET /v1/jobs``. What that demands of its
            caller is demanded here.
        answer: takes the ``Call`` and the message (or the messages, of a stream) and gives the answer. A
            plain function runs on a worker thread, a coroutine on the event loop; an asynchronous generator
            gives a stream.
    """

    route: str
    answer: Callable[[Call, Any], Any]


def generic_handler(services: Services, service: Any, rpcs: Mapping[str, Rpc]) -> grpc.GenericRpcHandler:
    """What grpc serves for a service.

    Args:
        services: what the server has.
        service: the descriptor of the service.
        rpcs: an entry for each of its methods, by name.
    """
    handlers = {method.name: _handler(services, method, rpcs[method.name]) for method in service.methods}
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _handler(services: Services, method: Any, rpc: Rpc) -> grpc.RpcMethodHandler:
    needs, name = needs_of(rpc.route), f"{method.containing_service.full_name}/{method.name}"

    def checked(call: Call, request: Any) -> None:
        needs.check(call.caller, None if needs.project is None else getattr(request, needs.project))

    async def one(request: Any, context: Any) -> Any:
        async with answering(services, name, context, stream=False) as call:
            checked(call, request)
            if iscoroutinefunction(rpc.answer):
                return await rpc.answer(call, request)
            return await run_in_threadpool(rpc.answer, call, request)

    async def many(request: Any, context: Any) -> None:
        async with answering(services, name, context, stream=True) as call:
            checked(call, request)
            async with aclosing(rpc.answer(call, request)) as messages:
                async for message in messages:
                    await context.write(message)

    async def gather(requests: AsyncIterator[Any], context: Any) -> Any:
        async with answering(services, name, context, stream=True) as call:
            return await rpc.answer(call, _of_one_project(call, requests, checked))

    async def exchange(requests: AsyncIterator[Any], context: Any) -> None:
        async with answering(services, name, context, stream=True) as call:
            came = _of_one_project(call, requests, checked)
            async with aclosing(rpc.answer(call, came)) as messages:
                async for message in messages:
                    await context.write(message)

    reading = GetMessageClass(method.input_type).FromString
    writing = GetMessageClass(method.output_type).SerializeToString
    if method.client_streaming and method.server_streaming:
        return grpc.stream_stream_rpc_method_handler(exchange, reading, writing)
    if method.client_streaming:
        return grpc.stream_unary_rpc_method_handler(gather, reading, writing)
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(many, reading, writing)
    return grpc.unary_unary_rpc_method_handler(one, reading, writing)


async def _of_one_project(
    call: Call, requests: AsyncIterator[Any], check: Callable[[Call, Any], None]
) -> AsyncIterator[Any]:
    """The messages of a stream, all for the project that the first one names; checked once for all."""
    name = None
    async for request in requests:
        if name is None:
            check(call, request)
            name = request.project
        elif request.project not in ("", name):
            raise UsageError(f"a message for {request.project!r} in a stream for {name!r}; use a stream each")
        request.project = name
        yield request


@cache
def needs_of(route: str) -> Needs:
    """What the HTTP route demands of its caller.

    Raises:
        LookupError: there is no such route, or it demands nothing.
    """
    for router in ROUTERS:
        for known in router.routes:
            methods: set[str] = getattr(known, "methods", None) or set()
            if f"{next(iter(methods), '')} {getattr(known, 'path', '')}" == route:
                return next(_demands(known.dependant))  # type: ignore[attr-defined]
    raise LookupError(f"there is no route {route!r}")


def _demands(dependant: Dependant) -> Iterator[Needs]:
    if isinstance(dependant.call, Needs):
        yield dependant.call
    for part in dependant.dependencies:
        yield from _demands(part)
