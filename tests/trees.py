"""Words that the tests of projects share: three kinds of trees, and a clock that is told the time."""

from __future__ import annotations

from collections.abc import Callable

from alaas.projects import Project

CLASSES = ("ash", "beech", "cedar")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def __call__(self) -> float:
        return self.time


Open = Callable[..., Project]
