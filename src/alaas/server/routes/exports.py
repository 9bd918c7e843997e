"""``/v1/projects/{project}/export``: the labelled items in a format that others read."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from alaas.protocol import MEDIA_TYPES, ExportFormat, ExportRequest, JobBody
from alaas.server.body import read_optional_body
from alaas.server.openapi import body_of
from alaas.server.opened import Annotator, IdempotencyKey, Labelled, Read
from alaas.server.services import Opened
from alaas.server.verbs import exports as verbs

router = APIRouter(prefix="/v1/projects/{project}", tags=["labels"])

_EXAMPLES = {"a table": {"format": "csv"}, "for Label Studio": {"format": "label-studio"}}
_CONTENT = {
    kind.partition(";")[0]: {
        "schema": {"type": ["object", "array"] if kind == "application/json" else "string"}
    }
    for kind in MEDIA_TYPES.values()
}


@router.get(
    "/export",
    summary="Download the labelled items",
    response_class=Response,
    responses={200: {"content": _CONTENT}},
)
def export(project: Read, format: ExportFormat = "jsonl") -> Response:  # noqa: A002
    """Streamed as it is written, so that its size does not matter."""
    return StreamingResponse(
        verbs.export_pieces(project, format), headers={"Content-Type": MEDIA_TYPES[format]}
    )


@router.post(
    "/export",
    status_code=202,
    summary="Write the labelled items down",
    openapi_extra=body_of(ExportRequest, _EXAMPLES, required=False),
)
async def start_export(
    project: Labelled,
    request: Request,
    response: Response,
    services: Opened,
    caller: Annotator,
    key: IdempotencyKey = None,
) -> JobBody:
    """Start a job; its result holds the whole export and can be fetched again."""
    body = await read_optional_body(request, ExportRequest)
    job = await run_in_threadpool(verbs.start_export, services, caller, project, body, key)
    response.headers["Location"] = job.links.self
    return job
