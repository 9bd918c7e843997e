"""Carries events to one receiver, in order, until it is told to stop."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np

from alaas.config import EgressSettings
from alaas.egress import Egress
from alaas.errors import CancelledError, StoreError
from alaas.stores import LogEntry, Store
from alaas.webhooks._delivery import Answer, Outcome, post
from alaas.webhooks._log import before, event_of, last_standing, settled, write_standing
from alaas.webhooks._receivers import Receiver

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long is waited for what, in seconds.

    An answer may take ``answer``. The first further try comes after ``first``, each later one after twice as
    long, at most ``most``; an event of ``whole`` ago is given up. The log is looked at every ``look``, and
    how far the receiver is, is written down every ``write`` while there is much to deliver.
    """

    answer: float = 10.0
    first: float = 5.0
    most: float = 3600.0
    whole: float = 86400.0
    look: float = 0.5
    write: float = 5.0


class Courier:
    """Takes events from the store's log to one receiver. One thread calls it.

    The next event is not sent before the receiver has taken this one, or it is given up: that is the order. A
    receiver that is away costs one try an hour and one thread that sleeps.

    Args:
        receiver: whom to tell.
        store: whose log is read, and where it is written how far the receiver is.
        egress: the timeouts; of private addresses only the receiver's own is opened.
        patience: how long to wait for what.
        rng: draws the jitter of pauses.
        on_outcome: called after each try.
        tls: a context to verify certificates with.
    """

    def __init__(
        self,
        receiver: Receiver,
        store: Store,
        egress: EgressSettings,
        *,
        patience: Patience,
        rng: np.random.Generator,
        on_outcome: Callable[[Outcome], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._receiver, self._store, self._patience, self._rng = receiver, store, patience, rng
        self._settings = egress.model_copy(update={"allow": [receiver.opened], "timeout": patience.answer})
        self._on_outcome, self._tls = on_outcome, tls
        self._through = 0
        self._owed = False
        self._failures = 0
        self._asked_wait = 0.0

    def carry(self, cancel: threading.Event) -> None:
        """Deliver what there is and what comes; returns when the receiver says that it is gone.

        Raises:
            CancelledError: ``cancel`` was set.
            StoreError: the store is away.
        """
        horizon = before(self._store, self._store.now() - self._patience.whole)
        standing = last_standing(self._store, self._receiver.name, horizon)
        self._through = horizon if standing is None else standing
        with self._egress(cancel) as egress:
            try:
                while self._deliver(egress, cancel):
                    self._write()
                    cancel.wait(self._pause())
            finally:
                with suppress(StoreError):  # then some are delivered twice, under the same id
                    self._write()

    def _deliver(self, egress: Egress, cancel: threading.Event) -> bool:
        """Deliver what there is, up to the first failure; False once the receiver is gone."""
        written = time.monotonic()
        for entry in settled(self._store, self._through):
            answer = self._try(entry, egress)
            if cancel.is_set() and (answer is None or answer.outcome != "delivered"):
                raise CancelledError("the deliveries to this receiver stop")
            if answer is not None:
                self._on_outcome(answer.outcome)
                if answer.outcome in ("failed", "gone"):
                    return self._failed(answer)
                self._owed = True
                if answer.outcome == "delivered":
                    self._failures = 0
            self._through = entry.sequence
            if time.monotonic() - written > self._patience.write:
                self._write()
                written = time.monotonic()
        if cancel.is_set():
            raise CancelledError("the deliveries to this receiver stop")
        return True

    def _try(self, entry: LogEntry, egress: Egress) -> Answer | None:
        """Send what the entry stands for; None if the receiver does not want it."""
        event = event_of(entry, self._store)
        if event is None or not self._receiver.wants(event):
            return None
        delivery = f"evt_{entry.sequence}_{round(entry.at * 1000)}"
        if self._store.now() - entry.at > self._patience.whole:
            answer = Answer(outcome="expired", reason="it is too old and given up")
        else:
            answer = post(egress, self._receiver, event, delivery=delivery, at=entry.at)
        level = logging.DEBUG if answer.outcome == "delivered" else logging.WARNING
        shown = (self._receiver.name, answer.outcome, delivery, event.kind, answer.reason)
        _log.log(level, "webhook %s: %s: event %s (%s): %s", *shown)
        return answer

    def _failed(self, answer: Answer) -> bool:
        self._failures += 1
        self._asked_wait = answer.wait
        return answer.outcome == "failed"

    def _pause(self) -> float:
        """Seconds until the next look or, after a failure, until the next try."""
        if self._failures == 0:
            return self._patience.look
        growing = self._patience.first * 2.0 ** min(self._failures - 1, 32)
        jitter = float(self._rng.uniform(0.75, 1.25))
        return max(min(growing, self._patience.most) * jitter, self._asked_wait)

    def _write(self) -> None:
        """Write down how far the receiver is, if it was told something since."""
        if self._owed:
            write_standing(self._store, self._receiver.name, self._through)
            self._owed = False

    @contextmanager
    def _egress(self, cancel: threading.Event) -> Iterator[Egress]:
        """A way out that is broken off when ``cancel`` is set: an answer may take longer than a stop."""
        egress = Egress(self._settings, tls=self._tls)
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.1):
                if cancel.is_set():
                    egress.close()
                    return

        watcher = threading.Thread(target=watch, name="alaas-webhook-stop", daemon=True)
        watcher.start()
        try:
            yield egress
        finally:
            done.set()
            watcher.join()
            egress.close()
