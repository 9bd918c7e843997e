"""``/post``: the one call of ALaaS 0.2, answered in its shape.

A difference is meant: the original answered an error with status 200 and the whole pool as the result; here
an error is an error.
"""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool

from alaas.errors import UsageError
from alaas.jobs import Job
from alaas.protocol import Blob, SelectionBody, SelectRequest
from alaas.server.body import read_body
from alaas.server.errors import answer, problem
from alaas.server.follow import follow
from alaas.server.gate import Needs
from alaas.server.openapi import body_of
from alaas.server.selection import check_request
from alaas.server.services import Opened, Services
from alaas.server.wording import sentence

router = APIRouter(tags=["original"])


class Document(BaseModel):
    """A datum as the original's clients send it; of their further fields none matters."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | None = None
    uri: str | None = None
    text: str | None = None
    blob: Blob = None
    mime_type: str | None = None
    tags: dict[str, Any] | None = None


class OriginalParameters(BaseModel):
    """The parameters of a query."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    budget: int | None = None
    n_drop: int | None = None


class OriginalRequest(BaseModel):
    """The body of ``POST /post``."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True)

    data: list[Document] | dict[str, list[Document]] = Field(description="The pool, or {docs: the pool}.")
    parameters: OriginalParameters = OriginalParameters()
    exec_endpoint: str = "/query"

    @property
    def documents(self) -> list[Document]:
        """The pool, whichever of its two shapes was sent."""
        return (
            self.data if isinstance(self.data, list) else [one for many in self.data.values() for one in many]
        )


class OriginalDocument(Document):
    """A chosen datum; what the original used for other purposes is null."""

    parent_id: None = None
    granularity: None = None
    adjacency: None = None
    tensor: None = None
    weight: None = None
    offset: None = None
    location: None = None
    embedding: None = None
    modality: None = None
    evaluations: None = None
    scores: None = None
    chunks: None = None
    matches: None = None


class OriginalReply(BaseModel):
    """The answer: the chosen data, best first. ``header.status`` tells what was skipped."""

    header: dict[str, Any]
    parameters: OriginalParameters
    routes: list[Any]
    data: list[OriginalDocument]


_EXAMPLES = {
    "three of five pictures": {
        "data": [{"uri": f"https://example.org/{number}.png"} for number in range(1, 6)],
        "parameters": {"budget": 3},
        "execEndpoint": "/query",
    }
}


@router.post(
    "/post",
    summary="Choose, as ALaaS 0.2 did",
    response_model=OriginalReply,
    openapi_extra=body_of(OriginalRequest, _EXAMPLES),
    dependencies=[Depends(Needs("annotator", everywhere=True))],
)
async def post(request: Request, services: Opened) -> Response:
    """Choose `parameters.budget` of `data` by the server's strategy and answer when it is done."""
    asked = await read_body(request, OriginalRequest)
    job = await run_in_threadpool(_submit, asked, services)
    async for event in follow(services, job.id, gone=request.is_disconnected):
        job = event.job
    if not job.finished:  # nobody waits for it any more
        await run_in_threadpool(services.jobs.cancel, job.id)
    if job.state != "succeeded":
        failure = job.failure
        code, message = (failure.code, failure.message) if failure else ("cancelled", "the job was cancelled")
        return answer(problem(code, message))
    result = await run_in_threadpool(services.jobs.result, job.id)
    reply = await run_in_threadpool(_reply, asked, SelectionBody.model_validate_json(result))
    return Response(reply, media_type="application/json")


def _submit(asked: OriginalRequest, services: Services) -> Job:
    if asked.exec_endpoint != "/query":
        raise UsageError(
            f'execEndpoint {asked.exec_endpoint!r} is not served; "/query" chooses from the data of the same '
            "request, and nothing has to be pushed before"
        )
    if asked.parameters.n_drop not in (None, 0, 1):
        raise UsageError(
            f"n_drop={asked.parameters.n_drop} asks for Monte-Carlo dropout, which is not served"
        )
    if not asked.documents:
        raise UsageError("data is empty; send the pool to choose from")
    items = [
        {"id": str(place), "uri": document.uri, "text": document.text, "blob": document.blob}
        for place, document in enumerate(asked.documents)
    ]
    try:
        request = SelectRequest.model_validate({"items": items, "budget": asked.parameters.budget})
    except ValidationError as error:
        raise UsageError(sentence(error.errors()).replace("items[", "data[", 1)) from error
    check_request(request, services.config)
    return services.jobs.submit("select", request.model_dump_json(exclude_defaults=True))


def _reply(asked: OriginalRequest, selection: SelectionBody) -> str:
    chosen = [asked.documents[int(chosen.id)] for chosen in selection.selected]
    skipped = [f"{failed.uri or failed.id}: {failed.reason}" for failed in selection.failed]
    status = {"code": 0, "description": "; ".join([*selection.warnings, *skipped]), "exception": None}
    return OriginalReply(
        header={"requestId": uuid.uuid4().hex, "status": status, "execEndpoint": asked.exec_endpoint},
        parameters=asked.parameters,
        routes=[],
        data=[
            OriginalDocument(**{**dict(document), "id": document.id or uuid.uuid4().hex})
            for document in chosen
        ],
    ).model_dump_json()
