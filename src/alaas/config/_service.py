"""The server, what it keeps and whom it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from alaas.config._base import CommaList, Section


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
