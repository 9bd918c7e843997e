"""``/healthz`` and ``/readyz``: for those who watch over the process."""

from __future__ import annotations

from typing import Literal

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
def ready(services: Opened, response: Response) -> HealthBody:
    """503 with the reasons when the store is away, a disk is full, no job is worked on, or it stops."""
    reasons = services.readiness.reasons()
    status: Literal["ok", "stopping", "trouble"] = "trouble" if reasons else "ok"
    if services.stopping.is_set():
        status = "stopping"
    response.status_code = 503 if reasons else 200
    return HealthBody(status=status, name=services.config.name, version=__version__, reasons=reasons)
