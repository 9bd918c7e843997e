"""What a project is: who chooses, what is asked, what learns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, field_validator

from alaas.config._base import CommaList, Section, named


class StrategySettings(Section):
    """Which strategy chooses."""

    name: str = Field(description="A name from `alaas strategies`.")
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="Its parameters, by name.")


class TaskSettings(Section):
    """What a project's annotators are asked."""

    kind: Literal["multi-class", "multi-label"] = Field(
        "multi-class", description="One class an item, or any number of them."
    )
    classes: CommaList = Field(
        default_factory=list,
        description="The classes that may be given; empty: any, and new ones may appear later.",
    )
    instructions: str = Field("", description="What annotators should know; shown beside the items.")

    @field_validator("classes")
    @classmethod
    def _distinct(cls, classes: list[str]) -> list[str]:
        if any(not name.strip() for name in classes):
            raise ValueError("a class without a name")
        twice = [name for place, name in enumerate(classes) if name in classes[:place]]
        if twice:
            raise ValueError(f"the class {twice[0]!r} stands twice")
        return classes


class LearnerSettings(Section):
    """What learns from the labels."""

    name: str = Field(
        "linear",
        description="`linear`: a softmax layer on the features; a name from an entry point; or "
        "`module:Class` of your own.",
    )
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="Its parameters, by name.")


class LabellingSettings(Section):
    """How people work together on a project."""

    annotators: int = Field(1, ge=1, le=100, description="Annotators who answer each item.")
    decide: Literal["unanimous", "majority"] = Field(
        "unanimous", description="When labels make a label: all are equal, or more than half are."
    )
    lease: float = Field(
        3600.0, gt=0, le=30 * 86400, description="Seconds that a batch is held for its annotator."
    )
    audit: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="Share of each batch that is drawn at random, kept out of training, and measures the "
        "learner without bias.",
    )


class StreamSettings(Section):
    """How items that come one by one are sampled, without a pool."""

    budget: float = Field(0.05, gt=0, le=1, description="Share of what arrives that is taken for labelling.")
    burst: int = Field(
        10, ge=1, description="Labels by which the taken may be ahead of that share at any moment."
    )
    most: int | None = Field(None, ge=1, description="Labels in all; by default the project's `budget`.")
    period: float | None = Field(None, gt=0, description="Seconds that `most_per_period` speaks of.")
    most_per_period: int | None = Field(None, ge=1, description="Labels within a period.")
    manager: str = Field(
        "quantile",
        description="The budget manager: `quantile`, `balanced_quantile`, `random`, `fixed`, "
        "`variable_uncertainty`, `randomised_variable_uncertainty`, `split`, or a name from an entry point.",
    )
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="The manager's, by name.")
    strategy: Annotated[
        StrategySettings, BeforeValidator(named, json_schema_input_type=str | StrategySettings)
    ] = Field(
        StrategySettings(name="margin"),
        description="What an item is worth: a strategy that scores items by themselves.",
    )
    warm_up: Literal["novelty", "random"] = Field(
        "novelty",
        description="What it is worth before the learner has learned: its distance to the nearest of those "
        "taken, or a draw.",
    )
    remember: int = Field(
        1000,
        ge=0,
        le=100_000,
        description="Items let go that are answered the same if they come again.",
    )
