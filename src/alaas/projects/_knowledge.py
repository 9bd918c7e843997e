"""What a project's learner knows, read from the store when it has learned something new."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from blake3 import blake3

from alaas.encoders import Encoder
from alaas.errors import LearnerError
from alaas.learners import Fitted, Learner
from alaas.projects._rounds import fingerprint_of
from alaas.stores import RoundRow, Store

_log = logging.getLogger("alaas.projects")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A round and its fitted learner; ``digest`` is the hexadecimal blake3 of what the store keeps of it."""

    row: RoundRow
    fitted: Fitted
    digest: str


class Knowledge:
    """The newest fitted learner; any process's retraining shows at the next look."""

    def __init__(self, project: str, store: Store, learner: Learner) -> None:
        self._project, self._store, self._learner = project, store, learner
        self._known: Known | None = None
        self._unreadable: int | None = None
        self._lock = threading.Lock()

    @property
    def of_items(self) -> bool:
        """Whether the learner learns from the items themselves."""
        return self._learner.wants == "items"

    def newest(self, encoder: Encoder) -> RoundRow | None:
        """The newest round with a learner, if it was taught what ``encoder`` makes of the items."""
        row = self._store.last_round(self._project, fitted=True)
        if row is None or row.number == self._unreadable:
            return None
        return row if fingerprint_of(row) == taught_on(self._learner, encoder) else None

    def latest(self, encoder: Encoder) -> Known | None:
        """The learner of ``newest``; None before the first, and where it cannot be read any more.

        After the configuration names another learner, or its code has changed, the next retraining begins
        anew instead of failing over what is kept.
        """
        row = self.newest(encoder)
        if row is None:
            return None
        try:
            return self.of(row)
        except LearnerError as error:
            _log.warning(
                "round %d of project %s is passed over: %s", row.number, self._project, error.message
            )
            self._unreadable = row.number
            return None

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
        known = Known(row=row, fitted=self._learner.restore(data), digest=blake3(data).hexdigest())
        with self._lock:
            if self._known is None or self._known.row.number <= row.number:
                self._known = known
        return known


def taught_on(learner: Learner, encoder: Encoder) -> str:
    """What a learner is taught with, in one line: an encoder's features, or items as its modality has them.

    A round that was taught with something else says nothing of these.
    """
    return f"items | {encoder.modality.fingerprint}" if learner.wants == "items" else encoder.fingerprint
