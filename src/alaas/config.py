"""Settings: what may stand in the YAML file, with types, defaults and meaning.

The published JSON Schema and the settings page of the documentation are made from this file. How a file,
the environment and the command line come together is the subject of ``alaas.settings``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from platformdirs import user_cache_path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    JsonValue,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from alaas.types import ModalityName


def _named(value: Any) -> Any:
    """Let ``strategy: margin`` stand for ``strategy: {name: margin}``."""
    return {"name": value} if isinstance(value, str) else value


def _located(value: Any) -> Any:
    """Let ``source: photos/`` and ``source: [a.jpg, b.jpg]`` stand for ``source: {uri: …}``."""
    return {"uri": value} if isinstance(value, (str, list)) else value


def _addressed(value: Any) -> Any:
    """Let ``store: sqlite:///x.db`` stand for ``store: {url: …}``."""
    return {"url": value} if isinstance(value, str) else value


def _split(value: Any) -> Any:
    """Let an environment variable hold a list, separated by commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaList = Annotated[list[str], BeforeValidator(_split, json_schema_input_type=str | list[str])]
Bytes = Annotated[
    ByteSize,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*[0-9.]+\s*([kKmMgGtTpP]?i?[bB]?)\s*$"},
            ]
        }
    ),
]
"""A size such as 64MB or 10GB (powers of 1000), 64MiB (powers of 1024), or a number of bytes."""


class Section(BaseModel):
    """A part of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=False)

    @field_validator("*", mode="before")
    @classmethod
    def _keep_booleans_apart(cls, value: Any, info: ValidationInfo) -> Any:
        # Python counts True as 1, so `budget: yes` would otherwise ask for one item.
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation is not bool:
            raise ValueError("true or false has no meaning here")
        return value


class SourceSettings(Section):
    """Where items come from."""

    uri: str | list[str] = Field(
        description="A folder, a glob, a manifest (.csv .jsonl .parquet), a text file (one item a line), "
        "an http(s), s3, gs or az address of one of these, or a list of item URIs."
    )
    id_column: str = Field("id", description="Manifest column of the item's id; without it, the row number.")
    uri_column: str = Field("uri", description="Manifest column of the item's URI, relative to the manifest.")
    text_column: str = Field("text", description="Manifest column of the item's text.")
    cost_column: str = Field("cost", description="Manifest column of what the item costs to label.")
    label_column: str | None = Field(
        None,
        description="Manifest column of labels that are known; a multi-label cell separates them by `;`.",
    )
    metadata_columns: CommaList | None = Field(
        None, description="Manifest columns kept as metadata; by default all that have no other meaning."
    )
    recursive: bool = Field(True, description="Whether a folder's sub-folders are read.")
    extensions: CommaList | None = Field(
        None, description="File endings taken from a folder; by default those of the modality."
    )


class PreprocessSettings(Section):
    """How an image becomes the input of a model of your own."""

    size: PositiveInt | tuple[PositiveInt, PositiveInt] = Field(
        224, description="Height and width in pixels, or one number for both."
    )
    resize: Literal["squash", "crop", "pad"] = Field(
        "crop",
        description="squash to the size; scale the shorter side and crop the centre; or pad the longer.",
    )
    crop_share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="For crop: the share of the shorter side that is kept; 0.875 is a crop of 224 from 256.",
    )
    interpolation: Literal["bilinear", "bicubic", "lanczos", "nearest"] = Field(
        "bilinear", description="How pixels between pixels are found when scaling."
    )
    scale: float = Field(1 / 255, description="Multiplied into the 0–255 values before mean and std.")
    mean: tuple[float, float, float] = Field(
        (0.485, 0.456, 0.406), description="Subtracted from red, green and blue."
    )
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = Field(
        (0.229, 0.224, 0.225), description="Red, green and blue are divided by it."
    )
    layout: Literal["nchw", "nhwc"] = Field("nchw", description="Colours before or after height and width.")
    dtype: Literal["float32", "float16", "uint8"] = Field(
        "float32", description="uint8 passes pixels unscaled."
    )


