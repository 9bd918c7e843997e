"""``/v1/projects/{project}/rounds``: retraining, how good the learner is, and the learner itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from alaas.protocol import CurveBody, JobBody, RoundPage
from alaas.server.opened import Annotator, IdempotencyKey, Labelled, Read
from alaas.server.paging import After, Limit
from alaas.server.services import Opened
from alaas.server.verbs import rounds as verbs

router = APIRouter(prefix="/v1/projects/{project}", tags=["rounds"])

_LATEST = "latest"
_ONNX = "application/octet-stream"


@router.get("/rounds", summary="List the rounds")
def list_rounds(project: Read, after: After = None, limit: Limit = 100) -> RoundPage:
    """First to last, with their metrics."""
    return verbs.list_rounds(project, after, limit)


@router.post("/rounds", status_code=202, summary="Retrain")
def retrain(
    project: Labelled, response: Response, services: Opened, caller: Annotator, key: IdempotencyKey = None
) -> JobBody:
    """Start a job at once; the round is its result.

    A learner follows labels by itself a little later, so this is for those who wait.
    """
    job = verbs.retrain(services, caller, project, key)
    response.headers["Location"] = job.links.self
    return job


@router.get(
    "/rounds/{number}/model",
    summary="Fetch a round's model as ONNX",
    response_class=Response,
    responses={200: {"content": {_ONNX: {"schema": {"type": "string", "format": "binary"}}}}},
)
def round_model(
    project: Read,
    number: Annotated[str, Path(pattern=r"^([1-9][0-9]{0,8}|latest)$", description="Or `latest`.")],
) -> Response:
    """Encoder and head in one file; any ONNX runtime runs it without ALaaS."""
    content = project.model(None if number == _LATEST else int(number))
    name = f"{project.name}-{number}.onnx"
    return Response(
        content, media_type=_ONNX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get("/metrics", summary="See how the learner got better")
def curve(project: Read, after: After = None, limit: Limit = 1000) -> CurveBody:
    """The learning curve: one point a round that could be measured."""
    return verbs.curve(project, after, limit)
