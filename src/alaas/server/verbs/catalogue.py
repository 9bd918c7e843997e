"""What may be asked for by name."""

from __future__ import annotations

from alaas.encoders import describe as describe_model
from alaas.encoders import names as model_names
from alaas.protocol import ModelBody, ModelList, ParameterBody, StrategyBody, StrategyList
from alaas.server.services import Services
from alaas.strategies import describe as describe_strategy
from alaas.strategies import registry


def list_strategies(services: Services) -> StrategyList:
    """Every strategy with its needs and parameters, and which is the default."""
    return StrategyList(
        default=services.config.strategy.name, strategies=[_strategy(name) for name in registry.names()]
    )


def list_models(services: Services) -> ModelList:
    """Every model that a request may name, and which is the default."""
    return ModelList(default=services.config.model.name, models=[_model(name) for name in model_names()])


def _strategy(name: str) -> StrategyBody:
    info = describe_strategy(name)
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


def _model(name: str) -> ModelBody:
    about = describe_model(name)
    return ModelBody(
        name=about.name,
        modality=about.modality,
        provides=sorted(about.provides),
        summary=about.description,
    )
