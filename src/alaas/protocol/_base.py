"""What every body of the wire is: strict when it comes from a client, lenient when it comes from a server."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


def named(value: Any) -> Any:
    """Let ``"strategy": "margin"`` stand for ``"strategy": {"name": "margin"}``."""
    return {"name": value} if isinstance(value, str) else value


class Request(BaseModel):
    """What a client sends: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")


class Reply(BaseModel):
    """What a server sends: a key that a later version adds is ignored by an earlier client."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(Reply):
    """A part of a long list; ``next`` goes into ``after`` for more, null at the end."""

    next: str | None = None


class Problem(Reply):
    """An error as RFC 9457 has it, with a stable ``code`` to branch on.

    Reference: Nottingham, Wilde, Dalal, 2023, https://www.rfc-editor.org/rfc/rfc9457
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
