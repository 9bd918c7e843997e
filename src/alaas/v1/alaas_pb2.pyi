import datetime

from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Cell(_message.Message):
    __slots__ = ("text", "integer", "number", "truth")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TRUTH_FIELD_NUMBER: _ClassVar[int]
    text: str
    integer: int
    number: float
    truth: bool
    def __init__(self, text: _Optional[str] = ..., integer: _Optional[int] = ..., number: _Optional[float] = ..., truth: bool = ...) -> None: ...

class Label(_message.Message):
    __slots__ = ("one", "many")
    ONE_FIELD_NUMBER: _ClassVar[int]
    MANY_FIELD_NUMBER: _ClassVar[int]
    one: str
    many: Names
    def __init__(self, one: _Optional[str] = ..., many: _Optional[_Union[Names, _Mapping]] = ...) -> None: ...

class Names(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class ItemBody(_message.Message):
    __slots__ = ("id", "uri", "text", "blob", "row", "cost", "metadata")
    class RowEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Cell
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Cell, _Mapping]] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    id: str
    uri: str
    text: str
    blob: bytes
    row: _containers.MessageMap[str, Cell]
    cost: float
    metadata: _struct_pb2.Struct
    def __init__(self, id: _Optional[str] = ..., uri: _Optional[str] = ..., text: _Optional[str] = ..., blob: _Optional[bytes] = ..., row: _Optional[_Mapping[str, Cell]] = ..., cost: _Optional[float] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class NewItemBody(_message.Message):
    __slots__ = ("id", "uri", "text", "blob", "row", "cost", "metadata", "label")
    class RowEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Cell
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Cell, _Mapping]] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    id: str
    uri: str
    text: str
    blob: bytes
    row: _containers.MessageMap[str, Cell]
    cost: float
    metadata: _struct_pb2.Struct
    label: Label
    def __init__(self, id: _Optional[str] = ..., uri: _Optional[str] = ..., text: _Optional[str] = ..., blob: _Optional[bytes] = ..., row: _Optional[_Mapping[str, Cell]] = ..., cost: _Optional[float] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., label: _Optional[_Union[Label, _Mapping]] = ...) -> None: ...

class SourceBody(_message.Message):
    __slots__ = ("uri", "uris", "id_column", "uri_column", "text_column", "cost_column", "label_column", "metadata_columns", "recursive", "extensions")
    URI_FIELD_NUMBER: _ClassVar[int]
    URIS_FIELD_NUMBER: _ClassVar[int]
    ID_COLUMN_FIELD_NUMBER: _ClassVar[int]
    URI_COLUMN_FIELD_NUMBER: _ClassVar[int]
    TEXT_COLUMN_FIELD_NUMBER: _ClassVar[int]
    COST_COLUMN_FIELD_NUMBER: _ClassVar[int]
    LABEL_COLUMN_FIELD_NUMBER: _ClassVar[int]
    METADATA_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    RECURSIVE_FIELD_NUMBER: _ClassVar[int]
    EXTENSIONS_FIELD_NUMBER: _ClassVar[int]
    uri: str
    uris: Names
    id_column: str
    uri_column: str
    text_column: str
    cost_column: str
    label_column: str
    metadata_columns: Names
    recursive: bool
    extensions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, uri: _Optional[str] = ..., uris: _Optional[_Union[Names, _Mapping]] = ..., id_column: _Optional[str] = ..., uri_column: _Optional[str] = ..., text_column: _Optional[str] = ..., cost_column: _Optional[str] = ..., label_column: _Optional[str] = ..., metadata_columns: _Optional[_Union[Names, _Mapping]] = ..., recursive: bool = ..., extensions: _Optional[_Iterable[str]] = ...) -> None: ...

class ItemsRequest(_message.Message):
    __slots__ = ("project", "items", "source", "role")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    project: str
    items: _containers.RepeatedCompositeFieldContainer[NewItemBody]
    source: SourceBody
    role: str
    def __init__(self, project: _Optional[str] = ..., items: _Optional[_Iterable[_Union[NewItemBody, _Mapping]]] = ..., source: _Optional[_Union[SourceBody, _Mapping]] = ..., role: _Optional[str] = ...) -> None: ...

class AddedBody(_message.Message):
    __slots__ = ("added", "known")
    ADDED_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    added: int
    known: int
    def __init__(self, added: _Optional[int] = ..., known: _Optional[int] = ...) -> None: ...

class AddReply(_message.Message):
    __slots__ = ("added", "jobs")
    ADDED_FIELD_NUMBER: _ClassVar[int]
    JOBS_FIELD_NUMBER: _ClassVar[int]
    added: AddedBody
    jobs: _containers.RepeatedCompositeFieldContainer[JobBody]
    def __init__(self, added: _Optional[_Union[AddedBody, _Mapping]] = ..., jobs: _Optional[_Iterable[_Union[JobBody, _Mapping]]] = ...) -> None: ...

