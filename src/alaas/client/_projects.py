"""What a client can do with projects as a whole; each verb once, for both clients."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from alaas.client._answers import AnyAnswer
from alaas.client._calls import OnJob, content_of, every, finished, path_of, sent, submitted
from alaas.client._exchange import Call, Steps, ask, parse
from alaas.client._labelling import ask_batch, release, tell
from alaas.client._learning import retrain
from alaas.client._pool import AnyImage, AnyItem, AnySource, new_items, pieces, source_body
from alaas.errors import ServerError
from alaas.protocol import (
    AddedBody,
    BatchBody,
    ItemPage,
    ItemsRequest,
    ProjectBody,
    ProjectChange,
    ProjectDefinition,
    ProjectPage,
    Role,
    StatusBody,
)
from alaas.types import JSON

ENDINGS = ("nothing-left", "budget-spent")
"""Codes of an ask that found nothing more to hand out."""


def create_project(definition: Mapping[str, JSON]) -> Steps[ProjectBody]:
    """Make a project on the server.

    Args:
        definition: the keys name, modality, source, model, strategy, budget, seed, task, learner, labelling
            and validation of the configuration file; what is left out comes from the server's.

    Raises:
        UsageError: the definition is malformed.
        ServerError: the name is taken (status 409), or the server refused.
    """
    content = content_of(ProjectDefinition, definition)
    answer = yield from ask(sent("POST", "/v1/projects", content, key=uuid.uuid4().hex))
    return parse(answer, ProjectBody)


def projects() -> Steps[list[ProjectBody]]:
    """The projects of the server, in the order of their names."""
    return (yield from every("/v1/projects", ProjectPage, lambda page: page.projects))


def show(name: str) -> Steps[ProjectBody]:
    """The project's definition and version."""
    return parse((yield from ask(Call(method="GET", path=path_of(name)))), ProjectBody)


def change(name: str, changes: Mapping[str, JSON], *, version: int) -> Steps[ProjectBody]:
    """Change the project; what is left out stays, None goes back to the default.

    Args:
        name: the project's.
        changes: keys of its definition.
        version: the version that the change is made to, from ``show``.

    Raises:
        UsageError: the changes are malformed.
        ServerError: it is not at that version any more (status 412), or the server refused.
    """
    content = content_of(ProjectChange, changes)
    answer = yield from ask(sent("PATCH", path_of(name), content, repeatable=False, match=version))
    return parse(answer, ProjectBody)


def delete(name: str, *, version: int) -> Steps[None]:
    """Delete the project with its labels.

    Raises:
        ServerError: it is not at that version any more (status 412), or the server refused.
    """
    yield from ask(sent("DELETE", path_of(name), None, repeatable=False, match=version))


def status(name: str) -> Steps[StatusBody]:
    """How the project stands."""
    return parse((yield from ask(Call(method="GET", path=path_of(name, "status")))), StatusBody)


def add(
    name: str,
    source: AnySource | None = None,
    *,
    items: Iterable[AnyItem] | None = None,
    uris: Iterable[str] | None = None,
    texts: Iterable[str] | None = None,
    images: Iterable[AnyImage] | None = None,
    role: Role = "pool",
    on_progress: OnJob | None = None,
    timeout: float | None = None,
) -> Steps[AddedBody]:
    """Add items; what is there already stays as it is, so it can be repeated.

    Items are sent in several requests if they are many; a source is read by the server, and waited for.

    Args:
        name: the project's.
        source: a folder, glob, manifest or address as the server sees it.
        items: items with ids, labels, costs or metadata, or rows of a table.
        uris: addresses that the server can reach.
        texts: texts; called by a digest of what they say.
        images: images to upload, as bytes or as paths on this machine.
        role: ``validation`` items have labels and measure the learner.
        on_progress: called with the job that reads a source whenever it has moved.
        timeout: seconds to wait for that job; None for ever.

    Raises:
        UsageError: the arguments contradict each other, or an image cannot be read.
        ServerError: the server refused, or the job failed.
    """
    if source is not None:
        body = ItemsRequest(source=source_body(source), role=role)
        job = yield from submitted(path_of(name, "items"), body)
        return parse((yield from finished(job, on_progress, timeout)), AddedBody)
    added = known = 0
    for piece in pieces(new_items(items=items, uris=uris, texts=texts, images=images)):
        content = ItemsRequest(items=piece, role=role).model_dump_json(exclude_defaults=True).encode()
        answer = yield from ask(sent("POST", path_of(name, "items"), content))
        part = parse(answer, AddedBody)
        added, known = added + part.added, known + part.known
    return AddedBody(added=added, known=known)


def items(
    name: str,
    *,
    after: str | None = None,
    limit: int = 100,
    states: Sequence[str] = (),
    ids: Sequence[str] = (),
    role: Role | None = None,
) -> Steps[ItemPage]:
    """A page of the project's items; ``after`` is the ``next`` of the page before."""
    params: dict[str, str | list[str]] = {"limit": str(limit), "state": [*states], "id": [*ids]}
    if after is not None:
        params["after"] = after
    if role is not None:
        params["role"] = role
    return parse((yield from ask(Call(method="GET", path=path_of(name, "items"), params=params))), ItemPage)


def run(
    name: str,
    oracle: Callable[[BatchBody], Mapping[str, AnyAnswer]],
    *,
    rounds: int = 10,
    k: int | None = None,
    until: Callable[[StatusBody], bool] | None = None,
) -> Steps[StatusBody]:
    """Ask, label, tell and retrain in a loop.

    Ends after ``rounds``, when ``until`` says so, or when the budget is spent or nothing is left. What the
    oracle leaves out goes back to the pool.

    Args:
        name: the project's.
        oracle: gives the labels of a batch.
        rounds: how often.
        k: items a batch.
        until: looks at the status after each round.
    """
    for _ in range(rounds):
        try:
            handed = yield from ask_batch(name, k)
        except ServerError as error:
            if error.remote_code in ENDINGS:
                break
            raise
        answers = oracle(handed)
        if answers:
            yield from tell(name, handed.id, answers)
        yield from release(name, handed.id)
        yield from retrain(name)
        if until is not None and until((yield from status(name))):
            break
    return (yield from status(name))
