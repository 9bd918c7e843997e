"""Jobs: pieces of server work that outlive the request that asked for them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from alaas.protocol._base import Problem, Reply
from alaas.protocol._selection import StageBody

JobState: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled"]

FINISHED: frozenset[JobState] = frozenset({"succeeded", "failed", "cancelled"})


class ProgressBody(Reply):
    """A glance at a running job: ``done`` of ``total`` items, ``failed`` of them with a reason."""

    done: int = 0
    failed: int = 0
    total: int | None = None
    stages: list[StageBody] = Field(default_factory=list)


class JobLinks(Reply):
    """Where to go on from a job, relative to the server's address."""

    self: str
    result: str
    events: str
    cancel: str


class JobBody(Reply):
    """A piece of server work. Times are in UTC."""

    id: str
    kind: str
    state: JobState
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    progress: ProgressBody = ProgressBody()
    error: Problem | None = None
    links: JobLinks

    @property
    def finished(self) -> bool:
        """Whether its state will not change any more."""
        return self.state in FINISHED


class JobList(Reply):
    """Jobs, newest first."""

    jobs: list[JobBody]
