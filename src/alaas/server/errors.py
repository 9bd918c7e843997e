"""From errors to answers: one table, and problem+json everywhere."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from alaas.errors import AlaasError, KeyRequiredError, QueueFullError, RateError
from alaas.protocol import Problem
from alaas.server.telemetry.request_id import HEADER
from alaas.server.wording import sentence

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 1
"""Seconds after which a client may try again when the queue is full."""

STATUS: Mapping[str, int] = {
    "internal": 500,
    "usage": 422,
    "config": 422,
    "unknown-name": 422,
    "budget": 422,
    "signals": 422,
    "source": 422,
    "label": 422,
    "limit": 413,
    "queue-full": 429,
    "rate": 429,
    "egress": 403,
    "item": 422,
    "fetch": 422,
    "decode": 422,
    "model": 500,
    "model-unavailable": 503,
    "scratch": 507,
    "missing-extra": 501,
    "strategy": 500,
    "learner": 500,
    "no-usable-items": 422,
    "not-found": 404,
    "job-not-found": 404,
    "project-not-found": 404,
    "item-not-found": 404,
    "batch-not-found": 404,
    "round-not-found": 404,
    "key-not-found": 404,
    "conflict": 409,
    "job-conflict": 409,
    "project-conflict": 409,
    "version": 412,
    "taken": 409,
    "budget-spent": 409,
    "nothing-left": 409,
    "access": 403,
    "key-required": 401,
    "signature": 403,
    "store": 503,
    "cluster": 503,
    "attempts": 500,
    "cancelled": 503,
    "server": 502,
}
"""The HTTP status of every code of ``alaas.errors``."""

_TRANSPORT_CODES: Mapping[int, str] = {
    404: "not-found",
    405: "method-not-allowed",
    413: "limit",
    415: "media-type",
    428: "precondition-required",
}


def problem(code: str, detail: str, status: int | None = None) -> Problem:
    """Describe an error; the status is the table's unless given."""
    found = STATUS.get(code, 500) if status is None else status
    return Problem(title=HTTPStatus(found).phrase, status=found, detail=detail, code=code)


def answer(trouble: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a response."""
    return Response(
        trouble.model_dump_json(),
        status_code=trouble.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    app.add_exception_handler(AlaasError, _ours)
    app.add_exception_handler(HTTPException, _transport)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _bug)


def problem_of(error: AlaasError | HTTPException) -> Problem:
    """Describe an error on whatever wire."""
    if isinstance(error, AlaasError):
        return problem(error.code, error.message)
    return problem(_TRANSPORT_CODES.get(error.status_code, "usage"), error.detail, error.status_code)


def retry_after(error: Exception) -> int | None:
    """The seconds after which a caller may try again; None if that would not help."""
    if isinstance(error, QueueFullError):
        return RETRY_AFTER
    return max(1, math.ceil(error.retry_after)) if isinstance(error, RateError) else None


def response_of(error: AlaasError) -> Response:
    """The answer that an error is, with the headers that belong to it."""
    headers: dict[str, str] = {}
    trouble, wait = problem_of(error), retry_after(error)
    if wait is not None:
        headers["Retry-After"] = str(wait)
    elif isinstance(error, KeyRequiredError):
        headers["WWW-Authenticate"] = "Bearer"
    if trouble.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers["Connection"] = "close"  # the rest of the body is not read
    return answer(trouble, headers)


async def _ours(_request: Request, error: Exception) -> Response:
    return response_of(cast("AlaasError", error))  # it is installed for no other


async def _transport(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    detail = error.detail if isinstance(error, HTTPException) else HTTPStatus(status).phrase
    if status == HTTPStatus.NOT_FOUND:
        detail = f"nothing is at {request.url.path}; GET /openapi.json lists what there is"
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (headers or {}).get("Allow", "another method")
        detail = f"{request.url.path} does not take {request.method}; it takes {allowed}"
    return answer(problem(_TRANSPORT_CODES.get(status, "usage"), detail, status), headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return answer(problem("usage", sentence(found)))


async def _bug(request: Request, error: Exception) -> Response:
    # Starlette logs the traceback as well, after this answer is sent.
    _log.error("%s %s broke: %s", request.method, request.url.path, type(error).__name__)
    trouble = problem("internal", "the server broke on this request; its log says more")
    name = getattr(request.state, "request_id", None)  # this answer is sent outside of whoever adds it
    return answer(trouble, {} if name is None else {HEADER: name})
