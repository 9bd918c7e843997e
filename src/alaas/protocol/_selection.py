"""A selection: what is asked for, and what comes back."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from alaas.protocol._base import Reply, Request, named
from alaas.protocol._items import ItemBody, Located
from alaas.types import FailedItem, ModalityName, PoolSelection, RunStats, SelectedItem, StageStats


class StrategyChoice(Request):
    """A strategy by name, with parameters of its own."""

    name: str = Field(description="A name from `GET /v1/strategies`.")
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


class SelectRequest(Request):
    """Ask for the ``budget`` items most worth labelling."""

    source: Located = Field(
        None, description="Where the items are; or send `items`. With neither, the server's own source."
    )
    items: list[ItemBody] | None = Field(None, min_length=1, description="The items themselves.")
    budget: int | None = Field(
        None, ge=1, strict=True, description="How many to choose; by default the server's configured budget."
    )
    strategy: Annotated[StrategyChoice | None, BeforeValidator(named, str | StrategyChoice | None)] = Field(
        None, description="A name, or a name with parameters; by default the server's."
    )
    model: str | None = Field(None, description="A name from `GET /v1/models`; by default the server's.")
    modality: ModalityName | None = None
    seed: int | None = Field(None, ge=0, strict=True)
    cache: bool = Field(True, description="Whether remembered features may be used.")

    @model_validator(mode="after")
    def _one_pool(self) -> SelectRequest:
        if self.source is not None and self.items is not None:
            raise ValueError("got both source and items; send one of them")
        return self


class SelectedBody(Reply):
    """One chosen item; ``rank`` 0 is the first pick, a higher ``score`` was more wanted."""

    id: str
    uri: str | None
    score: float | None
    rank: int

    @classmethod
    def of(cls, chosen: SelectedItem) -> SelectedBody:
        """The wire form; a score that is not finite becomes null, which JSON can say."""
        score = chosen.score if chosen.score is not None and math.isfinite(chosen.score) else None
        return cls(id=chosen.item.id, uri=chosen.item.uri, score=score, rank=chosen.rank)


class FailedBody(Reply):
    """One item that was skipped, and why."""

    id: str
    uri: str | None
    reason: str

    @classmethod
    def of(cls, failed: FailedItem) -> FailedBody:
        """The wire form."""
        return cls(id=failed.id, uri=failed.uri, reason=failed.reason)


class StageBody(Reply):
    """What one stage of the pipeline did; ``busy`` is a share of its workers' time, 0 to 1."""

    name: str
    workers: int
    items: int
    batches: int
    seconds: float
    busy: float
    queue: float
    capacity: int

    @classmethod
    def of(cls, stage: StageStats) -> StageBody:
        """The wire form."""
        return cls(**{name: getattr(stage, name) for name in cls.model_fields})


class StatsBody(Reply):
    """How a run went."""

    items: int
    seconds: float
    items_per_second: float
    cache_hits: int
    stages: list[StageBody]
    bottleneck: str | None

    @classmethod
    def of(cls, stats: RunStats) -> StatsBody:
        """The wire form."""
        return cls(
            items=stats.items,
            seconds=stats.seconds,
            items_per_second=stats.items_per_second,
            cache_hits=stats.cache_hits,
            stages=[StageBody.of(stage) for stage in stats.stages],
            bottleneck=stats.bottleneck,
        )


class ProvenanceBody(Reply):
    """All that is needed to make the same selection again."""

    strategy: str
    parameters: dict[str, JsonValue]
    budget: int
    seed: int
    model: str | None
    encoder_fingerprint: str | None
    pool_fingerprint: str
    config_fingerprint: str
    version: str
    shards: int = 1
    candidates: int | None = None


class SelectionBody(Reply):
    """The ordered result of one selection."""

    selected: list[SelectedBody]
    failed: list[FailedBody]
    stats: StatsBody
    warnings: list[str]
    provenance: ProvenanceBody

    @classmethod
    def of(cls, selection: PoolSelection) -> SelectionBody:
        """The wire form of a selection; also what ``alaas select --json`` prints."""
        made = selection.provenance
        fields = {name: getattr(made, name) for name in ProvenanceBody.model_fields if name != "parameters"}
        return cls(
            selected=[SelectedBody.of(chosen) for chosen in selection.selected],
            failed=[FailedBody.of(failed) for failed in selection.failed],
            stats=StatsBody.of(selection.stats),
            warnings=list(selection.warnings),
            provenance=ProvenanceBody(parameters=dict(made.parameters), **fields),
        )

    @property
    def ids(self) -> list[str]:
        """The chosen items' ids, best first."""
        return [chosen.id for chosen in self.selected]

    @property
    def uris(self) -> list[str | None]:
        """The chosen items' URIs, best first; None for an item that has none."""
        return [chosen.uri for chosen in self.selected]
