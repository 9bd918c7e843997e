"""Between the exchange and httpx2, for both clients."""

from __future__ import annotations

from typing import TypedDict

import httpx2
from pydantic_core import from_json

from alaas.client._exchange import Answer, Call


class Options(TypedDict):
    """Arguments of a request."""

    content: bytes | None
    headers: dict[str, str]
    params: dict[str, str | list[str]]


def options(call: Call) -> Options:
    """The arguments of httpx2 for a call."""
    return {"content": call.content, "headers": dict(call.headers), "params": dict(call.params)}


def answer_of(response: httpx2.Response) -> Answer:
    """What the server said.

    JSON that does not end is no answer: where a proxy passes a body on without its length, a connection that
    broke looks like an end.
    """
    headers = {name.lower(): value for name, value in response.headers.items()}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or kind.endswith("+json")  # and not JSON lines
    empty = response.status_code == httpx2.codes.NO_CONTENT
    if response.is_success and is_json and not empty and not _is_whole(response.content):
        trouble = f"the connection to {response.url} broke in the midst of the answer"
        return Answer(status=0, trouble=trouble, again=True)
    return Answer(status=response.status_code, content=response.content, headers=headers)


def _is_whole(content: bytes) -> bool:
    try:
        from_json(content)
    except ValueError:
        return False
    return True


def no_answer(error: httpx2.TransportError, url: str) -> Answer:
    """That the server said nothing, and whether asking again may help.

    Not after a time-out: whoever waited for so long should be told.
    """
    if isinstance(error, httpx2.ConnectError):
        trouble = f"no ALaaS server answers at {url} ({error}); start one with `alaas serve`"
    elif isinstance(error, httpx2.TimeoutException):
        trouble = f"the server at {url} did not answer in time; give the client a longer timeout"
    else:
        trouble = f"the connection to {url} broke ({error or type(error).__name__})"
    return Answer(status=0, trouble=trouble, again=not isinstance(error, httpx2.TimeoutException))
