"""Asking for items to label, and telling labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from alaas.client._answers import AnyAnswer, answer_bodies
from alaas.client._calls import OnJob, every, finished, path_of, sent, submitted
from alaas.client._exchange import Call, Steps, ask, parse
from alaas.client._verbs import said_wrongly
from alaas.errors import UsageError
from alaas.protocol import (
    BatchBody,
    BatchPage,
    BatchRequest,
    DisagreementBody,
    DisagreementPage,
    ExtendRequest,
    LabelBody,
    LabelPage,
    ReleaseRequest,
    ReplayBody,
    TellRequest,
    ToldBody,
)


def ask_batch(
    name: str,
    k: int | None = None,
    *,
    annotator: str | None = None,
    pin: Sequence[str] = (),
    exclude: Sequence[str] = (),
    lease: float | None = None,
    on_progress: OnJob | None = None,
    timeout: float | None = None,
) -> Steps[BatchBody]:
    """Ask for the ``k`` items most worth labelling, and wait for them.

    When waiting is given up (Ctrl-C, ``timeout``), the job is cancelled.

    Args:
        name: the project's.
        k: how many; by default the project decides.
        annotator: whom they are for.
        pin: ids of items that shall be in the batch.
        exclude: ids of items that shall not be in it.
        lease: seconds that they are held.
        on_progress: called with the job whenever it has moved.
        timeout: seconds to wait; None for ever.

    Raises:
        UsageError: an argument is malformed.
        ServerError: nothing is left or the budget is spent (see ``remote_code``), the job failed, time ran
            out, or nobody answered.
        CancelledError: someone cancelled the job.
    """
    try:
        body = BatchRequest(k=k, annotator=annotator, pin=[*pin], exclude=[*exclude], lease=lease)
    except ValidationError as error:
        raise UsageError(said_wrongly(error)) from error
    job = yield from submitted(path_of(name, "batches"), body)
    return parse((yield from finished(job, on_progress, timeout)), BatchBody)


def batch(name: str, batch_id: str) -> Steps[BatchBody]:
    """A batch and what became of its items."""
    return parse((yield from ask(Call(method="GET", path=path_of(name, "batches", batch_id)))), BatchBody)


def batches(name: str) -> Steps[list[BatchBody]]:
    """Every batch, first to last."""
    return (yield from every(path_of(name, "batches"), BatchPage, lambda page: page.batches))


def release(name: str, batch_id: str, items: Sequence[str] | None = None) -> Steps[BatchBody]:
    """Give items of a batch back to the pool; by default all that have no answer."""
    content = ReleaseRequest(items=None if items is None else [*items]).model_dump_json().encode()
    answer = yield from ask(sent("POST", path_of(name, "batches", batch_id, "release"), content))
    return parse(answer, BatchBody)


def extend(name: str, batch_id: str, lease: float | None = None) -> Steps[BatchBody]:
    """Hold a batch ``lease`` seconds from now."""
    content = ExtendRequest(lease=lease).model_dump_json().encode()
    answer = yield from ask(sent("POST", path_of(name, "batches", batch_id, "extend"), content))
    return parse(answer, BatchBody)


def replay(name: str, batch_id: str) -> Steps[ReplayBody]:
    """Choose a batch again and compare; changes nothing."""
    answer = yield from ask(Call(method="GET", path=path_of(name, "batches", batch_id, "replay")))
    return parse(answer, ReplayBody)


def tell(
    name: str,
    batch_id: str | None,
    answers: Mapping[str, AnyAnswer],
    *,
    annotator: str | None = None,
    final: bool = False,
) -> Steps[ToldBody]:
    """Tell labels; they are safe once this returns. Telling the same again changes nothing.

    Args:
        name: the project's.
        batch_id: the batch that they belong to; None for labels from elsewhere.
        answers: for each item's id a class, a list of classes, or ``Skip``, ``Unsure`` or ``Defer``.
        annotator: who says so.
        final: settles a conflict.

    Raises:
        UsageError: an answer is malformed.
        ServerError: the server refused, or nobody answered. A label that the task does not have is a
            ``refused`` receipt, not an error.
    """
    if not answers:
        raise UsageError("got no answers; tell at least one")
    try:
        body = TellRequest(batch=batch_id, answers=answer_bodies(answers), annotator=annotator, final=final)
    except ValidationError as error:
        raise UsageError(said_wrongly(error)) from error
    content = body.model_dump_json(exclude_defaults=True).encode()
    return parse((yield from ask(sent("POST", path_of(name, "labels"), content))), ToldBody)


def labels(name: str) -> Steps[list[LabelBody]]:
    """The whole history of answers, first to last."""
    return (yield from every(path_of(name, "labels"), LabelPage, lambda page: page.labels))


def conflicts(name: str) -> Steps[list[DisagreementBody]]:
    """The items whose annotators disagree."""
    return (yield from every(path_of(name, "conflicts"), DisagreementPage, lambda page: page.conflicts))
