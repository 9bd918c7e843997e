"""How features are computed and where they are remembered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from platformdirs import user_cache_path
from pydantic import ByteSize, Field, JsonValue, PositiveFloat, field_validator, model_validator

from alaas.config._base import Bytes, CommaList, Section


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
