"""Between the exchange and httpx2, for both clients."""

from __future__ import annotations

from typing import TypedDict

import httpx2

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
    """What the server said."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status_code, content=response.content, headers=headers)


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
