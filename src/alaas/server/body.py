"""Reading a JSON body without holding up other requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from fastapi import HTTPException, Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from alaas.errors import UsageError
from alaas.server.wording import sentence

Body = TypeVar("Body", bound=BaseModel)


async def read_body(request: Request, model: type[Body]) -> Body:
    """Read and check a body on a worker thread: a pool of 100,000 items takes a second to parse.

    Raises:
        HTTPException: 415, it does not say that it is JSON.
        LimitError: it is larger than the server allows.
        UsageError: it is not what ``model`` describes.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise HTTPException(
            415, f"the body's type is {kind!r}; send JSON with Content-Type: application/json"
        )
    content = await request.body()
    with refused(model):
        return await run_in_threadpool(model.model_validate_json, content)


@contextmanager
def refused(model: type[BaseModel] | None = None) -> Iterator[None]:
    """Say in one sentence what is wrong with what a caller sent, which was to be a ``model``.

    Raises:
        UsageError: it is not.
    """
    try:
        yield
    except ValidationError as error:
        raise UsageError(sentence(error.errors(include_url=False), model)) from error


async def read_optional_body(request: Request, model: type[Body]) -> Body:
    """``read_body`` where nothing at all stands for the defaults."""
    if not request.headers.get("content-type") and not await request.body():
        return model()
    return await read_body(request, model)
