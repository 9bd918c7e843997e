"""Trying again what failed for a passing reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tenacity

from alaas.errors import ModelUnavailableError

T = TypeVar("T")

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 30.0
_MOST_PATIENCE = 60.0
"""Seconds after which a server's wish to be left alone is no longer followed: a run would seem to hang."""


class PassingError(Exception):
    """A call failed for a reason that may pass; after ``retry_after`` seconds it may be made again."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def patiently(call: Callable[[], T], *, retries: int, who: str) -> T:
    """Call, and call again with growing random pauses while it fails for a passing reason.

    Args:
        call: raises ``PassingError`` where another try may succeed.
        retries: further tries.
        who: the model and its server, for the message.

    Raises:
        ModelUnavailableError: every try failed.
    """
    again = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(retries + 1),
        wait=_pause,
        retry=tenacity.retry_if_exception_type(PassingError),
        reraise=True,
    )
    try:
        return again(call)
    except PassingError as error:
        tries = "once" if retries == 0 else f"{retries + 1} times"
        raise ModelUnavailableError(
            f"{who} was asked {tries}: {error}; see that the server is up and has room, or raise "
            "model.engine.retries and model.engine.timeout"
        ) from error


_random_pause = tenacity.wait_random_exponential(multiplier=2 * _FIRST_WAIT, max=_LONGEST_WAIT)


def _pause(state: tenacity.RetryCallState) -> float:
    """Random, so that callers who were turned away together do not come back together."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, PassingError) else None
    own = _random_pause(state)
    return own if asked is None else min(asked, _MOST_PATIENCE) + own / 4
