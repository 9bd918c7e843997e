"""The words of the wire: what requests and replies of the HTTP interface look like.

What a client sends is checked strictly: an unknown key is an error. What a server sends is read leniently,
so that a client outlives the server's next version.
"""

from __future__ import annotations

import base64
import binascii
import math
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    model_validator,
)

from alaas.types import Cell, FailedItem, ModalityName, PoolSelection, RunStats, SelectedItem, StageStats

JobState: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled"]
FINISHED: frozenset[JobState] = frozenset({"succeeded", "failed", "cancelled"})


class Request(BaseModel):
    """What a client sends: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")


class Reply(BaseModel):
    """What a server sends: a key that a later version adds is ignored by an earlier client."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _from_base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"expected the content in base64, got text that is not ({error})") from error


def _to_base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode("ascii")


Blob = Annotated[
    bytes | None,
    BeforeValidator(_from_base64, json_schema_input_type=str | None),
    PlainSerializer(_to_base64, return_type=str | None),
]


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _located(value: Any) -> Any:
    return {"uri": value} if isinstance(value, (str, list)) else value


class ItemBody(Request):
    """One item of a request. Exactly one of ``uri``, ``text``, ``blob`` and ``row`` carries it."""

    id: str | None = Field(
        None, min_length=1, max_length=4096, description="By default its URI, or its place in the list."
    )
    uri: str | None = Field(None, min_length=1, max_length=65536)
    text: str | None = None
    blob: Blob = Field(None, description="The content itself, such as an image file, in base64.")
    row: dict[str, Cell] | None = None
    cost: float = Field(1.0, ge=0, allow_inf_nan=False, description="What labelling it costs.")
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_content(self) -> ItemBody:
        given = [name for name in ("uri", "text", "blob", "row") if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none of them"
            raise ValueError(f"an item has exactly one of uri, text, blob and row; got {got}")
        return self


class SourceBody(Request):
    """Where items come from; the keys of ``source`` in the configuration file."""

    uri: str | list[str] = Field(description="A folder, glob, manifest or address, or a list of item URIs.")
    id_column: str = "id"
    uri_column: str = "uri"
    text_column: str = "text"
    cost_column: str = "cost"
    label_column: str | None = None
    metadata_columns: list[str] | None = None
    recursive: bool = True
    extensions: list[str] | None = None


class StrategyChoice(Request):
    """A strategy by name, with parameters of its own."""

    name: str = Field(description="A name from `GET /v1/strategies`.")
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


class SelectRequest(Request):
    """Ask for the ``budget`` items most worth labelling."""

    source: Annotated[SourceBody | None, BeforeValidator(_located, str | list[str] | SourceBody | None)] = (
        Field(
            None, description="Where the items are; or send `items`. With neither, the server's own source."
        )
    )
    items: list[ItemBody] | None = Field(None, min_length=1, description="The items themselves.")
    budget: int | None = Field(
        None, ge=1, strict=True, description="How many to choose; by default the server's configured budget."
    )
    strategy: Annotated[StrategyChoice | None, BeforeValidator(_named, str | StrategyChoice | None)] = Field(
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


class Problem(Reply):
    """An error as RFC 9457 has it, with a stable ``code`` to branch on.

    Reference: Nottingham, Wilde, Dalal, 2023, https://www.rfc-editor.org/rfc/rfc9457
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str


class ProgressBody(Reply):
    """A glance at a running job: ``done`` of ``total`` items, ``failed`` of them with a reason."""

    done: int = 0
    failed: int = 0
    total: int | None = None
    stages: list[StageBody] = []


class JobLinks(Reply):
    """Where to go on from a job, relative to the server's address."""

    self: str
    result: str
    events: str
    cancel: str


class JobBody(Reply):
    """A piece of server work. Times are in UTC."""

    id: str
    kind: str
    state: JobState
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    progress: ProgressBody = ProgressBody()
    error: Problem | None = None
    links: JobLinks

    @property
    def finished(self) -> bool:
        """Whether its state will not change any more."""
        return self.state in FINISHED


class JobList(Reply):
    """Jobs, newest first."""

    jobs: list[JobBody]


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
    """Whether the server is well."""

    status: Literal["ok", "stopping"]
    name: str
    version: str