class OutputSettings(Section):
    """Which of a model's outputs means what; found by name and shape when left out."""

    embeddings: str | None = Field(None, description="Name of the output that holds embeddings.")
    logits: str | None = Field(None, description="Name of the output that holds class scores before softmax.")
    probs: str | None = Field(None, description="Name of the output that holds class probabilities.")
    pooling: Literal["mean", "cls", "none"] = Field(
        "mean", description="For outputs of shape (batch, tokens, D)."
    )


class TensorSettings(Section):
    """One input or output of a model that a server runs."""

    name: str = Field(description="Its name on the server.")
    dtype: str = Field("float32", description="As numpy calls it; `string` for texts.")
    shape: list[int | None] = Field(
        description="Sizes, the batch first; null is free. A batch is never counted into a shape by itself."
    )


class EngineSettings(Section):
    """What runs a model, and on what."""

    name: str = Field(
        "onnxruntime",
        description="A name from `alaas doctor`, or `auto`: the fastest on this machine, found by trial.",
    )
    precision: Literal["stored", "fp32", "fp16", "bf16", "int8"] = Field(
        "stored",
        description="What it computes in; stored: as the model file says. Lower precision is faster and "
        "chooses a little differently.",
    )
    allow: CommaList = Field(
        default_factory=list,
        description="Precisions that `auto` may choose besides `precision`: `fp16`, `bf16`, `int8`.",
    )
    devices: CommaList = Field(
        default_factory=lambda: ["cpu"],
        description="One replica of the model on each: `cpu`, `cpu:0-3` (these cores), `cuda:0`, "
        "`tensorrt:0`, and for openvino `gpu` and `npu`.",
    )
    options: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Handed to the engine as they are, by its own names; they enter the cache key.",
    )
    url: str | None = Field(None, description="Where a serving engine is.")
    model: str | None = Field(None, description="What the serving engine calls the model.")
    version: str | None = Field(None, description="Its version there; by default the server's choice.")
    protocol: Literal["http", "grpc"] = Field("http", description="How a serving engine is spoken to.")
    binary: bool = Field(True, description="Whether tensors travel as bytes, where the server can do so.")
    inputs: list[TensorSettings] = Field(
        default_factory=list, description="What the model takes, for a server that does not say."
    )
    outputs: list[TensorSettings] = Field(
        default_factory=list, description="What it gives, for a server that does not say."
    )
    token: str | None = Field(None, repr=False, description="Sent as `Authorization: Bearer`.")
    timeout: float = Field(30.0, gt=0, description="Seconds for one call of a serving engine.")
    retries: int = Field(
        4, ge=0, le=20, description="Further tries of a call that failed for a passing reason."
    )
    connections: int = Field(8, ge=1, le=256, description="Calls of a serving engine at the same time.")

    @field_validator("allow")
    @classmethod
    def _known(cls, allow: list[str]) -> list[str]:
        unknown = sorted(set(allow) - {"fp32", "fp16", "bf16", "int8"})
        if unknown:
            raise ValueError(f"expected fp32, fp16, bf16 or int8, got {', '.join(unknown)}")
        return allow


