"""``/v1/models``: which encoders may be asked for by name."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from alaas.protocol import ModelList
from alaas.server.gate import Needs
from alaas.server.services import Opened
from alaas.server.verbs import catalogue

router = APIRouter(tags=["models"])


@router.get("/v1/models", summary="List the models", dependencies=[Depends(Needs("reader"))])
def list_models(services: Opened) -> ModelList:
    """Every model that a request may name, and which is the default."""
    return catalogue.list_models(services)
