"""``/v1/projects/{project}/predict``: what the learner says of items."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from alaas.protocol import PredictionList, PredictRequest
from alaas.server.body import read_body
from alaas.server.openapi import body_of
from alaas.server.opened import Read
from alaas.server.services import Opened
from alaas.server.verbs import rounds

router = APIRouter(prefix="/v1/projects/{project}", tags=["rounds"])

_EXAMPLES = {"a text": {"items": [{"text": "It broke at once."}]}}


@router.post(
    "/predict", summary="Ask what the learner says", openapi_extra=body_of(PredictRequest, _EXAMPLES)
)
async def predict(project: Read, request: Request, services: Opened) -> PredictionList:
    """Of any items, by the last learner or that of a round."""
    body = await read_body(request, PredictRequest)
    return await run_in_threadpool(rounds.predict, services, project, body)
