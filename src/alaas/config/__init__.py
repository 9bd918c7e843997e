"""Settings: what may stand in the YAML file, with types, defaults and meaning.

The published JSON Schema and the settings page of the documentation are made from these classes. How a file,
the environment and the command line come together is the subject of ``alaas.settings``.
"""

from alaas.config._base import Bytes, CommaList, Section
from alaas.config._file import Config
from alaas.config._limits import EgressSettings, LimitSettings
from alaas.config._model import (
    EngineSettings,
    ModelSettings,
    OutputSettings,
    PreprocessSettings,
    TensorSettings,
)
from alaas.config._pipeline import CacheSettings, PipelineSettings, RayGroupSettings, RaySettings
from alaas.config._project import (
    LabellingSettings,
    LearnerSettings,
    StrategySettings,
    StreamSettings,
    TaskSettings,
)
from alaas.config._service import LogSettings, ServerSettings, StoreSettings, WebhookSettings
from alaas.config._source import SourceSettings

__all__ = [
    "Bytes",
    "CacheSettings",
    "CommaList",
    "Config",
    "EgressSettings",
    "EngineSettings",
    "LabellingSettings",
    "LearnerSettings",
    "LimitSettings",
    "LogSettings",
    "ModelSettings",
    "OutputSettings",
    "PipelineSettings",
    "PreprocessSettings",
    "RayGroupSettings",
    "RaySettings",
    "Section",
    "ServerSettings",
    "SourceSettings",
    "StoreSettings",
    "StrategySettings",
    "StreamSettings",
    "TaskSettings",
    "TensorSettings",
    "WebhookSettings",
]
