"""One YAML file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from alaas.config._base import Section, addressed, located, named
from alaas.config._limits import EgressSettings, LimitSettings
from alaas.config._model import ModelSettings
from alaas.config._pipeline import CacheSettings, PipelineSettings
from alaas.config._project import (
    LabellingSettings,
    LearnerSettings,
    StrategySettings,
    StreamSettings,
    TaskSettings,
)
from alaas.config._service import LogSettings, ServerSettings, StoreSettings, WebhookSettings
from alaas.config._source import SourceSettings
from alaas.types import ModalityName


class Config(Section):
    """One YAML file."""

    name: str = Field("alaas", description="What to call this in logs and pages.")
    modality: ModalityName | None = Field(
        None, description="By default the model's, or guessed from the source."
    )
    source: (
        Annotated[
            SourceSettings, BeforeValidator(located, json_schema_input_type=str | list[str] | SourceSettings)
        ]
        | None
    ) = Field(None, description="Where items come from; a text or a list stands for its `uri`.")
    model: Annotated[ModelSettings, BeforeValidator(named, json_schema_input_type=str | ModelSettings)] = (
        Field(ModelSettings(), description="Which encoder is used; a text stands for its `name`.")
    )
    strategy: Annotated[
        StrategySettings, BeforeValidator(named, json_schema_input_type=str | StrategySettings)
    ] = Field(
        StrategySettings(name="k_means"), description="Which strategy chooses; a text stands for its `name`."
    )
    budget: int | None = Field(None, ge=1, description="How many items to choose.")
    seed: int = Field(0, ge=0, description="The same seed over the same pool gives the same choice.")
    task: TaskSettings = Field(default_factory=TaskSettings, description="What annotators are asked.")
    learner: Annotated[
        LearnerSettings, BeforeValidator(named, json_schema_input_type=str | LearnerSettings)
    ] = Field(LearnerSettings(), description="What learns from labels; a text stands for its `name`.")
    labelling: LabellingSettings = Field(LabellingSettings(), description="How people work together.")
    stream: StreamSettings = Field(StreamSettings(), description="How a stream of items is sampled.")
    validation: (
        Annotated[
            SourceSettings, BeforeValidator(located, json_schema_input_type=str | list[str] | SourceSettings)
        ]
        | None
    ) = Field(None, description="Items whose labels are known and that measure the learner, as `source`.")
    store: Annotated[
        StoreSettings, BeforeValidator(addressed, json_schema_input_type=str | StoreSettings)
    ] = Field(StoreSettings(), description="Where projects are kept; a text stands for its `url`.")
    cache: CacheSettings = Field(default_factory=CacheSettings, description="The feature cache.")
    pipeline: PipelineSettings = Field(PipelineSettings(), description="How the stages run.")
    egress: EgressSettings = Field(EgressSettings(), description="What may be reached.")
    limits: LimitSettings = Field(LimitSettings(), description="Caps.")
    server: ServerSettings = Field(ServerSettings(), description="The HTTP server.")
    log: LogSettings = Field(LogSettings(), description="What the server writes down.")
    webhooks: list[WebhookSettings] = Field(default_factory=list, description="Whom to tell what happens.")
