"""The name of a request, by which what it caused can be found in the log."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-Id"

current: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; None outside of one."""

_TAKEN = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def request_id(given: str | None) -> str:
    """The id that a caller or a proxy gave, if it is short and plain enough to be written down; or a new
    one.
    """
    return given if given is not None and _TAKEN.fullmatch(given) else uuid.uuid4().hex
