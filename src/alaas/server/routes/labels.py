"""``/v1/projects/{project}/labels``: telling labels, their history, and where people disagree."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from alaas.projects import Telling, disagreement_body, label_body, told_body
from alaas.protocol import DisagreementPage, LabelPage, TellRequest, ToldBody
from alaas.server.body import read_body
from alaas.server.openapi import body_of
from alaas.server.opened import Annotator, Read
from alaas.server.paging import After, Limit, cut, number
from alaas.server.services import Opened

router = APIRouter(prefix="/v1/projects/{project}", tags=["labels"])

_EXAMPLES = {
    "labels of a batch": {
        "batch": "BATCH",
        "annotator": "ada",
        "answers": [{"item": "a", "label": "bad"}, {"item": "b", "skip": "not a review"}],
    },
    "a conflict settled": {"answers": [{"item": "a", "label": "good"}], "annotator": "eve", "final": True},
}


@router.post("/labels", summary="Tell labels", openapi_extra=body_of(TellRequest, _EXAMPLES))
async def tell(project: str, request: Request, services: Opened, caller: Annotator) -> ToldBody:
    """Answered once they are safe. A label that cannot be taken is a `refused` receipt; the others are kept.
    Telling the same again changes nothing. A job `retrain` follows.
    With keys, an annotator speaks for themselves, and `final` needs an admin.
    """
    if services.projects.at_hand(project) is None:
        await run_in_threadpool(services.projects.open, project)  # or say that there is none
    body = await read_body(request, TellRequest)
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


@router.get("/labels", summary="Read the history of labels")
def list_labels(project: Read, after: After = None, limit: Limit = 100) -> LabelPage:
    """Every answer as it was given, replaced ones too."""
    found = project.store.answers(project.name, after=number(after, 0), limit=limit + 1)
    rows, more = cut(found, limit, lambda row: row.sequence)
    return LabelPage(labels=[label_body(row) for row in rows], next=more)


@router.get("/conflicts", summary="List items whose annotators disagree")
def list_conflicts(project: Read, after: After = None, limit: Limit = 100) -> DisagreementPage:
    """Settle one by telling its label with `final`."""
    start = number(after, 0)
    found = list(enumerate(project.conflicts(), start=1))[start : start + limit + 1]
    shown, more = cut(found, limit, lambda numbered: numbered[0])
    return DisagreementPage(conflicts=[disagreement_body(one) for _, one in shown], next=more)
