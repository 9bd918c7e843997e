"""Following a job's events across broken connections, without sockets."""

from __future__ import annotations

from pydantic import ValidationError

from alaas.client._exchange import RETRIES
from alaas.errors import ServerError
from alaas.protocol import JobBody

_PAUSE = 0.2


class Following:
    """Where one is in a job's events.

    Args:
        job_id: the job to follow.
    """

    def __init__(self, job_id: str) -> None:
        self.path = f"/v1/jobs/{job_id}/events"
        self.finished = False
        self._seen = ""
        self._silent = 0

    @property
    def headers(self) -> dict[str, str]:
        """Headers for the next connection: it goes on where the last one broke."""
        return {"Last-Event-ID": self._seen} if self._seen else {}

    def take(self, event_id: str, data: str) -> JobBody:
        """Read one event.

        Raises:
            ServerError: it is not one of ALaaS.
        """
        try:
            job = JobBody.model_validate_json(data)
        except ValidationError as error:
            raise ServerError("an event is not a job; is this an ALaaS server of version 1?") from error
        self._seen, self._silent, self.finished = event_id, 0, job.finished
        return job

    def broken(self, reason: str) -> float:
        """Note that a connection ended too early; returns the seconds to wait before the next.

        Raises:
            ServerError: it has happened too often without a single event in between.
        """
        self._silent += 1
        if self._silent > RETRIES:
            raise ServerError(f"cannot follow the job: {reason}")
        return float(_PAUSE * 2 ** (self._silent - 1))
