"""What a client can do; each verb once, for the blocking and the async client alike."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from pydantic import ValidationError

from alaas.client._exchange import Answer, Call, Pause, Steps, ask, parse
from alaas.client._pool import AnyImage, AnyItem, AnySource, item_bodies, source_body
from alaas.errors import CancelledError, ServerError, UsageError
from alaas.protocol import (
    HealthBody,
    JobBody,
    JobList,
    ModelList,
    SelectionBody,
    SelectRequest,
    StrategyChoice,
    StrategyList,
)
from alaas.types import JSON, ModalityName

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_PAUSE_SHARE = 0.05
"""Pauses grow with the time that has passed, so that waiting wastes at most a twentieth of it."""


def submit(
    source: AnySource | None = None,
    *,
    items: Iterable[AnyItem] | None = None,
    uris: Iterable[str] | None = None,
    texts: Iterable[str] | None = None,
    images: Iterable[AnyImage] | None = None,
    budget: int | None = None,
    strategy: str | None = None,
    parameters: Mapping[str, JSON] | None = None,
    model: str | None = None,
    modality: ModalityName | None = None,
    seed: int | None = None,
    cache: bool = True,
    idempotency_key: str | None = None,
) -> Steps[JobBody]:
    """Start a selection and return its job at once; the arguments are those of ``select``.

    Args:
        idempotency_key: the same key with the same request gives the same job; by default a new one.

    Raises:
        UsageError: the arguments contradict each other, or an image cannot be read.
        ServerError: the server refused, or did not answer.
    """
    pool = item_bodies(items=items, uris=uris, texts=texts, images=images)
    if parameters and strategy is None:
        raise UsageError("got parameters without a strategy; name the strategy that they are for")
    try:
        request = SelectRequest(
            source=source_body(source),
            items=pool,
            budget=budget,
            strategy=None
            if strategy is None
            else StrategyChoice(name=strategy, parameters=dict(parameters or {})),
            model=model,
            modality=modality,
            seed=seed,
            cache=cache,
        )
    except ValidationError as error:
        raise UsageError(said_wrongly(error)) from error
    content = request.model_dump_json(exclude_defaults=True).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key or uuid.uuid4().hex}
    answer = yield from ask(Call(method="POST", path="/v1/select", content=content, headers=headers))
    return parse(answer, JobBody)


def select(
    source: AnySource | None = None,
    *,
    items: Iterable[AnyItem] | None = None,
    uris: Iterable[str] | None = None,
    texts: Iterable[str] | None = None,
    images: Iterable[AnyImage] | None = None,
    budget: int | None = None,
    strategy: str | None = None,
    parameters: Mapping[str, JSON] | None = None,
    model: str | None = None,
    modality: ModalityName | None = None,
    seed: int | None = None,
    cache: bool = True,
    on_progress: Callable[[JobBody], None] | None = None,
    timeout: float | None = None,
) -> Steps[SelectionBody]:
    """Choose the ``budget`` items most worth labelling, and wait for it.

    Give one of ``source``, ``items``, ``uris``, ``texts`` and ``images``; with none of them the server's own
    source is used. What is left out comes from the server's configuration. When waiting is given up (Ctrl-C,
    ``timeout``), the job is cancelled.

    Args:
        source: a folder, glob, manifest or address as the server sees it.
        items: items with ids, costs or metadata, or rows of a table.
        uris: addresses that the server can reach; a chosen item's ``id`` is its address.
        texts: texts; a chosen item's ``id`` is its place in the list, ``"0"`` for the first.
        images: images to upload, as bytes or as paths on this machine; the ``id`` is the path or the place.
        budget: how many; more than the pool holds gives all, with a warning.
        strategy: a name from ``strategies()``.
        parameters: the strategy's parameters, by name.
        model: a name from ``models()``.
        modality: what the items are, where they do not show it.
        seed: the same seed over the same pool gives the same choice.
        cache: whether remembered features may be used.
        on_progress: called with the job whenever it has moved.
        timeout: seconds to wait for the job; None for ever.

    Raises:
        UsageError: the arguments contradict each other, or an image cannot be read.
        ServerError: the server refused, the job failed, time ran out, or nobody answered; ``status`` and
            ``remote_code`` tell which.
        CancelledError: someone cancelled the job.
    """
    job = yield from submit(
        source,
        items=items,
        uris=uris,
        texts=texts,
        images=images,
        budget=budget,
        strategy=strategy,
        parameters=parameters,
        model=model,
        modality=modality,
        seed=seed,
        cache=cache,
    )
    try:
        yield from wait(job.id, on_progress=on_progress, timeout=timeout)
    except GeneratorExit:
        raise
    except BaseException:
        with suppress(ServerError):  # it may have ended meanwhile
            yield from cancel(job.id)
        raise
    return (yield from result(job.id))


def wait(
    job_id: str, *, on_progress: Callable[[JobBody], None] | None = None, timeout: float | None = None
) -> Steps[JobBody]:
    """Wait until a job has ended, however it ended.

    Asks again after a pause that grows to a second; this survives proxies that cut streams and a server
    that comes back.

    Raises:
        ServerError: time ran out, there is no such job, or nobody answered.
    """
    began, seen = time.monotonic(), None
    deadline = None if timeout is None else began + timeout
    while True:
        current = yield from job(job_id)
        if on_progress is not None and current != seen:
            on_progress(current)
        seen = current
        if current.finished:
            return current
        if deadline is not None and time.monotonic() >= deadline:
            raise ServerError(
                f"job {job_id} is {current.state} and has not ended within {timeout:g} seconds",
                code="timeout",
            )
        elapsed = time.monotonic() - began
        yield Pause(seconds=min(max(_SHORTEST_PAUSE, _PAUSE_SHARE * elapsed), _LONGEST_PAUSE))


def result(job_id: str) -> Steps[SelectionBody]:
    """What a job found.

    Raises:
        ServerError: it failed, has not ended, or is not known; the message says which.
        CancelledError: it was cancelled.
    """
    return parse((yield from outcome(job_id)), SelectionBody)


def outcome(job_id: str) -> Steps[Answer]:
    """What a job of any kind found, as it came; raises as ``result`` does."""
    current = yield from job(job_id)
    if current.state == "cancelled":
        raise CancelledError(f"job {job_id} was cancelled")
    if current.error is not None:
        raise ServerError(current.error.detail, status=current.error.status, code=current.error.code)
    return (yield from ask(Call(method="GET", path=f"/v1/jobs/{job_id}/result")))


def job(job_id: str) -> Steps[JobBody]:
    """A job as it is now.

    Raises:
        ServerError: there is no such job, or nobody answered.
    """
    answer = yield from ask(Call(method="GET", path=f"/v1/jobs/{job_id}"))
    return parse(answer, JobBody)


def jobs(limit: int = 100) -> Steps[list[JobBody]]:
    """The jobs that the server remembers, newest first."""
    answer = yield from ask(Call(method="GET", path="/v1/jobs", params={"limit": str(limit)}))
    return parse(answer, JobList).jobs


def cancel(job_id: str) -> Steps[JobBody]:
    """Stop a job; it ends within a second.

    Raises:
        ServerError: it has ended already, or there is no such job.
    """
    answer = yield from ask(Call(method="POST", path=f"/v1/jobs/{job_id}/cancel"))
    return parse(answer, JobBody)


def strategies() -> Steps[StrategyList]:
    """The strategies that the server knows, with their needs and parameters."""
    return parse((yield from ask(Call(method="GET", path="/v1/strategies"))), StrategyList)


def models() -> Steps[ModelList]:
    """The models that a request may name."""
    return parse((yield from ask(Call(method="GET", path="/v1/models"))), ModelList)


def health() -> Steps[HealthBody]:
    """Whether the server lives, and its version."""
    return parse((yield from ask(Call(method="GET", path="/healthz"))), HealthBody)


def said_wrongly(error: ValidationError) -> str:
    """The first thing that is wrong with what a caller said."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}, got {first['input']!r}" if place else message
