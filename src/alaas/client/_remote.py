"""A project on a server, for the blocking and the async client."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from alaas.client import _labelling, _learning, _projects, _streaming
from alaas.client._exchange import Steps

P = ParamSpec("P")
T = TypeVar("T")


class Drives(Protocol):
    """Makes a verb's calls and waits for each."""

    def __call__(self, steps: Steps[T]) -> T: ...


class Awaits(Protocol):
    """Makes a verb's calls and awaits each."""

    def __call__(self, steps: Steps[T]) -> Coroutine[Any, Any, T]: ...


def _blocking(
    verb: Callable[Concatenate[str, P], Steps[T]],
) -> Callable[Concatenate[RemoteProject, P], T]:
    """Make a method of a verb on a project's name."""

    @wraps(verb)
    def method(self: RemoteProject, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._drive(verb(self.name, *args, **kwargs))

    return method


def _awaiting(
    verb: Callable[Concatenate[str, P], Steps[T]],
) -> Callable[Concatenate[AsyncRemoteProject, P], Coroutine[Any, Any, T]]:
    """Make an awaited method of a verb on a project's name."""

    @wraps(verb)
    async def method(self: AsyncRemoteProject, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._drive(verb(self.name, *args, **kwargs))

    return method


class RemoteProject:
    """A project on a server, with the verbs of ``alaas.Project``. Made by ``Client.project``.

    Args:
        name: the project's.
        drive: how its calls are made.
    """

    def __init__(self, name: str, drive: Drives) -> None:
        self.name = name
        self._drive = drive

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    show = _blocking(_projects.show)
    change = _blocking(_projects.change)
    delete = _blocking(_projects.delete)
    status = _blocking(_projects.status)
    add = _blocking(_projects.add)
    offer = _blocking(_streaming.offer)
    items = _blocking(_projects.items)
    run = _blocking(_projects.run)
    ask = _blocking(_labelling.ask_batch)
    batch = _blocking(_labelling.batch)
    batches = _blocking(_labelling.batches)
    release = _blocking(_labelling.release)
    extend = _blocking(_labelling.extend)
    replay = _blocking(_labelling.replay)
    tell = _blocking(_labelling.tell)
    labels = _blocking(_labelling.labels)
    conflicts = _blocking(_labelling.conflicts)
    retrain = _blocking(_learning.retrain)
    rounds = _blocking(_learning.rounds)
    metrics = _blocking(_learning.metrics)
    predict = _blocking(_learning.predict)
    model = _blocking(_learning.model)
    export = _blocking(_learning.export)


class AsyncRemoteProject:
    """A project on a server; the verbs of ``RemoteProject``, awaited. Made by ``AsyncClient.project``.

    Args:
        name: the project's.
        drive: how its calls are made.
    """

    def __init__(self, name: str, drive: Awaits) -> None:
        self.name = name
        self._drive = drive

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    show = _awaiting(_projects.show)
    change = _awaiting(_projects.change)
    delete = _awaiting(_projects.delete)
    status = _awaiting(_projects.status)
    add = _awaiting(_projects.add)
    offer = _awaiting(_streaming.offer)
    items = _awaiting(_projects.items)
    run = _awaiting(_projects.run)
    ask = _awaiting(_labelling.ask_batch)
    batch = _awaiting(_labelling.batch)
    batches = _awaiting(_labelling.batches)
    release = _awaiting(_labelling.release)
    extend = _awaiting(_labelling.extend)
    replay = _awaiting(_labelling.replay)
    tell = _awaiting(_labelling.tell)
    labels = _awaiting(_labelling.labels)
    conflicts = _awaiting(_labelling.conflicts)
    retrain = _awaiting(_learning.retrain)
    rounds = _awaiting(_learning.rounds)
    metrics = _awaiting(_learning.metrics)
    predict = _awaiting(_learning.predict)
    model = _awaiting(_learning.model)
    export = _awaiting(_learning.export)