class ItemsPageRequest(_message.Message):
    __slots__ = ("project", "after", "limit", "state", "id", "role")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    project: str
    after: str
    limit: int
    state: _containers.RepeatedScalarFieldContainer[str]
    id: _containers.RepeatedScalarFieldContainer[str]
    role: str
    def __init__(self, project: _Optional[str] = ..., after: _Optional[str] = ..., limit: _Optional[int] = ..., state: _Optional[_Iterable[str]] = ..., id: _Optional[_Iterable[str]] = ..., role: _Optional[str] = ...) -> None: ...

class ProjectItemBody(_message.Message):
    __slots__ = ("number", "id", "state", "role", "uri", "text", "row", "cost", "metadata", "uploaded", "label", "reason")
    class RowEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Cell
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Cell, _Mapping]] = ...) -> None: ...
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    UPLOADED_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    number: int
    id: str
    state: str
    role: str
    uri: str
    text: str
    row: _containers.MessageMap[str, Cell]
    cost: float
    metadata: _struct_pb2.Struct
    uploaded: bool
    label: Label
    reason: str
    def __init__(self, number: _Optional[int] = ..., id: _Optional[str] = ..., state: _Optional[str] = ..., role: _Optional[str] = ..., uri: _Optional[str] = ..., text: _Optional[str] = ..., row: _Optional[_Mapping[str, Cell]] = ..., cost: _Optional[float] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., uploaded: bool = ..., label: _Optional[_Union[Label, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class ItemPage(_message.Message):
    __slots__ = ("items", "next")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ProjectItemBody]
    next: str
    def __init__(self, items: _Optional[_Iterable[_Union[ProjectItemBody, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class StrategyChoice(_message.Message):
    __slots__ = ("name", "parameters")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    parameters: _struct_pb2.Struct
    def __init__(self, name: _Optional[str] = ..., parameters: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class SelectRequest(_message.Message):
    __slots__ = ("source", "items", "budget", "strategy", "model", "modality", "seed", "cache")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    source: SourceBody
    items: _containers.RepeatedCompositeFieldContainer[ItemBody]
    budget: int
    strategy: StrategyChoice
    model: str
    modality: str
    seed: int
    cache: bool
    def __init__(self, source: _Optional[_Union[SourceBody, _Mapping]] = ..., items: _Optional[_Iterable[_Union[ItemBody, _Mapping]]] = ..., budget: _Optional[int] = ..., strategy: _Optional[_Union[StrategyChoice, _Mapping]] = ..., model: _Optional[str] = ..., modality: _Optional[str] = ..., seed: _Optional[int] = ..., cache: bool = ...) -> None: ...

class SelectEvent(_message.Message):
    __slots__ = ("job", "result")
    JOB_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    job: JobBody
    result: SelectionBody
    def __init__(self, job: _Optional[_Union[JobBody, _Mapping]] = ..., result: _Optional[_Union[SelectionBody, _Mapping]] = ...) -> None: ...

class SelectedBody(_message.Message):
    __slots__ = ("id", "uri", "score", "rank")
    ID_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    id: str
    uri: str
    score: float
    rank: int
    def __init__(self, id: _Optional[str] = ..., uri: _Optional[str] = ..., score: _Optional[float] = ..., rank: _Optional[int] = ...) -> None: ...

class FailedBody(_message.Message):
    __slots__ = ("id", "uri", "reason")
    ID_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    id: str
    uri: str
    reason: str
    def __init__(self, id: _Optional[str] = ..., uri: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class StageBody(_message.Message):
    __slots__ = ("name", "workers", "items", "batches", "seconds", "busy", "queue", "capacity")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    BUSY_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    workers: int
    items: int
    batches: int
    seconds: float
    busy: float
    queue: float
    capacity: int
    def __init__(self, name: _Optional[str] = ..., workers: _Optional[int] = ..., items: _Optional[int] = ..., batches: _Optional[int] = ..., seconds: _Optional[float] = ..., busy: _Optional[float] = ..., queue: _Optional[float] = ..., capacity: _Optional[int] = ...) -> None: ...

class StatsBody(_message.Message):
    __slots__ = ("items", "seconds", "items_per_second", "cache_hits", "stages", "bottleneck")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    CACHE_HITS_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    BOTTLENECK_FIELD_NUMBER: _ClassVar[int]
    items: int
    seconds: float
    items_per_second: float
    cache_hits: int
    stages: _containers.RepeatedCompositeFieldContainer[StageBody]
    bottleneck: str
    def __init__(self, items: _Optional[int] = ..., seconds: _Optional[float] = ..., items_per_second: _Optional[float] = ..., cache_hits: _Optional[int] = ..., stages: _Optional[_Iterable[_Union[StageBody, _Mapping]]] = ..., bottleneck: _Optional[str] = ...) -> None: ...

class ProvenanceBody(_message.Message):
    __slots__ = ("strategy", "parameters", "budget", "seed", "model", "encoder_fingerprint", "pool_fingerprint", "config_fingerprint", "version", "shards", "candidates")
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    ENCODER_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    POOL_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SHARDS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    strategy: str
    parameters: _struct_pb2.Struct
    budget: int
    seed: int
    model: str
    encoder_fingerprint: str
    pool_fingerprint: str
    config_fingerprint: str
    version: str
    shards: int
    candidates: int
    def __init__(self, strategy: _Optional[str] = ..., parameters: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., budget: _Optional[int] = ..., seed: _Optional[int] = ..., model: _Optional[str] = ..., encoder_fingerprint: _Optional[str] = ..., pool_fingerprint: _Optional[str] = ..., config_fingerprint: _Optional[str] = ..., version: _Optional[str] = ..., shards: _Optional[int] = ..., candidates: _Optional[int] = ...) -> None: ...

class SelectionBody(_message.Message):
    __slots__ = ("selected", "failed", "stats", "warnings", "provenance")
    SELECTED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    selected: _containers.RepeatedCompositeFieldContainer[SelectedBody]
    failed: _containers.RepeatedCompositeFieldContainer[FailedBody]
    stats: StatsBody
    warnings: _containers.RepeatedScalarFieldContainer[str]
    provenance: ProvenanceBody
    def __init__(self, selected: _Optional[_Iterable[_Union[SelectedBody, _Mapping]]] = ..., failed: _Optional[_Iterable[_Union[FailedBody, _Mapping]]] = ..., stats: _Optional[_Union[StatsBody, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ..., provenance: _Optional[_Union[ProvenanceBody, _Mapping]] = ...) -> None: ...

class TaskBody(_message.Message):
    __slots__ = ("kind", "classes", "instructions")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    classes: _containers.RepeatedScalarFieldContainer[str]
    instructions: str
    def __init__(self, kind: _Optional[str] = ..., classes: _Optional[_Iterable[str]] = ..., instructions: _Optional[str] = ...) -> None: ...

class LearnerChoice(_message.Message):
    __slots__ = ("name", "parameters")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    parameters: _struct_pb2.Struct
    def __init__(self, name: _Optional[str] = ..., parameters: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class LabellingBody(_message.Message):
    __slots__ = ("annotators", "decide", "lease", "audit")
    ANNOTATORS_FIELD_NUMBER: _ClassVar[int]
    DECIDE_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    AUDIT_FIELD_NUMBER: _ClassVar[int]
    annotators: int
    decide: str
    lease: float
    audit: float
    def __init__(self, annotators: _Optional[int] = ..., decide: _Optional[str] = ..., lease: _Optional[float] = ..., audit: _Optional[float] = ...) -> None: ...

class StreamBody(_message.Message):
    __slots__ = ("budget", "burst", "most", "period", "most_per_period", "manager", "parameters", "strategy", "warm_up", "remember")
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    BURST_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    MOST_PER_PERIOD_FIELD_NUMBER: _ClassVar[int]
    MANAGER_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_FIELD_NUMBER: _ClassVar[int]
    REMEMBER_FIELD_NUMBER: _ClassVar[int]
    budget: float
    burst: int
    most: int
    period: float
    most_per_period: int
    manager: str
    parameters: _struct_pb2.Struct
    strategy: StrategyChoice
    warm_up: str
    remember: int
    def __init__(self, budget: _Optional[float] = ..., burst: _Optional[int] = ..., most: _Optional[int] = ..., period: _Optional[float] = ..., most_per_period: _Optional[int] = ..., manager: _Optional[str] = ..., parameters: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., strategy: _Optional[_Union[StrategyChoice, _Mapping]] = ..., warm_up: _Optional[str] = ..., remember: _Optional[int] = ...) -> None: ...

class StreamRequest(_message.Message):
    __slots__ = ("project", "items")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    project: str
    items: _containers.RepeatedCompositeFieldContainer[NewItemBody]
    def __init__(self, project: _Optional[str] = ..., items: _Optional[_Iterable[_Union[NewItemBody, _Mapping]]] = ...) -> None: ...

class DecisionBody(_message.Message):
    __slots__ = ("id", "taken", "why", "utility", "detail")
    ID_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    UTILITY_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    id: str
    taken: bool
    why: str
    utility: float
    detail: str
    def __init__(self, id: _Optional[str] = ..., taken: bool = ..., why: _Optional[str] = ..., utility: _Optional[float] = ..., detail: _Optional[str] = ...) -> None: ...

class OfferedBody(_message.Message):
    __slots__ = ("decisions", "arrived", "taken")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    ARRIVED_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    decisions: _containers.RepeatedCompositeFieldContainer[DecisionBody]
    arrived: int
    taken: int
    def __init__(self, decisions: _Optional[_Iterable[_Union[DecisionBody, _Mapping]]] = ..., arrived: _Optional[int] = ..., taken: _Optional[int] = ...) -> None: ...

class ProjectDefinition(_message.Message):
    __slots__ = ("name", "modality", "source", "model", "strategy", "budget", "seed", "task", "learner", "labelling", "validation", "stream")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    LABELLING_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    name: str
    modality: str
    source: SourceBody
    model: str
    strategy: StrategyChoice
    budget: int
    seed: int
    task: TaskBody
    learner: LearnerChoice
    labelling: LabellingBody
    validation: SourceBody
    stream: StreamBody
    def __init__(self, name: _Optional[str] = ..., modality: _Optional[str] = ..., source: _Optional[_Union[SourceBody, _Mapping]] = ..., model: _Optional[str] = ..., strategy: _Optional[_Union[StrategyChoice, _Mapping]] = ..., budget: _Optional[int] = ..., seed: _Optional[int] = ..., task: _Optional[_Union[TaskBody, _Mapping]] = ..., learner: _Optional[_Union[LearnerChoice, _Mapping]] = ..., labelling: _Optional[_Union[LabellingBody, _Mapping]] = ..., validation: _Optional[_Union[SourceBody, _Mapping]] = ..., stream: _Optional[_Union[StreamBody, _Mapping]] = ...) -> None: ...

class ProjectChange(_message.Message):
    __slots__ = ("project", "modality", "source", "model", "strategy", "budget", "seed", "task", "learner", "labelling", "validation", "version", "any_version", "defaults", "stream")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    LABELLING_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ANY_VERSION_FIELD_NUMBER: _ClassVar[int]
    DEFAULTS_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    project: str
    modality: str
    source: SourceBody
    model: str
    strategy: StrategyChoice
    budget: int
    seed: int
    task: TaskBody
    learner: LearnerChoice
    labelling: LabellingBody
    validation: SourceBody
    version: int
    any_version: bool
    defaults: _containers.RepeatedScalarFieldContainer[str]
    stream: StreamBody
    def __init__(self, project: _Optional[str] = ..., modality: _Optional[str] = ..., source: _Optional[_Union[SourceBody, _Mapping]] = ..., model: _Optional[str] = ..., strategy: _Optional[_Union[StrategyChoice, _Mapping]] = ..., budget: _Optional[int] = ..., seed: _Optional[int] = ..., task: _Optional[_Union[TaskBody, _Mapping]] = ..., learner: _Optional[_Union[LearnerChoice, _Mapping]] = ..., labelling: _Optional[_Union[LabellingBody, _Mapping]] = ..., validation: _Optional[_Union[SourceBody, _Mapping]] = ..., version: _Optional[int] = ..., any_version: bool = ..., defaults: _Optional[_Iterable[str]] = ..., stream: _Optional[_Union[StreamBody, _Mapping]] = ...) -> None: ...

class DeleteRequest(_message.Message):
    __slots__ = ("project", "version", "any_version")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ANY_VERSION_FIELD_NUMBER: _ClassVar[int]
    project: str
    version: int
    any_version: bool
    def __init__(self, project: _Optional[str] = ..., version: _Optional[int] = ..., any_version: bool = ...) -> None: ...

class ProjectRequest(_message.Message):
    __slots__ = ("project",)
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    project: str
    def __init__(self, project: _Optional[str] = ...) -> None: ...

class ProjectsRequest(_message.Message):
    __slots__ = ("after", "limit")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    after: str
    limit: int
    def __init__(self, after: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class PageRequest(_message.Message):
    __slots__ = ("project", "after", "limit")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    project: str
    after: str
    limit: int
    def __init__(self, project: _Optional[str] = ..., after: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class ProjectBody(_message.Message):
    __slots__ = ("name", "version", "created", "changed", "definition", "imports")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    IMPORTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    created: _timestamp_pb2.Timestamp
    changed: _timestamp_pb2.Timestamp
    definition: _struct_pb2.Struct
    imports: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changed: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., definition: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., imports: _Optional[_Iterable[str]] = ...) -> None: ...

class ProjectPage(_message.Message):
    __slots__ = ("projects", "next")
    PROJECTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    projects: _containers.RepeatedCompositeFieldContainer[ProjectBody]
    next: str
    def __init__(self, projects: _Optional[_Iterable[_Union[ProjectBody, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class StatusBody(_message.Message):
    __slots__ = ("name", "labels", "budget", "remaining", "pool", "held", "items", "states", "validation", "batches", "cost", "balance", "agreement", "behind", "round")
    class StatesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class BalanceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    BEHIND_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    name: str
    labels: int
    budget: int
    remaining: int
    pool: int
    held: int
    items: int
    states: _containers.ScalarMap[str, int]
    validation: int
    batches: int
    cost: float
    balance: _containers.ScalarMap[str, int]
    agreement: float
    behind: int
    round: RoundBody
    def __init__(self, name: _Optional[str] = ..., labels: _Optional[int] = ..., budget: _Optional[int] = ..., remaining: _Optional[int] = ..., pool: _Optional[int] = ..., held: _Optional[int] = ..., items: _Optional[int] = ..., states: _Optional[_Mapping[str, int]] = ..., validation: _Optional[int] = ..., batches: _Optional[int] = ..., cost: _Optional[float] = ..., balance: _Optional[_Mapping[str, int]] = ..., agreement: _Optional[float] = ..., behind: _Optional[int] = ..., round: _Optional[_Union[RoundBody, _Mapping]] = ...) -> None: ...

class FollowRequest(_message.Message):
    __slots__ = ("project", "after")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    project: str
    after: int
    def __init__(self, project: _Optional[str] = ..., after: _Optional[int] = ...) -> None: ...

class LogBody(_message.Message):
    __slots__ = ("sequence", "at", "actor", "verb", "subject", "detail")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    at: _timestamp_pb2.Timestamp
    actor: str
    verb: str
    subject: str
    detail: _struct_pb2.Value
    def __init__(self, sequence: _Optional[int] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor: _Optional[str] = ..., verb: _Optional[str] = ..., subject: _Optional[str] = ..., detail: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...

class BatchRequest(_message.Message):
    __slots__ = ("project", "k", "annotator", "pin", "exclude", "lease")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    ANNOTATOR_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    project: str
    k: int
    annotator: str
    pin: _containers.RepeatedScalarFieldContainer[str]
    exclude: _containers.RepeatedScalarFieldContainer[str]
    lease: float
    def __init__(self, project: _Optional[str] = ..., k: _Optional[int] = ..., annotator: _Optional[str] = ..., pin: _Optional[_Iterable[str]] = ..., exclude: _Optional[_Iterable[str]] = ..., lease: _Optional[float] = ...) -> None: ...

class OneBatchRequest(_message.Message):
    __slots__ = ("project", "batch")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    project: str
    batch: str
    def __init__(self, project: _Optional[str] = ..., batch: _Optional[str] = ...) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("project", "batch", "items")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    project: str
    batch: str
    items: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, project: _Optional[str] = ..., batch: _Optional[str] = ..., items: _Optional[_Iterable[str]] = ...) -> None: ...

class ExtendRequest(_message.Message):
    __slots__ = ("project", "batch", "lease")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    project: str
    batch: str
    lease: float
    def __init__(self, project: _Optional[str] = ..., batch: _Optional[str] = ..., lease: _Optional[float] = ...) -> None: ...

class GuessBody(_message.Message):
    __slots__ = ("label", "probability")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    label: str
    probability: float
    def __init__(self, label: _Optional[str] = ..., probability: _Optional[float] = ...) -> None: ...

class BatchItemBody(_message.Message):
    __slots__ = ("id", "rank", "uri", "text", "row", "cost", "metadata", "score", "reason", "state", "guess")
    class RowEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Cell
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Cell, _Mapping]] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GUESS_FIELD_NUMBER: _ClassVar[int]
    id: str
    rank: int
    uri: str
    text: str
    row: _containers.MessageMap[str, Cell]
    cost: float
    metadata: _struct_pb2.Struct
    score: float
    reason: str
    state: str
    guess: GuessBody
    def __init__(self, id: _Optional[str] = ..., rank: _Optional[int] = ..., uri: _Optional[str] = ..., text: _Optional[str] = ..., row: _Optional[_Mapping[str, Cell]] = ..., cost: _Optional[float] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., score: _Optional[float] = ..., reason: _Optional[str] = ..., state: _Optional[str] = ..., guess: _Optional[_Union[GuessBody, _Mapping]] = ...) -> None: ...

class BatchBody(_message.Message):
    __slots__ = ("id", "project", "ordinal", "annotator", "created", "until", "strategy", "round", "items", "notes")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    ANNOTATOR_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    id: str
    project: str
    ordinal: int
    annotator: str
    created: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    strategy: str
    round: int
    items: _containers.RepeatedCompositeFieldContainer[BatchItemBody]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., project: _Optional[str] = ..., ordinal: _Optional[int] = ..., annotator: _Optional[str] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., strategy: _Optional[str] = ..., round: _Optional[int] = ..., items: _Optional[_Iterable[_Union[BatchItemBody, _Mapping]]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchPage(_message.Message):
    __slots__ = ("batches", "next")
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    batches: _containers.RepeatedCompositeFieldContainer[BatchBody]
    next: str
    def __init__(self, batches: _Optional[_Iterable[_Union[BatchBody, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class ReplayBody(_message.Message):
    __slots__ = ("batch", "ids", "same", "differences")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    SAME_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    batch: str
    ids: _containers.RepeatedScalarFieldContainer[str]
    same: bool
    differences: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, batch: _Optional[str] = ..., ids: _Optional[_Iterable[str]] = ..., same: bool = ..., differences: _Optional[_Iterable[str]] = ...) -> None: ...

class AnswerBody(_message.Message):
    __slots__ = ("item", "label", "skip", "unsure", "defer")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    SKIP_FIELD_NUMBER: _ClassVar[int]
    UNSURE_FIELD_NUMBER: _ClassVar[int]
    DEFER_FIELD_NUMBER: _ClassVar[int]
    item: str
    label: Label
    skip: str
    unsure: str
    defer: str
    def __init__(self, item: _Optional[str] = ..., label: _Optional[_Union[Label, _Mapping]] = ..., skip: _Optional[str] = ..., unsure: _Optional[str] = ..., defer: _Optional[str] = ...) -> None: ...

class TellRequest(_message.Message):
    __slots__ = ("project", "batch", "answers", "annotator", "final")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    ANNOTATOR_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    project: str
    batch: str
    answers: _containers.RepeatedCompositeFieldContainer[AnswerBody]
    annotator: str
    final: bool
    def __init__(self, project: _Optional[str] = ..., batch: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[AnswerBody, _Mapping]]] = ..., annotator: _Optional[str] = ..., final: bool = ...) -> None: ...

class ReceiptBody(_message.Message):
    __slots__ = ("item", "outcome", "state", "reason")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    item: str
    outcome: str
    state: str
    reason: str
    def __init__(self, item: _Optional[str] = ..., outcome: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ToldBody(_message.Message):
    __slots__ = ("receipts", "labels", "retrain")
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    RETRAIN_FIELD_NUMBER: _ClassVar[int]
    receipts: _containers.RepeatedCompositeFieldContainer[ReceiptBody]
    labels: int
    retrain: str
    def __init__(self, receipts: _Optional[_Iterable[_Union[ReceiptBody, _Mapping]]] = ..., labels: _Optional[int] = ..., retrain: _Optional[str] = ...) -> None: ...

class LabelBody(_message.Message):
    __slots__ = ("sequence", "item", "annotator", "kind", "label", "reason", "batch", "final", "at")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ANNOTATOR_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    item: str
    annotator: str
    kind: str
    label: Label
    reason: str
    batch: str
    final: bool
    at: _timestamp_pb2.Timestamp
    def __init__(self, sequence: _Optional[int] = ..., item: _Optional[str] = ..., annotator: _Optional[str] = ..., kind: _Optional[str] = ..., label: _Optional[_Union[Label, _Mapping]] = ..., reason: _Optional[str] = ..., batch: _Optional[str] = ..., final: bool = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LabelPage(_message.Message):
    __slots__ = ("labels", "next")
    LABELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.RepeatedCompositeFieldContainer[LabelBody]
    next: str
    def __init__(self, labels: _Optional[_Iterable[_Union[LabelBody, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class DisagreementBody(_message.Message):
    __slots__ = ("id", "uri", "text", "answers")
    class AnswersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Label
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Label, _Mapping]] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    id: str
    uri: str
    text: str
    answers: _containers.MessageMap[str, Label]
    def __init__(self, id: _Optional[str] = ..., uri: _Optional[str] = ..., text: _Optional[str] = ..., answers: _Optional[_Mapping[str, Label]] = ...) -> None: ...

class DisagreementPage(_message.Message):
    __slots__ = ("conflicts", "next")
    CONFLICTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    conflicts: _containers.RepeatedCompositeFieldContainer[DisagreementBody]
    next: str
    def __init__(self, conflicts: _Optional[_Iterable[_Union[DisagreementBody, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class ClassMetricsBody(_message.Message):
    __slots__ = ("precision", "recall", "f1", "support")
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    F1_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_FIELD_NUMBER: _ClassVar[int]
    precision: float
    recall: float
    f1: float
    support: int
    def __init__(self, precision: _Optional[float] = ..., recall: _Optional[float] = ..., f1: _Optional[float] = ..., support: _Optional[int] = ...) -> None: ...

class MetricsBody(_message.Message):
    __slots__ = ("count", "accuracy", "macro_f1", "log_loss", "calibration_error", "per_class")
    class PerClassEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ClassMetricsBody
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ClassMetricsBody, _Mapping]] = ...) -> None: ...
    COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_FIELD_NUMBER: _ClassVar[int]
    MACRO_F1_FIELD_NUMBER: _ClassVar[int]
    LOG_LOSS_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_ERROR_FIELD_NUMBER: _ClassVar[int]
    PER_CLASS_FIELD_NUMBER: _ClassVar[int]
    count: int
    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    per_class: _containers.MessageMap[str, ClassMetricsBody]
    def __init__(self, count: _Optional[int] = ..., accuracy: _Optional[float] = ..., macro_f1: _Optional[float] = ..., log_loss: _Optional[float] = ..., calibration_error: _Optional[float] = ..., per_class: _Optional[_Mapping[str, ClassMetricsBody]] = ...) -> None: ...

class RoundBody(_message.Message):
    __slots__ = ("number", "created", "labels", "through", "fitted", "seconds", "learner", "classes", "balance", "cost", "metrics", "measured_on", "notes")
    class BalanceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    THROUGH_FIELD_NUMBER: _ClassVar[int]
    FITTED_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    MEASURED_ON_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    number: int
    created: _timestamp_pb2.Timestamp
    labels: int
    through: int
    fitted: bool
    seconds: float
    learner: str
    classes: _containers.RepeatedScalarFieldContainer[str]
    balance: _containers.ScalarMap[str, int]
    cost: float
    metrics: MetricsBody
    measured_on: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[int] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., labels: _Optional[int] = ..., through: _Optional[int] = ..., fitted: bool = ..., seconds: _Optional[float] = ..., learner: _Optional[str] = ..., classes: _Optional[_Iterable[str]] = ..., balance: _Optional[_Mapping[str, int]] = ..., cost: _Optional[float] = ..., metrics: _Optional[_Union[MetricsBody, _Mapping]] = ..., measured_on: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class RoundPage(_message.Message):
    __slots__ = ("rounds", "next")
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    rounds: _containers.RepeatedCompositeFieldContainer[RoundBody]
    next: str
    def __init__(self, rounds: _Optional[_Iterable[_Union[RoundBody, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class PointBody(_message.Message):
    __slots__ = ("round", "labels", "cost", "measured_on", "metrics")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    MEASURED_ON_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    round: int
    labels: int
    cost: float
    measured_on: str
    metrics: MetricsBody
    def __init__(self, round: _Optional[int] = ..., labels: _Optional[int] = ..., cost: _Optional[float] = ..., measured_on: _Optional[str] = ..., metrics: _Optional[_Union[MetricsBody, _Mapping]] = ...) -> None: ...

class CurveBody(_message.Message):
    __slots__ = ("points", "next")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[PointBody]
    next: str
    def __init__(self, points: _Optional[_Iterable[_Union[PointBody, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class ModelRequest(_message.Message):
    __slots__ = ("project", "round")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    project: str
    round: int
    def __init__(self, project: _Optional[str] = ..., round: _Optional[int] = ...) -> None: ...

class PredictRequest(_message.Message):
    __slots__ = ("project", "items", "round")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    project: str
    items: _containers.RepeatedCompositeFieldContainer[ItemBody]
    round: int
    def __init__(self, project: _Optional[str] = ..., items: _Optional[_Iterable[_Union[ItemBody, _Mapping]]] = ..., round: _Optional[int] = ...) -> None: ...

class PredictionBody(_message.Message):
    __slots__ = ("id", "label", "probabilities", "failure")
    class ProbabilitiesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    id: str
    label: Label
    probabilities: _containers.ScalarMap[str, float]
    failure: str
    def __init__(self, id: _Optional[str] = ..., label: _Optional[_Union[Label, _Mapping]] = ..., probabilities: _Optional[_Mapping[str, float]] = ..., failure: _Optional[str] = ...) -> None: ...

class PredictionList(_message.Message):
    __slots__ = ("predictions",)
    PREDICTIONS_FIELD_NUMBER: _ClassVar[int]
    predictions: _containers.RepeatedCompositeFieldContainer[PredictionBody]
    def __init__(self, predictions: _Optional[_Iterable[_Union[PredictionBody, _Mapping]]] = ...) -> None: ...

class ExportRequest(_message.Message):
    __slots__ = ("project", "format")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    project: str
    format: str
    def __init__(self, project: _Optional[str] = ..., format: _Optional[str] = ...) -> None: ...

class ExportBody(_message.Message):
    __slots__ = ("format", "media_type", "content")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    format: str
    media_type: str
    content: str
    def __init__(self, format: _Optional[str] = ..., media_type: _Optional[str] = ..., content: _Optional[str] = ...) -> None: ...

class Piece(_message.Message):
    __slots__ = ("content", "media_type")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    content: bytes
    media_type: str
    def __init__(self, content: _Optional[bytes] = ..., media_type: _Optional[str] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("type", "title", "status", "detail", "code")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    type: str
    title: str
    status: int
    detail: str
    code: str
    def __init__(self, type: _Optional[str] = ..., title: _Optional[str] = ..., status: _Optional[int] = ..., detail: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ProgressBody(_message.Message):
    __slots__ = ("done", "failed", "total", "stages")
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    done: int
    failed: int
    total: int
    stages: _containers.RepeatedCompositeFieldContainer[StageBody]
    def __init__(self, done: _Optional[int] = ..., failed: _Optional[int] = ..., total: _Optional[int] = ..., stages: _Optional[_Iterable[_Union[StageBody, _Mapping]]] = ...) -> None: ...

class JobBody(_message.Message):
    __slots__ = ("id", "kind", "state", "created", "started", "ended", "progress", "error")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    state: str
    created: _timestamp_pb2.Timestamp
    started: _timestamp_pb2.Timestamp
    ended: _timestamp_pb2.Timestamp
    progress: ProgressBody
    error: Problem
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., state: _Optional[str] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., progress: _Optional[_Union[ProgressBody, _Mapping]] = ..., error: _Optional[_Union[Problem, _Mapping]] = ...) -> None: ...

class JobsRequest(_message.Message):
    __slots__ = ("limit",)
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    limit: int
    def __init__(self, limit: _Optional[int] = ...) -> None: ...

class JobRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class JobList(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[JobBody]
    def __init__(self, jobs: _Optional[_Iterable[_Union[JobBody, _Mapping]]] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("id", "after")
    ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    id: str
    after: int
    def __init__(self, id: _Optional[str] = ..., after: _Optional[int] = ...) -> None: ...

class JobEvent(_message.Message):
    __slots__ = ("id", "kind", "job")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    JOB_FIELD_NUMBER: _ClassVar[int]
    id: int
    kind: str
    job: JobBody
    def __init__(self, id: _Optional[int] = ..., kind: _Optional[str] = ..., job: _Optional[_Union[JobBody, _Mapping]] = ...) -> None: ...

class JobResult(_message.Message):
    __slots__ = ("selection", "batch", "round", "added", "export")
    SELECTION_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    EXPORT_FIELD_NUMBER: _ClassVar[int]
    selection: SelectionBody
    batch: BatchBody
    round: RoundBody
    added: AddedBody
    export: ExportBody
    def __init__(self, selection: _Optional[_Union[SelectionBody, _Mapping]] = ..., batch: _Optional[_Union[BatchBody, _Mapping]] = ..., round: _Optional[_Union[RoundBody, _Mapping]] = ..., added: _Optional[_Union[AddedBody, _Mapping]] = ..., export: _Optional[_Union[ExportBody, _Mapping]] = ...) -> None: ...

class ParameterBody(_message.Message):
    __slots__ = ("name", "type", "default", "summary")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    default: _struct_pb2.Value
    summary: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., default: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., summary: _Optional[str] = ...) -> None: ...

class StrategyBody(_message.Message):
    __slots__ = ("name", "family", "summary", "needs", "accepts", "parameters", "cost", "when", "reference")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    family: str
    summary: str
    needs: _containers.RepeatedScalarFieldContainer[str]
    accepts: _containers.RepeatedScalarFieldContainer[str]
    parameters: _containers.RepeatedCompositeFieldContainer[ParameterBody]
    cost: str
    when: str
    reference: str
    def __init__(self, name: _Optional[str] = ..., family: _Optional[str] = ..., summary: _Optional[str] = ..., needs: _Optional[_Iterable[str]] = ..., accepts: _Optional[_Iterable[str]] = ..., parameters: _Optional[_Iterable[_Union[ParameterBody, _Mapping]]] = ..., cost: _Optional[str] = ..., when: _Optional[str] = ..., reference: _Optional[str] = ...) -> None: ...

class StrategyList(_message.Message):
    __slots__ = ("default", "strategies")
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    STRATEGIES_FIELD_NUMBER: _ClassVar[int]
    default: str
    strategies: _containers.RepeatedCompositeFieldContainer[StrategyBody]
    def __init__(self, default: _Optional[str] = ..., strategies: _Optional[_Iterable[_Union[StrategyBody, _Mapping]]] = ...) -> None: ...

class ModelBody(_message.Message):
    __slots__ = ("name", "modality", "provides", "summary")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    PROVIDES_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    name: str
    modality: str
    provides: _containers.RepeatedScalarFieldContainer[str]
    summary: str
    def __init__(self, name: _Optional[str] = ..., modality: _Optional[str] = ..., provides: _Optional[_Iterable[str]] = ..., summary: _Optional[str] = ...) -> None: ...

class ModelList(_message.Message):
    __slots__ = ("default", "models")
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    default: str
    models: _containers.RepeatedCompositeFieldContainer[ModelBody]
    def __init__(self, default: _Optional[str] = ..., models: _Optional[_Iterable[_Union[ModelBody, _Mapping]]] = ...) -> None: ...
