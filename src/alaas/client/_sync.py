"""The blocking client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar, cast

import httpx2

from alaas.client import _original, _projects, _verbs
from alaas.client._exchange import Answer, Call, Pause, Steps, checked_url, failure, key_headers
from alaas.client._following import Following
from alaas.client._remote import RemoteProject
from alaas.client._wire import answer_of, no_answer, options
from alaas.protocol import JobBody

P = ParamSpec("P")
T = TypeVar("T")


def _blocking(verb: Callable[P, Steps[T]]) -> Callable[Concatenate[Client, P], T]:
    """Make a method of a verb."""

    @wraps(verb)
    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._drive(verb(*args, **kwargs))

    return method


class Client:
    """Speaks to an ALaaS server. Safe to use from several threads; close it, or use it in ``with``.

    Args:
        url: the server's address, such as ``http://127.0.0.1:8081``.
        key: an API key, where the server wants one; by default that of the environment variable
            ``ALAAS_KEY``. A key crosses the network as it is: use https beyond this machine.
        timeout: seconds to wait for the server to connect, take or send something.

    Raises:
        UsageError: the address is not one of http or https, or the key cannot be one.

    Example:
        >>> from alaas import Client
        >>> chosen = Client("http://127.0.0.1:8081").select(texts=["a", "b"], budget=1)  # doctest: +SKIP
        >>> chosen.ids  # doctest: +SKIP
        ['1']
    """

    def __init__(self, url: str, *, key: str | None = None, timeout: float = 60.0) -> None:
        self.url = checked_url(url)
        self._http = httpx2.Client(base_url=self.url, headers=key_headers(key), timeout=timeout)

    select = _blocking(_verbs.select)
    submit = _blocking(_verbs.submit)
    wait = _blocking(_verbs.wait)
    result = _blocking(_verbs.result)
    job = _blocking(_verbs.job)
    jobs = _blocking(_verbs.jobs)
    cancel = _blocking(_verbs.cancel)
    strategies = _blocking(_verbs.strategies)
    models = _blocking(_verbs.models)
    health = _blocking(_verbs.health)
    create_project = _blocking(_projects.create_project)
    projects = _blocking(_projects.projects)
    query_by_uri = _blocking(_original.query_by_uri)
    query_by_text = _blocking(_original.query_by_text)
    query_by_images = _blocking(_original.query_by_images)

    def project(self, name: str) -> RemoteProject:
        """A project on the server by its name; nothing is sent before one of its verbs is called."""
        return RemoteProject(name, self._drive)

    def events(self, job_id: str) -> Iterator[JobBody]:
        """Follow a job: yields it whenever it has moved, until it has ended; reconnects by itself.

        Raises:
            ServerError: there is no such job, or nobody answers any more.
        """
        following = Following(job_id)
        while not following.finished:
            reason = "the stream ended early"
            try:
                with self._http.sse(following.path, headers=following.headers) as source:
                    if source.response.status_code != 200:
                        source.response.read()
                        raise failure(answer_of(source.response))
                    for event in source:
                        yield following.take(event.id, event.data)
            except httpx2.TransportError as error:
                reason = no_answer(error, self.url).trouble
            if not following.finished:
                time.sleep(following.broken(reason))

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drive(self, steps: Steps[T]) -> T:
        try:
            step = next(steps)
            while True:
                try:
                    answer = self._perform(step)
                except BaseException as error:  # noqa: BLE001  (the verb tidies up and raises it again)
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return cast("T", end.value)

    def _perform(self, step: Call | Pause) -> Answer | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            return answer_of(self._http.request(step.method, step.path, **options(step)))
        except httpx2.TransportError as error:
            return no_answer(error, self.url)
