"""What a comparison says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One engine at one precision.

    Attributes:
        engine: its name.
        precision: what it computes in, as the loaded model says.
        runs: engine, version, precision and device, as they enter the cache key.
        encode_rate: items a second of the model alone, from decoded items in memory, calls side by side.
        job_rate: items a second of the whole job: fetch, decode, encode, select; nothing from the cache.
        overlap: share of the reference's picks that it picks too.
        mean_difference: of its embeddings from the reference's, as a share of their length, over the sample.
        max_difference: the same for the item whose embedding differs most.
    """

    engine: str
    precision: str
    runs: str
    encode_rate: float
    job_rate: float
    overlap: float
    mean_difference: float
    max_difference: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """An engine at a precision that cannot be compared, and why."""

    engine: str
    precision: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Engines and precisions on the same items; ``rows[0]`` is the reference.

    ``sample`` items measured ``encode_rate`` and the differences, all ``items`` the rest.
    """

    model: str
    source: str
    items: int
    sample: int
    budget: int
    strategy: str
    repeats: int
    rows: tuple[Compared, ...]
    left_out: tuple[LeftOut, ...] = ()
