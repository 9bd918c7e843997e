"""What a server has to offer, and whether it is well."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from alaas.protocol._base import Reply
from alaas.types import ModalityName


class ParameterBody(Reply):
    """One parameter of a strategy."""

    name: str
    type: str
    default: JsonValue
    summary: str


class StrategyBody(Reply):
    """A strategy that the server knows.

    ``needs`` are the signals that a model must provide, ``accepts`` those that are used when they are there;
    ``cost`` is in the letters of the documentation, ``when`` says when to use it.
    """

    name: str
    family: str
    summary: str
    needs: list[str]
    accepts: list[str]
    parameters: list[ParameterBody]
    cost: str
    when: str
    reference: str | None


class StrategyList(Reply):
    """Strategies by name; ``default`` is used when a request names none."""

    default: str
    strategies: list[StrategyBody]


class ModelBody(Reply):
    """A model that a request may name; ``provides`` are the signals that it computes."""

    name: str
    modality: ModalityName
    provides: list[str]
    summary: str


class ModelList(Reply):
    """Models by name; ``default`` is used when a request names none, null when the modality decides."""

    default: str | None
    models: list[ModelBody]


class HealthBody(Reply):
    """Whether the server is well; ``reasons`` say why it takes no work."""

    status: Literal["ok", "stopping", "trouble"]
    name: str
    version: str
    reasons: list[str] = Field(default_factory=list)
