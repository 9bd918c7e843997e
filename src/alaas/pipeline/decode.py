"""Third stage: from bytes to what the model takes."""

from __future__ import annotations

from dataclasses import dataclass

from alaas.errors import ItemError
from alaas.modalities import Modality
from alaas.pipeline._record import Record
from alaas.pipeline.fetch import Fetch


@dataclass(frozen=True, kw_only=True)
class Decode:
    """Decodes each record; ``last`` when only the check was wanted and no model follows."""

    modality: Modality
    fetch: Fetch
    last: bool

    def __call__(self, records: list[Record]) -> None:
        """Decode a few records."""
        for record in records:
            # The digest of an unchanged file was known, but its features had been evicted: read it now.
            self.fetch.read(record)
            if record.content is None:
                continue
            try:
                if self.last:
                    self.modality.check(record.content)
                else:
                    record.decoded = self.modality.decode(record.content)
            except ItemError as error:
                record.fail(error)
                continue
            record.content, record.finished = None, self.last
