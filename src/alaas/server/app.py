"""The application: routes, guards and errors put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from alaas.config import Config
from alaas.server import errors, openapi
from alaas.server.doorkeeper import Doorkeeper
from alaas.server.gate import Gate
from alaas.server.limits import RequestBytesLimit
from alaas.server.routes import BODIES, ROUTERS
from alaas.server.routes.original import OriginalRequest
from alaas.server.services import Services, open_services
from alaas.server.telemetry.requests import RequestWatch
from alaas.version import __version__

_DESCRIPTION = """From a pool of images, texts or rows to the items worth labelling.

A selection is a job: `POST /v1/select` answers 202 with its address; ask there how it goes, follow
`/events`, and fetch `/result`. A project is a pool with labels that grow: `POST /v1/projects`, add items, ask
for batches, tell labels. Errors are `application/problem+json` with a stable `code`.
"""


def create_app(config: Config | None = None, *, services: Services | None = None) -> FastAPI:
    """Make the ASGI application.

    Args:
        config: settings; the defaults if left out.
        services: opened by someone else; by default opened here. Closed when the application stops.

    Raises:
        ConfigError: a setting cannot be followed.
    """
    opened = services or open_services(config or Config())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(opened.close)

    app = FastAPI(
        title="ALaaS",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the page of FastAPI loads scripts from elsewhere
        redoc_url=None,
        responses=openapi.PROBLEM_RESPONSE,
    )
    app.state.services = opened
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(RequestBytesLimit, most=int(opened.config.limits.max_request_bytes))
    app.add_middleware(Doorkeeper, names=[opened.config.server.host])
    app.add_middleware(Gate, admission=opened.admission)
    app.add_middleware(RequestWatch, measures=opened.measures)
    openapi.install(app, OriginalRequest, *BODIES)
    return app
