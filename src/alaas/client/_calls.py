"""The calls that verbs on projects are made of."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from alaas.client._exchange import Answer, Call, Steps, ask, parse
from alaas.client._verbs import cancel, outcome, said_wrongly, wait
from alaas.errors import ServerError, UsageError
from alaas.protocol import JobBody, Page
from alaas.types import JSON

Body = TypeVar("Body", bound=BaseModel)
AnyPage = TypeVar("AnyPage", bound=Page)
Row = TypeVar("Row")
OnJob = Callable[[JobBody], None]


def every(path: str, model: type[AnyPage], rows: Callable[[AnyPage], list[Row]]) -> Steps[list[Row]]:
    """The rows of every page of a list."""
    found: list[Row] = []
    params: dict[str, str | list[str]] = {"limit": "1000"}
    while True:
        page = parse((yield from ask(Call(method="GET", path=path, params=params))), model)
        found += rows(page)
        if page.next is None:
            return found
        params["after"] = page.next


def path_of(name: str, *parts: str) -> str:
    """The address of a project, or of what is below it."""
    return "/".join(("/v1/projects", *(quote(part, safe="") for part in (name, *parts))))


def sent(
    method: str,
    path: str,
    content: bytes | None,
    *,
    key: str | None = None,
    match: int | None = None,
    repeatable: bool = True,
) -> Call:
    """A call that changes something, with its JSON, idempotency key and the version that it means."""
    headers = {} if content is None else {"Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    if match is not None:
        headers["If-Match"] = f'"{match}"'
    return Call(method=method, path=path, content=content, headers=headers, repeatable=repeatable)


def submitted(path: str, body: BaseModel | None) -> Steps[JobBody]:
    """Start a job with an idempotency key of its own, so that a broken connection does not start two."""
    content = None if body is None else body.model_dump_json(exclude_defaults=True).encode()
    answer = yield from ask(sent("POST", path, content, key=uuid.uuid4().hex))
    return parse(answer, JobBody)


def finished(job: JobBody, on_progress: OnJob | None, timeout: float | None) -> Steps[Answer]:
    """The result of a job, which is cancelled if nobody waits for it any more."""
    try:
        yield from wait(job.id, on_progress=on_progress, timeout=timeout)
    except GeneratorExit:
        raise
    except BaseException:
        with suppress(ServerError):  # it may have ended meanwhile
            yield from cancel(job.id)
        raise
    return (yield from outcome(job.id))


def content_of(model: type[Body], said: Mapping[str, JSON]) -> bytes:
    """What was said and nothing else, as JSON.

    Raises:
        UsageError: it is malformed.
    """
    try:
        return model.model_validate(said).model_dump_json(exclude_unset=True).encode()
    except ValidationError as error:
        raise UsageError(said_wrongly(error)) from error
