"""Asking for batches, giving them back and holding them."""

from __future__ import annotations

from contextlib import suppress

from alaas.access import Caller
from alaas.errors import BatchNotFoundError, JobNotFoundError
from alaas.projects import Project, batch_body
from alaas.protocol import (
    AskWork,
    BatchBody,
    BatchPage,
    BatchRequest,
    ExtendRequest,
    JobBody,
    ReleaseRequest,
)
from alaas.server.opened import queue
from alaas.server.paging import cut, number
from alaas.server.services import Services


def ask(services: Services, caller: Caller, project: Project, body: BatchRequest, key: str | None) -> JobBody:
    """Queue the choice of a batch, which will have the job's id.

    Raises:
        AccessError: the caller may not ask for that annotator.
    """
    wanted = body.model_copy(update={"annotator": caller.annotator(body.annotator)})
    work = AskWork(project=project.name, batch=wanted).model_dump_json(exclude_defaults=True)
    return queue(services, "ask", work, project=project.name, caller=caller, key=key)


def list_batches(project: Project, after: str | None, limit: int) -> BatchPage:
    """A page of batches in the order in which they were handed out."""
    found = project.batches(after=number(after, -1), limit=limit + 1)
    batches, more = cut(found, limit, lambda batch: batch.ordinal)
    return BatchPage(batches=[batch_body(batch) for batch in batches], next=more)


def show_batch(services: Services, project: Project, batch: str) -> BatchBody:
    """A batch, what is in it and what became of it.

    Raises:
        BatchNotFoundError: there is none, or it is still being chosen.
    """
    try:
        return batch_body(project.batch(batch))
    except BatchNotFoundError as error:
        with suppress(JobNotFoundError):
            job = services.jobs.get(batch)
            if job.kind == "ask" and not job.finished:
                raise BatchNotFoundError(
                    f"batch {batch!r} is still being chosen; follow /v1/jobs/{batch}"
                ) from error
        raise


def release(caller: Caller, project: Project, batch: str, body: ReleaseRequest) -> BatchBody:
    """Give items back to the pool.

    Raises:
        AccessError: the batch is somebody else's.
    """
    _check_holder(caller, project, batch)
    return batch_body(project.release(batch, body.items, actor=caller.name))


def extend(caller: Caller, project: Project, batch: str, body: ExtendRequest) -> BatchBody:
    """Hold a batch for longer.

    Raises:
        AccessError: the batch is somebody else's.
    """
    _check_holder(caller, project, batch)
    return batch_body(project.extend(batch, body.lease, actor=caller.name))


def _check_holder(caller: Caller, project: Project, batch: str) -> None:
    """Let annotators give back and hold on to what is theirs; an admin may for everybody."""
    caller.annotator(project.store.batch(project.name, batch).annotator)
