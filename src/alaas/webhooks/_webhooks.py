"""All receivers of a server together, and the jobs that serve them."""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from alaas.config import EgressSettings, WebhookSettings
from alaas.errors import AlaasError, CancelledError, StoreError
from alaas.jobs import Handler, Job, JobRun
from alaas.stores import Store
from alaas.webhooks._courier import Courier, Patience
from alaas.webhooks._delivery import Outcome
from alaas.webhooks._events import JobFinished, ProjectFinished
from alaas.webhooks._log import before, last_standing, write_event, write_standing
from alaas.webhooks._receivers import Receiver, open_receivers

_log = logging.getLogger(__name__)

KIND = "webhook"
"""The kind of the jobs."""

_LOOK_AFTER = 15.0
_AWAY = 2.0


class Queue(Protocol):
    """What is needed of durable jobs."""

    def submit(self, kind: str, request: str, *, group: str | None = None, unique: bool = False) -> Job:
        """Queue a piece of work; see ``alaas.jobs.Jobs``."""

    def close(self, timeout: float = 1.5) -> None:
        """Hand back what runs; see ``alaas.jobs.Jobs``."""


class Webhooks:
    """Tells the receivers of a configuration what happens in a store.

    The store's log is the queue: it says what happened, in order, from the very transaction of the change.
    One durable job a receiver reads on in it and delivers; the table of jobs sees to it that of all
    processes on the store one does so at a time, and another goes on when that one dies. So a receiver that
    is away holds up nobody and fills no queue.

    Args:
        settings: the receivers.
        store: what is told of.
        egress: the timeouts of deliveries.
        open_jobs: makes durable jobs on the store's table with these handlers and that many workers of their
            own.
        patience: how long to wait for what.
        rng: draws the jitter of pauses.
        on_outcome: called after each try.

    Raises:
        ConfigError: a receiver cannot be used.
    """

    def __init__(
        self,
        settings: Sequence[WebhookSettings],
        store: Store,
        egress: EgressSettings,
        open_jobs: Callable[[Mapping[str, Handler], int], Queue],
        *,
        patience: Patience | None = None,
        rng: np.random.Generator | None = None,
        on_outcome: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        self._store, self._egress, self._on_outcome = store, egress, on_outcome
        self._receivers = open_receivers(settings)
        self._patience = patience or Patience()
        self._rng = rng or np.random.default_rng()
        self._stop = threading.Event()
        self._gone: set[str] = set()
        self._jobs: Queue | None = None
        if self._receivers:
            self._jobs = open_jobs({KIND: self._serve}, len(self._receivers))
            self._keeper = threading.Thread(target=self._keep, name="alaas-webhooks", daemon=True)
            self._keeper.start()

    def emit(self, event: ProjectFinished | JobFinished) -> None:
        """Write down an event that no change of the store stands for. Never raises.

        Call it after the commit that it tells of. If the process dies in between, nobody is told; everything
        else that receivers hear of is in the log by the same commit. A job's end is written only if a
        receiver wants to know.
        """
        wanted = any(receiver.wants(event) for receiver in self._receivers.values())
        if not (wanted or isinstance(event, ProjectFinished)):
            return
        try:
            write_event(self._store, event)
        except AlaasError as error:
            _log.warning("the event %s could not be written down: %s", event.kind, error.message)

    def close(self, timeout: float = 1.5) -> None:
        """Stop delivering; another process, or the next start, goes on where this one stopped."""
        self._stop.set()
        if self._jobs is not None:
            self._jobs.close(timeout)
            self._keeper.join(timeout)

    def _serve(self, document: str, run: JobRun) -> str:
        """The handler: deliver to one receiver for as long as this process lives."""
        receiver = self._receivers.get(json.loads(document)["receiver"])
        if receiver is None or receiver.name in self._gone:
            return "{}"
        while True:
            courier = Courier(
                receiver,
                self._store,
                self._egress,
                patience=self._patience,
                rng=self._rng,
                on_outcome=self._on_outcome,
            )
            try:
                courier.carry(run.cancel)
            except StoreError as error:
                _log.warning("webhook %s waits for the store: %s", receiver.name, error.message)
                if run.cancel.wait(_AWAY):
                    raise CancelledError("the deliveries to this receiver stop") from error
            else:
                self._gone.add(receiver.name)
                return "{}"

    def _keep(self) -> None:
        """See to it that each receiver has a job, now and if somebody cancels it."""
        enrolled: set[str] = set()
        pause = 0.0
        while not self._stop.wait(pause):
            pause = _LOOK_AFTER
            for receiver in self._receivers.values():
                try:
                    if receiver.name not in enrolled:
                        self._enrol(receiver)
                        enrolled.add(receiver.name)
                    self._see_to(receiver)
                except AlaasError as error:
                    _log.warning("webhook %s has no job yet: %s", receiver.name, error.message)
                    pause = _AWAY

    def _enrol(self, receiver: Receiver) -> None:
        """A receiver that is new hears of what comes, not of what was."""
        horizon = before(self._store, self._store.now() - self._patience.whole)
        if last_standing(self._store, receiver.name, horizon) is None and not self._jobs_of(receiver):
            write_standing(self._store, receiver.name, before(self._store, math.inf))

    def _see_to(self, receiver: Receiver) -> None:
        busy = any(state in ("queued", "running") for state in self._jobs_of(receiver))
        if busy or receiver.name in self._gone or self._jobs is None:
            return
        request = json.dumps({"receiver": receiver.name})
        self._jobs.submit(KIND, request, group=_group(receiver), unique=True)

    def _jobs_of(self, receiver: Receiver) -> list[str]:
        return [row.state for row in self._store.jobs.recent(limit=5, group=_group(receiver))]


def _group(receiver: Receiver) -> str:
    return f"{KIND}:{receiver.name}"
