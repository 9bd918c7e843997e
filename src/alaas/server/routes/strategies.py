"""``/v1/strategies``: what may be asked for by name."""

from __future__ import annotations

import dataclasses
import inspect

from fastapi import APIRouter

from alaas.protocol import ParameterBody, StrategyBody, StrategyList
from alaas.server.services import Opened
from alaas.strategies import registry

router = APIRouter(tags=["strategies"])


@router.get("/v1/strategies", summary="List the strategies")
def list_strategies(services: Opened) -> StrategyList:
    """Every strategy with its needs and parameters, and which is the default."""
    return StrategyList(
        default=services.config.strategy.name, strategies=[_strategy(name) for name in registry.names()]
    )


def _strategy(name: str) -> StrategyBody:
    cls = registry.get(name)
    parameters: list[ParameterBody] = []
    if dataclasses.is_dataclass(cls):
        parameters = [
            ParameterBody(name=field.name, type=str(field.type), default=field.default)
            for field in dataclasses.fields(cls)
        ]
    summary = (inspect.getdoc(cls) or name).splitlines()[0]
    return StrategyBody(name=name, summary=summary, needs=sorted(cls.needs), parameters=parameters)