class ModelSettings(Section):
    """Which encoder turns items into embeddings and probabilities."""

    name: str | None = Field(
        None,
        description="A name from `alaas models list`; `hf:owner/name` from the Hugging Face hub; a path "
        "ending in .onnx; `passthrough` for tables; or what torch runs: `torchvision:`, `timm:`, "
        "`torchhub:`, `transformers:` or `sentence-transformers:` and a name there, `module:factory` of "
        "your own, or a path ending in .pt2.",
    )
    engine: Annotated[
        EngineSettings, BeforeValidator(_named, json_schema_input_type=str | EngineSettings)
    ] = Field(EngineSettings(), description="What runs it; a text stands for its `name`.")
    batch_size: int = Field(8, ge=1, le=4096, description="Items a call of the model.")
    threads: int = Field(
        1, ge=1, description="Threads inside one call; calls run side by side on every core."
    )
    preprocess: PreprocessSettings | None = Field(
        None, description="For a model of your own that takes images."
    )
    outputs: OutputSettings = Field(OutputSettings(), description="What a model of your own gives.")
    tokenizer: str | None = Field(
        None, description="tokenizer.json for a model of your own that takes token ids."
    )
    max_length: int = Field(256, ge=1, description="Tokens after which a text is cut.")
    revision: str | None = Field(None, description="Hub branch, tag or commit.")


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
        StrategySettings, BeforeValidator(_named, json_schema_input_type=str | StrategySettings)
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


class WebhookSettings(Section):
    """Whom to tell what happens."""

    url: str = Field(repr=False, description="Where events are posted to.")
    secret: str = Field(
        repr=False, min_length=16, description="Signs each delivery; known to the receiver alone."
    )
    events: CommaList = Field(
        default_factory=list, description="Kinds of events, such as round.finished; empty: all."
    )
    projects: CommaList = Field(default_factory=list, description="Names of projects; empty: all.")


class StoreSettings(Section):
    """Where projects, labels and jobs are kept."""

    url: str | None = Field(
        None,
        description="`sqlite:///PATH`, `postgresql://USER:PASSWORD@HOST/DATABASE`, or `memory:` for what "
        "need not last; by default `alaas.db` beside the YAML file, or in the user's data folder.",
    )


