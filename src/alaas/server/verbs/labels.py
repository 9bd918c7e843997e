"""Telling labels, their history, and where annotators disagree."""

from __future__ import annotations

from alaas.access import Caller
from alaas.projects import Project, Telling, disagreement_body, label_body, told_body
from alaas.protocol import DisagreementPage, LabelPage, TellRequest, ToldBody
from alaas.server.paging import cut, number
from alaas.server.services import Services


async def tell(services: Services, caller: Caller, project: str, body: TellRequest) -> ToldBody:
    """Keep labels; returns when they are safe. Runs on the event loop, where tellings meet.

    Raises:
        AccessError: the caller may not speak for that annotator, or not settle a conflict.
        ProjectNotFoundError, BatchNotFoundError: there is none of that name.
    """
    if body.final:
        caller.require("admin", project)
    telling = Telling(
        batch_id=body.batch,
        answers={answer.item: answer.said for answer in body.answers},
        annotator=caller.annotator(body.annotator),
        final=body.final,
    )
    told, retrain = await services.tellings.tell(project, telling)
    return told_body(told, retrain=retrain)


def list_labels(project: Project, after: str | None, limit: int) -> LabelPage:
    """A page of answers as they were given, replaced ones too."""
    found = project.store.answers(project.name, after=number(after, 0), limit=limit + 1)
    rows, more = cut(found, limit, lambda row: row.sequence)
    return LabelPage(labels=[label_body(row) for row in rows], next=more)


def list_conflicts(project: Project, after: str | None, limit: int) -> DisagreementPage:
    """A page of items whose annotators disagree."""
    start = number(after, 0)
    found = list(enumerate(project.conflicts(), start=1))[start : start + limit + 1]
    shown, more = cut(found, limit, lambda numbered: numbered[0])
    return DisagreementPage(conflicts=[disagreement_body(one) for _, one in shown], next=more)
