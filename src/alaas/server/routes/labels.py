"""``/v1/projects/{project}/labels``: telling labels, their history, and where people disagree."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from alaas.protocol import DisagreementPage, LabelPage, TellRequest, ToldBody
from alaas.server.body import read_body
from alaas.server.openapi import body_of
from alaas.server.opened import Annotator, Read
from alaas.server.paging import After, Limit
from alaas.server.services import Opened
from alaas.server.verbs import labels as verbs

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
    return await verbs.tell(services, caller, project, body)


@router.get("/labels", summary="Read the history of labels")
def list_labels(project: Read, after: After = None, limit: Limit = 100) -> LabelPage:
    """Every answer as it was given, replaced ones too."""
    return verbs.list_labels(project, after, limit)


@router.get("/conflicts", summary="List items whose annotators disagree")
def list_conflicts(project: Read, after: After = None, limit: Limit = 100) -> DisagreementPage:
    """Settle one by telling its label with `final`."""
    return verbs.list_conflicts(project, after, limit)
