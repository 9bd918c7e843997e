"""``/healthz`` and ``/readyz``: for those who watch over the process."""

from __future__ import annotations

from fastapi import APIRouter, Response

from alaas.protocol import HealthBody
from alaas.server.services import Opened
from alaas.version import __version__

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether the process lives")
async def health(services: Opened) -> HealthBody:
    """Answers as long as the process does."""
    return HealthBody(status="ok", name=services.config.name, version=__version__)


@router.get("/readyz", summary="Whether the server takes work", responses={503: {"model": HealthBody}})
async def ready(services: Opened, response: Response) -> HealthBody:
    """503 once the server has begun to stop."""
    stopping = services.stopping.is_set()
    response.status_code = 503 if stopping else 200
    return HealthBody(status="stopping" if stopping else "ok", name=services.config.name, version=__version__)
