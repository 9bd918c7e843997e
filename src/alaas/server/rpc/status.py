"""From errors to the status of a call: the table of HTTP, in the words of gRPC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import grpc
from starlette.exceptions import HTTPException

from alaas.errors import AlaasError
from alaas.protocol import Problem
from alaas.server.errors import problem, problem_of, retry_after
from alaas.server.rpc.messages import message_of
from alaas.v1 import alaas_pb2

_OF_HTTP: Mapping[int, grpc.StatusCode] = {
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    412: grpc.StatusCode.ABORTED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    428: grpc.StatusCode.FAILED_PRECONDITION,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    501: grpc.StatusCode.UNIMPLEMENTED,
    502: grpc.StatusCode.UNAVAILABLE,
    503: grpc.StatusCode.UNAVAILABLE,
    507: grpc.StatusCode.RESOURCE_EXHAUSTED,
}

_OF_CODE: Mapping[str, grpc.StatusCode] = {
    "project-conflict": grpc.StatusCode.ALREADY_EXISTS,
    "cancelled": grpc.StatusCode.CANCELLED,
}
"""Where gRPC has a word of its own for what HTTP has not."""


class JobFailed(Exception):  # noqa: N818  (it is how a job ended, told to whoever waits for it)
    """The job that a call waits for has failed; the call fails as the job did."""

    def __init__(self, trouble: Problem) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """How a call ends that is not answered."""

    code: grpc.StatusCode
    detail: str
    metadata: tuple[tuple[str, str | bytes], ...]


def refusal(error: AlaasError | HTTPException | JobFailed) -> Refusal:
    """The status, the sentence, and in the trailing metadata the stable code and the whole problem."""
    wait = None
    if isinstance(error, JobFailed):
        trouble = error.trouble
    else:
        trouble = problem_of(error)
        wait = retry_after(error)
    return _refusal(trouble, wait)


def broken() -> Refusal:
    """What a caller is told when the server broke."""
    return _refusal(problem("internal", "the server broke on this call; its log says more"), None)


def status_code(trouble: Problem) -> grpc.StatusCode:
    """The status of a problem."""
    return _OF_CODE.get(trouble.code) or _OF_HTTP.get(trouble.status, grpc.StatusCode.UNKNOWN)


def _refusal(trouble: Problem, wait: int | None) -> Refusal:
    details = message_of(alaas_pb2.Problem, trouble).SerializeToString()
    metadata: list[tuple[str, str | bytes]] = [
        ("alaas-code", trouble.code),
        ("alaas-problem-bin", details),
    ]
    if wait is not None:
        metadata.append(("retry-after", str(wait)))
    return Refusal(code=status_code(trouble), detail=trouble.detail, metadata=tuple(metadata))
