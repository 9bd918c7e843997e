"""A stream of items: how it is sampled, what is offered, and what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue

from alaas.protocol._base import Reply, Request, named
from alaas.protocol._pool import NewItemBody
from alaas.protocol._selection import StrategyChoice

Why = Literal["scored", "warm-up", "known", "repeated", "duplicate", "failed"]


class StreamBody(Request):
    """How items that come one by one are sampled; the keys of ``stream`` in the configuration file."""

    budget: float = Field(0.05, gt=0, le=1, description="Share of what arrives that is taken.")
    burst: int = Field(10, ge=1, strict=True, description="Labels that may be ahead of that share.")
    most: int | None = Field(
        None, ge=1, strict=True, description="Labels in all; by default the project's budget."
    )
    period: float | None = Field(None, gt=0, description="Seconds that most_per_period speaks of.")
    most_per_period: int | None = Field(None, ge=1, strict=True, description="Labels within a period.")
    manager: str = Field("quantile", description="The name of a budget manager.")
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="The manager's, by name.")
    strategy: Annotated[StrategyChoice, BeforeValidator(named, str | StrategyChoice)] = Field(
        StrategyChoice(name="margin"), description="A strategy that scores items by themselves."
    )
    warm_up: Literal["novelty", "random"] = Field(
        "novelty", description="What an item is worth before the learner has learned."
    )
    remember: int = Field(
        1000, ge=0, le=100_000, strict=True, description="Items let go that are answered the same again."
    )


class StreamRequest(Request):
    """Offer items of a stream; labels that they carry are not looked at."""

    items: list[NewItemBody] = Field(description="In the order of their arrival.")


class DecisionBody(Reply):
    """What became of one item; ``utility`` is what it was worth, null where nobody had to ask.

    ``why``: scored or warm-up, the budget manager decided, with the learner or before it has learned; known,
    it is in the project; repeated, it was let go not long ago; duplicate, its content is in the pool; failed,
    it cannot be read. ``detail`` says what failed, or what it is a duplicate of.
    """

    id: str
    taken: bool
    why: Why
    utility: float | None = None
    detail: str | None = None


class OfferedBody(Reply):
    """Decisions in the order of the items; ``arrived`` and ``taken`` count the whole stream."""

    decisions: list[DecisionBody]
    arrived: int
    taken: int
