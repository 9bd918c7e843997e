"""``alaas.v1.Projects``: rounds, the learner, and exports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from alaas.protocol import MEDIA_TYPES, ExportRequest, PredictRequest
from alaas.server.rpc.call import Call
from alaas.server.rpc.handlers import Rpc
from alaas.server.rpc.messages import body_of, message_of
from alaas.server.rpc.paging import page_of
from alaas.server.verbs import exports, rounds
from alaas.v1 import alaas_pb2

_PIECE = 1 << 20
"""Bytes in a piece of a model: a client takes four times as much unless told otherwise."""

_ENOUGH = 1 << 16
"""Bytes that are worth a message of an export."""


def retrain(call: Call, request: alaas_pb2.ProjectRequest) -> alaas_pb2.JobBody:
    """Retrain at once."""
    project = call.project(request.project)
    return message_of(alaas_pb2.JobBody, rounds.retrain(call.services, call.caller, project, call.key))


def list_rounds(call: Call, request: alaas_pb2.PageRequest) -> alaas_pb2.RoundPage:
    """The rounds with their metrics."""
    return message_of(
        alaas_pb2.RoundPage, rounds.list_rounds(call.project(request.project), *page_of(request))
    )


def curve(call: Call, request: alaas_pb2.PageRequest) -> alaas_pb2.CurveBody:
    """How the learner got better."""
    page = rounds.curve(call.project(request.project), *page_of(request, usual=1000))
    return message_of(alaas_pb2.CurveBody, page)


async def model(call: Call, request: alaas_pb2.ModelRequest) -> AsyncIterator[alaas_pb2.Piece]:
    """A round's model as ONNX."""
    number = request.round if request.HasField("round") else None
    content = await run_in_threadpool(lambda: call.project(request.project).model(number))
    kind: str | None = "application/octet-stream"
    for start in range(0, len(content), _PIECE):
        yield alaas_pb2.Piece(content=content[start : start + _PIECE], media_type=kind)
        kind = None


def predict(call: Call, request: alaas_pb2.PredictRequest) -> alaas_pb2.PredictionList:
    """What the learner says of items."""
    body = body_of(PredictRequest, request, "project")
    found = rounds.predict(call.services, call.project(request.project), body)
    return message_of(alaas_pb2.PredictionList, found)


async def export(call: Call, request: alaas_pb2.ExportRequest) -> AsyncIterator[alaas_pb2.Piece]:
    """The labelled items, as they are written."""
    body = body_of(ExportRequest, request, "project")
    project = await run_in_threadpool(call.project, request.project)
    pieces = await run_in_threadpool(exports.export_pieces, project, body.format)
    kind: str | None = MEDIA_TYPES[body.format]
    async for content in iterate_in_threadpool(_joined(pieces)):
        yield alaas_pb2.Piece(content=content, media_type=kind)
        kind = None


def start_export(call: Call, request: alaas_pb2.ExportRequest) -> alaas_pb2.JobBody:
    """Write the labelled items down."""
    body, project = body_of(ExportRequest, request, "project"), call.project(request.project)
    job = exports.start_export(call.services, call.caller, project, body, call.key)
    return message_of(alaas_pb2.JobBody, job)


def _joined(pieces: Iterator[str]) -> Iterator[bytes]:
    """Lines put together, so that each is not a message; the last part may be empty and tells the kind."""
    held = bytearray()
    for piece in pieces:
        held += piece.encode()
        if len(held) >= _ENOUGH:
            yield bytes(held)
            held.clear()
    yield bytes(held)


RPCS = {
    "Retrain": Rpc(route="POST /v1/projects/{project}/rounds", answer=retrain),
    "Rounds": Rpc(route="GET /v1/projects/{project}/rounds", answer=list_rounds),
    "Curve": Rpc(route="GET /v1/projects/{project}/metrics", answer=curve),
    "Model": Rpc(route="GET /v1/projects/{project}/rounds/{number}/model", answer=model),
    "Predict": Rpc(route="POST /v1/projects/{project}/predict", answer=predict),
    "Export": Rpc(route="GET /v1/projects/{project}/export", answer=export),
    "StartExport": Rpc(route="POST /v1/projects/{project}/export", answer=start_export),
}
