"""``/v1/projects/{project}/predict``: what the learner says of items."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from alaas.projects import prediction_body
from alaas.protocol import PredictionList, PredictRequest
from alaas.server.body import read_body
from alaas.server.given import items_of
from alaas.server.openapi import body_of
from alaas.server.opened import Read
from alaas.server.services import Opened

router = APIRouter(prefix="/v1/projects/{project}", tags=["rounds"])

_EXAMPLES = {"a text": {"items": [{"text": "It broke at once."}]}}


@router.post(
    "/predict", summary="Ask what the learner says", openapi_extra=body_of(PredictRequest, _EXAMPLES)
)
async def predict(project: Read, request: Request, services: Opened) -> PredictionList:
    """Of any items, by the last learner or that of a round."""
    body = await read_body(request, PredictRequest)

    def answer() -> PredictionList:
        found = project.predict(items_of(body.items, services.config), round=body.round)
        return PredictionList(predictions=[prediction_body(one) for one in found])

    return await run_in_threadpool(answer)