class LogSettings(Section):
    """What the server writes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is told.")
    format: Literal["auto", "console", "json"] = Field(
        "auto", description="One JSON object a line, or for people; auto: for people on a terminal."
    )


class CacheSettings(Section):
    """The feature cache: a second query over the same pool runs no model."""

    enabled: bool = Field(True, description="Whether features are remembered.")
    directory: Path = Field(
        default_factory=lambda: user_cache_path("alaas") / "features",
        description="Where they are kept; by default `alaas/features` in the user's cache folder.",
    )
    max_size: Bytes = Field(
        ByteSize(10_000_000_000), description="Least recently used features go beyond it."
    )
    url: str | None = Field(
        None,
        description="A bucket that several machines share, `s3://BUCKET/PREFIX`, `gs://…` or `az://…`; "
        "`directory` is then what this machine keeps of it.",
    )
    url_max_size: Bytes | None = Field(
        None, description="The bucket's oldest features go beyond it; by default it may grow."
    )

    @field_validator("url")
    @classmethod
    def _a_bucket(cls, url: str | None) -> str | None:
        if url is not None and not re.match(r"(s3|gs|gcs|az|abfs|abfss)://[^/]", url):
            raise ValueError(
                f"expected s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX, got {url}"
            )
        return url


class RayGroupSettings(Section):
    """Stages that run together in one process of a Ray cluster, and what each such process takes."""

    stages: CommaList = Field(
        default_factory=list,
        description="Of fetch, recall, decode, encode, store, in this order; empty: all that the groups "
        "before it leave.",
    )
    cpus: float = Field(1.0, gt=0, description="Cores of one process; it runs as many threads a stage.")
    gpus: float = Field(0.0, ge=0, description="GPUs of one process.")
    resources: dict[str, PositiveFloat] = Field(
        default_factory=dict, description="Whatever else the cluster counts, by name."
    )
    min_workers: int = Field(1, ge=1, description="Processes that stay, even idle.")
    max_workers: int | None = Field(
        None, ge=1, description="Processes at most; by default as many as the cluster has room for."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_workers is not None and self.max_workers < self.min_workers:
            raise ValueError(f"max_workers {self.max_workers} is below min_workers {self.min_workers}")
        return self


class RaySettings(Section):
    """The runtime `ray`."""

    address: str | None = Field(
        None,
        description="`auto`: the cluster that this machine belongs to; HOST:PORT or ray://HOST:PORT; "
        "`local`: one of its own on this machine. By default RAY_ADDRESS, else local.",
    )
    block: int = Field(128, ge=1, le=100_000, description="Items that one process is handed at a time.")
    groups: list[RayGroupSettings] = Field(
        default_factory=lambda: [RayGroupSettings()],
        min_length=1,
        description="Which stages run together. One group moves no pixels between processes; two let GPUs "
        "encode what other machines decode.",
    )
    idle: float = Field(10.0, ge=0, description="Seconds after which an idle process gives its cores back.")
    patience: float = Field(300.0, gt=0, description="Seconds to wait for the cluster to start a process.")
    object_store: Bytes = Field(
        ByteSize(500_000_000), description="Shared memory of a cluster that is started on this machine."
    )
    runtime_env: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Ray's own, such as `{pip: [alaas]}`, for clusters that lack something.",
    )


class PipelineSettings(Section):
    """How the stages run. The defaults suit most machines."""

    runtime: str = Field(
        "local",
        description="Where: `local` threads; `sequential`, one stage after another; or `ray`, on a cluster.",
    )
    download_workers: int = Field(64, ge=1, le=1024, description="Items fetched at once over a network.")
    decode_workers: int | None = Field(None, ge=1, description="By default one a core.")
    encode_workers: int | None = Field(
        None, ge=1, description="By default one a core, two a GPU, or one a connection of a serving engine."
    )
    queue_bytes: Bytes = Field(ByteSize(64_000_000), description="Content that may wait between two stages.")
    retries: int = Field(
        4, ge=0, le=20, description="Further tries of a fetch that failed for a passing reason."
    )
    retry_wait: float = Field(
        0.2, ge=0, description="Seconds before the first further try; doubles each time."
    )
    verify: bool = Field(
        True,
        description="Fetch and decode every item even for a strategy that needs no model, so that no broken "
        "or repeated item is chosen.",
    )
    shard_items: int | None = Field(
        None,
        ge=1,
        description="Items whose features are kept at a time: a larger source is cut into shards, and the "
        "strategy chooses from the candidates of all. By default all are kept.",
    )
    shard_oversample: float = Field(
        4.0, ge=1, le=1000, description="Candidates of a shard, as a multiple of the budget."
    )
    ray: RaySettings = Field(default_factory=RaySettings, description="The cluster, for the runtime `ray`.")


class EgressSettings(Section):
    """What this process may reach on behalf of whoever names a URI."""

    allow: CommaList = Field(
        default_factory=list,
        description="Private addresses to open: host, host:port, address or network such as 10.0.0.0/8.",
    )
    roots: CommaList | None = Field(
        None,
        description="Folders and bucket prefixes that URIs may name. By default a server opens only its own "
        "source, and the command line all that you can read.",
    )
    connect_timeout: float = Field(5.0, gt=0, description="Seconds to connect.")
    timeout: float = Field(30.0, gt=0, description="Seconds for one item's download as a whole.")
    max_redirects: int = Field(5, ge=0, description="Redirects followed for one item; each is checked anew.")


class LimitSettings(Section):
    """Caps against mistakes and malice."""

    max_item_bytes: Bytes = Field(ByteSize(64_000_000), description="Bytes of one item.")
    max_pixels: int = Field(100_000_000, ge=1, description="Pixels of one image before scaling.")
    max_decode_seconds: float = Field(20.0, gt=0, description="Seconds to decode one item.")
    max_items: int = Field(10_000_000, ge=1, description="Items of one pool.")
    max_request_items: int = Field(100_000, ge=1, description="Items in one request to the server.")
    max_request_bytes: Bytes = Field(ByteSize(256_000_000), description="Bytes of one request to the server.")
    max_jobs: int = Field(64, ge=1, description="Jobs that may wait in the server; beyond it answers 429.")
    requests_per_second: float = Field(
        200.0, gt=0, description="Requests a key, or an address without one, may make on average."
    )
    request_burst: int = Field(400, ge=1, description="Requests that it may make at once.")


class ServerSettings(Section):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8081, ge=0, le=65535, description="Port to listen on; 0 takes any that is free.")
    grpc_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port for gRPC, with the extra `grpc`; 0 takes any that is free. By default none.",
    )
    grpc_host: str | None = Field(None, description="Address for gRPC; by default that of `host`.")
    grpc_certificate: Path | None = Field(
        None, description="PEM file with the certificate that gRPC shows; without one there is no TLS."
    )
    grpc_key: Path | None = Field(None, description="PEM file with the certificate's private key.")
    keys: Literal["auto", "required", "off"] = Field(
        "auto",
        description="Whether callers must show a key. auto: once a key was made (`alaas key create`), and "
        "whenever the server listens beyond this machine.",
    )
    allow_remote: bool = Field(
        False,
        description="Let whoever reaches this machine in without a key, as ALaaS 0.2 did; with `keys: auto` "
        "only until the first key is made.",
    )
    jobs: int = Field(
        1, ge=0, description="Jobs that run at the same time; 0 leaves them all to `alaas worker`."
    )

    @field_validator("keys", mode="before")
    @classmethod
    def _read_off(cls, value: Any) -> Any:
        return "off" if value is False else value  # YAML reads a bare `off` as false


class Config(Section):
    """One YAML file."""

    name: str = Field("alaas", description="What to call this in logs and pages.")
    modality: ModalityName | None = Field(
        None, description="By default the model's, or guessed from the source."
    )
    source: (
        Annotated[
            SourceSettings, BeforeValidator(_located, json_schema_input_type=str | list[str] | SourceSettings)
        ]
        | None
    ) = Field(None, description="Where items come from; a text or a list stands for its `uri`.")
    model: Annotated[ModelSettings, BeforeValidator(_named, json_schema_input_type=str | ModelSettings)] = (
        Field(ModelSettings(), description="Which encoder is used; a text stands for its `name`.")
    )
    strategy: Annotated[
        StrategySettings, BeforeValidator(_named, json_schema_input_type=str | StrategySettings)
    ] = Field(
        StrategySettings(name="k_means"), description="Which strategy chooses; a text stands for its `name`."
    )
    budget: int | None = Field(None, ge=1, description="How many items to choose.")
    seed: int = Field(0, ge=0, description="The same seed over the same pool gives the same choice.")
    task: TaskSettings = Field(default_factory=TaskSettings, description="What annotators are asked.")
    learner: Annotated[
        LearnerSettings, BeforeValidator(_named, json_schema_input_type=str | LearnerSettings)
    ] = Field(LearnerSettings(), description="What learns from labels; a text stands for its `name`.")
    labelling: LabellingSettings = Field(LabellingSettings(), description="How people work together.")
    stream: StreamSettings = Field(StreamSettings(), description="How a stream of items is sampled.")
    validation: (
        Annotated[
            SourceSettings, BeforeValidator(_located, json_schema_input_type=str | list[str] | SourceSettings)
        ]
        | None
    ) = Field(None, description="Items whose labels are known and that measure the learner, as `source`.")
    store: Annotated[
        StoreSettings, BeforeValidator(_addressed, json_schema_input_type=str | StoreSettings)
    ] = Field(StoreSettings(), description="Where projects are kept; a text stands for its `url`.")
    cache: CacheSettings = Field(default_factory=CacheSettings, description="The feature cache.")
    pipeline: PipelineSettings = Field(PipelineSettings(), description="How the stages run.")
    egress: EgressSettings = Field(EgressSettings(), description="What may be reached.")
    limits: LimitSettings = Field(LimitSettings(), description="Caps.")
    server: ServerSettings = Field(ServerSettings(), description="The HTTP server.")
    log: LogSettings = Field(LogSettings(), description="What the server writes down.")
    webhooks: list[WebhookSettings] = Field(default_factory=list, description="Whom to tell what happens.")
