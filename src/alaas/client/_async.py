"""The async client: the same verbs, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import httpx2

from alaas.client import _original, _projects, _verbs
from alaas.client._exchange import Answer, Call, Pause, Steps, checked_url, failure, key_headers
from alaas.client._following import Following
from alaas.client._remote import AsyncRemoteProject
from alaas.client._wire import answer_of, no_answer, options
from alaas.protocol import JobBody

P = ParamSpec("P")
T = TypeVar("T")


def _awaiting(verb: Callable[P, Steps[T]]) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]:
    """Make a method of a verb."""

    @wraps(verb)
    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._drive(verb(*args, **kwargs))

    return method


class AsyncClient:
    """Speaks to an ALaaS server from one event loop; close it, or use it in ``async with``.

    Args and errors are those of ``Client``; every verb is awaited, and ``events`` is an async iterator.

    Example:
        >>> async with AsyncClient("http://127.0.0.1:8081") as client:  # doctest: +SKIP
        ...     chosen = await client.select("photos/", budget=100)
    """

    def __init__(self, url: str, *, key: str | None = None, timeout: float = 60.0) -> None:
        self.url = checked_url(url)
        self._http = httpx2.AsyncClient(base_url=self.url, headers=key_headers(key), timeout=timeout)

    select = _awaiting(_verbs.select)
    submit = _awaiting(_verbs.submit)
    wait = _awaiting(_verbs.wait)
    result = _awaiting(_verbs.result)
    job = _awaiting(_verbs.job)
    jobs = _awaiting(_verbs.jobs)
    cancel = _awaiting(_verbs.cancel)
    strategies = _awaiting(_verbs.strategies)
    models = _awaiting(_verbs.models)
    health = _awaiting(_verbs.health)
    create_project = _awaiting(_projects.create_project)
    projects = _awaiting(_projects.projects)
    query_by_uri = _awaiting(_original.query_by_uri)
    query_by_text = _awaiting(_original.query_by_text)
    query_by_images = _awaiting(_original.query_by_images)

    def project(self, name: str) -> AsyncRemoteProject:
        """A project on the server by its name; nothing is sent before one of its verbs is called."""
        return AsyncRemoteProject(name, self._drive)

    async def events(self, job_id: str) -> AsyncIterator[JobBody]:
        """Follow a job: yields it whenever it has moved, until it has ended; reconnects by itself.

        Raises:
            ServerError: there is no such job, or nobody answers any more.
        """
        following = Following(job_id)
        while not following.finished:
            reason = "the stream ended early"
            try:
                async with self._http.sse(following.path, headers=following.headers) as source:
                    if source.response.status_code != 200:
                        await source.response.aread()
                        raise failure(answer_of(source.response))
                    async for event in source:
                        yield following.take(event.id, event.data)
            except httpx2.TransportError as error:
                reason = no_answer(error, self.url).trouble
            if not following.finished:
                await asyncio.sleep(following.broken(reason))

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _drive(self, steps: Steps[T]) -> T:
        try:
            step = next(steps)
            while True:
                try:
                    answer = await self._perform(step)
                except BaseException as error:  # noqa: BLE001  (the verb tidies up and raises it again)
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return cast("T", end.value)

    async def _perform(self, step: Call | Pause) -> Answer | None:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        try:
            return answer_of(await self._http.request(step.method, step.path, **options(step)))
        except httpx2.TransportError as error:
            return no_answer(error, self.url)
