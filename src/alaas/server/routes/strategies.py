"""``/v1/strategies``: what may be asked for by name."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from alaas.protocol import StrategyList
from alaas.server.gate import Needs
from alaas.server.services import Opened
from alaas.server.verbs import catalogue

router = APIRouter(tags=["strategies"])


@router.get("/v1/strategies", summary="List the strategies", dependencies=[Depends(Needs("reader"))])
def list_strategies(services: Opened) -> StrategyList:
    """Every strategy with its needs and parameters, and which is the default."""
    return catalogue.list_strategies(services)
