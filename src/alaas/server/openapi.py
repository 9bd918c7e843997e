"""The description of the interface for programs: what FastAPI finds, and the bodies that we read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from alaas.protocol import Problem, SelectRequest
from alaas.server.errors import MEDIA_TYPE

_REFERENCE = "#/components/schemas/{model}"


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}


PROBLEM_RESPONSE: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "What went wrong, and how to mend it.",
        "content": {MEDIA_TYPE: {"schema": _reference(Problem)}},
    }
}


def body_of(
    model: type[BaseModel], examples: Mapping[str, object], *, required: bool = True
) -> dict[str, Any]:
    """The ``openapi_extra`` of a route that reads a body of this kind; ``examples`` by their titles."""
    shown = {title: {"summary": title, "value": value} for title, value in examples.items()}
    content = {"application/json": {"schema": _reference(model), "examples": shown}}
    return {"requestBody": {"required": required, "content": content}}


def install(app: FastAPI, *bodies: type[BaseModel]) -> None:
    """Describe ``bodies`` beside what FastAPI finds by itself."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            models: list[type[BaseModel]] = [Problem, SelectRequest, *bodies]
            _, found = models_json_schema(
                [(model, "validation") for model in models], ref_template=_REFERENCE
            )
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            for name, described in found["$defs"].items():
                components.setdefault(name, described)
            _describe_streams(schema)
            _make_keys_optional(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _make_keys_optional(schema: dict[str, Any]) -> None:
    """Say that a request may come without a key: whether one is wanted can change while the server runs."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            if "security" in operation:
                operation["security"].append({})


def _describe_streams(schema: dict[str, Any]) -> None:
    """Say what a stream holds in words of OpenAPI 3.1; FastAPI uses one of 3.2, which validators refuse."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            for response in operation["responses"].values():
                stream = response.get("content", {}).get("text/event-stream")
                if stream is not None:
                    stream.clear()
                    stream["schema"] = {"type": "string", "description": "Server-sent events."}
