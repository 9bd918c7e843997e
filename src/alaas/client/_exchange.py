"""What a client says and hears, without saying how: no sockets, no waiting.

A verb is a generator. It yields a ``Call`` to be made or a ``Pause`` to be kept, is sent the ``Answer``, and
returns its result. The blocking and the async client are two ways to drive the same verbs.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from alaas.errors import ServerError, UsageError
from alaas.protocol import Problem

T = TypeVar("T")
Body = TypeVar("Body", bound=BaseModel)

RETRIES = 4
_AWAY = frozenset({502, 503, 504})
"""Statuses by which a server, or a proxy before it, says that it cannot answer at the moment."""

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 30.0
_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request to make. Making it twice does no more than making it once, where it is ``repeatable``."""

    method: str
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    repeatable: bool = True


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Seconds to wait."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; ``status`` 0 and a ``trouble`` when nothing did. ``again``: another try may help."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    again: bool = False


Steps: TypeAlias = Generator[Call | Pause, Answer | None, T]


def ask(call: Call) -> Steps[Answer]:
    """Make a call, again after a pause where that is safe and may help.

    Raises:
        ServerError: the server answered with an error, or not at all.
    """
    attempt = 0
    while True:
        answer = yield call
        if answer is None:
            raise TypeError("the driver must send an Answer to a Call")
        if answer.status and answer.status < 400:
            return answer
        refused = answer.status == 429  # before anything was done
        hopeful = refused or (call.repeatable and (answer.again or answer.status in _AWAY))
        if attempt == RETRIES or not hopeful:
            raise failure(answer)
        yield Pause(seconds=_wait(answer, attempt))
        attempt += 1


def parse(answer: Answer, model: type[Body]) -> Body:
    """Read a reply.

    Raises:
        ServerError: it is not what ALaaS sends.
    """
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise ServerError(
            f"the answer is not a {model.__name__} ({error.error_count()} differences); is this an ALaaS "
            "server of version 1?",
            status=answer.status,
        ) from error


def failure(answer: Answer) -> ServerError:
    """The error that an answer means, in the server's own sentence."""
    if not answer.status:
        return ServerError(answer.trouble)
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        text = answer.content.decode("utf-8", "replace").strip()[:_SHOWN]
        return ServerError(f"the server answered {answer.status}: {text}", status=answer.status)
    return ServerError(problem.detail, status=answer.status, code=problem.code)


def checked_url(url: str) -> str:
    """A server's address without a slash at its end.

    Raises:
        UsageError: it is not one of http or https.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or not rest or scheme not in ("http", "https"):
        raise UsageError(
            f"{url!r} is not the address of an ALaaS server; expected http://HOST:PORT such as http://127.0.0.1:8081"
        )
    return url.rstrip("/")


def key_headers(key: str | None) -> dict[str, str]:
    """The headers that show a key: the one given, or that of the environment variable ``ALAAS_KEY``.

    Raises:
        UsageError: it holds what cannot stand in a header; the message does not repeat it.
    """
    shown = os.environ.get("ALAAS_KEY", "") if key is None else key
    if not shown:
        return {}
    if not (shown.isascii() and shown.isprintable()) or " " in shown:
        source = "the environment variable ALAAS_KEY" if key is None else "key"
        raise UsageError(
            f"{source} is not the text of an API key; expected alaas_… as `alaas key create` has shown it"
        )
    return {"Authorization": f"Bearer {shown}"}


def _wait(answer: Answer, attempt: int) -> float:
    asked = answer.headers.get("retry-after", "")
    if asked.isdecimal() and len(asked) < 9:
        return min(float(asked), _LONGEST_WAIT)
    return float(_FIRST_WAIT * 2**attempt)
