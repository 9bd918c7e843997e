"""What a project's learner knows, read from the store when it has learned something new."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from alaas.learners import Fitted, Learner
from alaas.projects._rounds import fingerprint_of
from alaas.stores import RoundRow, Store


@dataclass(frozen=True, kw_only=True)
class Known:
    """A round and its fitted learner."""

    row: RoundRow
    fitted: Fitted


class Knowledge:
    """The newest fitted learner; any process's retraining shows at the next look."""

    def __init__(self, project: str, store: Store, learner: Learner) -> None:
        self._project, self._store, self._learner = project, store, learner
        self._known: Known | None = None
        self._lock = threading.Lock()

    def latest(self, fingerprint: str | None = None) -> Known | None:
        """The newest that was fitted on features of the encoder ``fingerprint``; None before the first."""
        row = self._store.last_round(self._project, fitted=True)
        if row is None or (fingerprint is not None and fingerprint_of(row) != fingerprint):
            return None
        return self.of(row)

    def of(self, row: RoundRow) -> Known:
        """The fitted learner of a round.

        Raises:
            RoundNotFoundError: it has none.
            LearnerError: it cannot be read.
        """
        with self._lock:
            if self._known is not None and self._known.row.number == row.number:
                return self._known
        data = self._store.model(self._project, row.number)
        known = Known(row=row, fitted=self._learner.restore(data))
        with self._lock:
            if self._known is None or self._known.row.number <= row.number:
                self._known = known
        return known
