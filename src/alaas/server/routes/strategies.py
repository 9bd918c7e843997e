"""``/v1/strategies``: what may be asked for by name."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from alaas.protocol import ParameterBody, StrategyBody, StrategyList
from alaas.server.gate import Needs
from alaas.server.services import Opened
from alaas.strategies import describe, registry

router = APIRouter(tags=["strategies"])


@router.get("/v1/strategies", summary="List the strategies", dependencies=[Depends(Needs("reader"))])
def list_strategies(services: Opened) -> StrategyList:
    """Every strategy with its needs and parameters, and which is the default."""
    return StrategyList(
        default=services.config.strategy.name, strategies=[_strategy(name) for name in registry.names()]
    )


def _strategy(name: str) -> StrategyBody:
    info = describe(name)
    return StrategyBody(
        name=info.name,
        family=info.family,
        summary=info.summary,
        needs=[*info.needs],
        accepts=[*info.accepts],
        parameters=[
            ParameterBody(name=given.name, type=given.type, default=given.default, summary=given.summary)
            for given in info.parameters
        ],
        cost=info.cost,
        when=info.when,
        reference=info.reference,
    )
