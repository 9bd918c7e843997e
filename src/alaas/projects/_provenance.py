"""What is written down of every choice, so that it can be explained and made again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from alaas.projects._words import Reason
from alaas.types import JSON


@dataclass(frozen=True, kw_only=True)
class BatchProvenance:
    """The provenance of one batch.

    ``strategy`` and ``parameters`` are the configuration's, ``used`` is what really chose. ``wanted`` items
    were left to it after pins and second opinions. ``pool_fingerprint`` is blake3 over the candidates.
    ``reasons`` has one entry a pick. ``round`` is that of the learner, None without one.
    """

    strategy: str
    parameters: dict[str, JSON]
    used: str
    budget: int
    wanted: int
    seed: int
    ordinal: int
    audit: float
    task: str
    round: int | None
    model: str | None
    encoder_fingerprint: str
    pool_fingerprint: str
    config_fingerprint: str
    version: str
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...] = ()

    def document(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, document: str) -> BatchProvenance:
        """From JSON."""
        said = json.loads(document)
        said["reasons"], said["notes"] = tuple(said["reasons"]), tuple(said["notes"])
        return cls(**said)
