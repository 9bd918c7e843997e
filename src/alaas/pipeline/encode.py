"""Fourth stage: the model."""

from __future__ import annotations

from dataclasses import dataclass

from alaas.cores import available_cores
from alaas.encoders import Encoder
from alaas.errors import ModelError, ModelUnavailableError
from alaas.pipeline._record import Record


@dataclass(frozen=True, kw_only=True)
class Encode:
    """Runs the model over batches of like length; ``last`` when nothing is to be stored afterwards."""

    encoder: Encoder
    batch_size: int
    last: bool

    def calls(self) -> int:
        """How many at the same time keep the model busy on this machine."""
        return self.encoder.calls or available_cores()

    def __call__(self, records: list[Record]) -> None:
        """Encode a window of records: sorted by length, cut into batches."""
        self.encoder.load()  # a model that cannot be loaded stops the run instead of failing item by item
        length = self.encoder.modality.length
        ordered = sorted(records, key=lambda r: 0 if r.decoded is None else length(r.decoded))
        for start in range(0, len(ordered), self.batch_size):
            self._encode(ordered[start : start + self.batch_size])

    def _encode(self, batch: list[Record]) -> None:
        decoded = [record.decoded for record in batch if record.decoded is not None]
        try:
            rows = self.encoder.encode(decoded).rows(len(batch))
        except ModelUnavailableError:  # no item's fault: trying each by itself would only wait once more
            raise
        except ModelError as error:
            if len(batch) == 1:
                batch[0].fail(error)
                return
            for record in batch:  # find the one that the model cannot take
                self._encode([record])
            return
        for record, features in zip(batch, rows, strict=True):
            record.features, record.decoded = features, None
            record.finished = self.last
