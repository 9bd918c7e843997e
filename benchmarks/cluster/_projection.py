"""From what one item costs to what 10 million and a billion would: arithmetic, with its assumptions."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks._markdown import markdown_table


@dataclass(frozen=True, kw_only=True)
class PerItem:
    """What one item costs, measured.

    Attributes:
        source_bytes: bytes fetched.
        feature_bytes: bytes of its features, in the cache and in the pool.
        fetch_seconds: of one core, to fetch and hash it.
        decode_seconds: of one core.
        encode_seconds: of one core, the model in the given precision.
        driver_seconds: of the driver's core, to hand it out and take it back.
        select_seconds: of one core, by the strategy in the first round over its shard.
    """

    source_bytes: float
    feature_bytes: float
    fetch_seconds: float
    decode_seconds: float
    encode_seconds: float
    driver_seconds: float
    select_seconds: float


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Prices in dollars and what was not measured here; put in your own.

    Attributes:
        core_hour: one core for an hour.
        gpu_hour: one GPU for an hour.
        gpu_items: items a second that a GPU encodes.
        gigabyte_month: a gigabyte in a bucket for a month.
        thousand_gets: a thousand objects asked of a bucket.
        cores: of the cluster.
        gpus: of the cluster, where it has any.
    """

    core_hour: float = 0.04
    gpu_hour: float = 1.0
    gpu_items: float = 2500.0
    gigabyte_month: float = 0.023
    thousand_gets: float = 0.0004
    cores: int = 64
    gpus: int = 8


SIZES = (10_000_000, 1_000_000_000)


def projection(cost: PerItem, assumed: Assumptions, sizes: tuple[int, ...] = SIZES) -> str:
    """A table of Markdown, one column a size; each row's first cell says how it was reckoned."""
    rows: list[tuple[str, list[str]]] = [
        (f"bytes fetched: n × {cost.source_bytes:,.0f}", [_bytes(n * cost.source_bytes) for n in sizes]),
        (f"features kept: n × {cost.feature_bytes:,.0f}", [_bytes(n * cost.feature_bytes) for n in sizes]),
    ]
    loading = cost.fetch_seconds + cost.decode_seconds
    work = loading + cost.encode_seconds + cost.select_seconds
    rows += [
        (f"core-seconds to fetch and decode: n × {loading:.2e}", [f"{n * loading:,.0f}" for n in sizes]),
        (f"core-seconds to encode: n × {cost.encode_seconds:.2e}", _counts(sizes, cost.encode_seconds)),
        (f"core-seconds to choose: n × {cost.select_seconds:.2e}", _counts(sizes, cost.select_seconds)),
        (f"driver's core-seconds: n × {cost.driver_seconds:.2e}", _counts(sizes, cost.driver_seconds)),
        (
            f"hours on {assumed.cores} cores: the larger of work ÷ {assumed.cores} and driver",
            [_hours(max(n * work / assumed.cores, n * cost.driver_seconds)) for n in sizes],
        ),
        (f"dollars for cores, at {assumed.core_hour:g} an hour", _money(sizes, work, assumed.core_hour)),
    ]
    gpu, rest = 1 / assumed.gpu_items, loading + cost.select_seconds
    rows += [
        (f"GPU-seconds to encode: n ÷ {assumed.gpu_items:,.0f}", _counts(sizes, gpu)),
        (
            f"hours on {assumed.cores} cores and {assumed.gpus} GPUs: the largest of the three",
            [
                _hours(max(n * rest / assumed.cores, n * gpu / assumed.gpus, n * cost.driver_seconds))
                for n in sizes
            ],
        ),
        (
            f"dollars for cores and GPUs, these at {assumed.gpu_hour:g} an hour",
            [f"{n * (rest * assumed.core_hour + gpu * assumed.gpu_hour) / 3600:,.0f}" for n in sizes],
        ),
        (
            f"dollars to ask a bucket, at {assumed.thousand_gets:g} a thousand",
            [f"{n / 1000 * assumed.thousand_gets:,.0f}" for n in sizes],
        ),
        (
            f"dollars a month to keep features, at {assumed.gigabyte_month:g} a GB",
            [f"{n * cost.feature_bytes / 1e9 * assumed.gigabyte_month:,.0f}" for n in sizes],
        ),
    ]
    return markdown_table(["", *(f"{n:,} items" for n in sizes)], [[name, *cells] for name, cells in rows])


def _counts(sizes: tuple[int, ...], each: float) -> list[str]:
    return [f"{n * each:,.0f}" for n in sizes]


def _money(sizes: tuple[int, ...], seconds: float, hourly: float) -> list[str]:
    return [f"{n * seconds / 3600 * hourly:,.0f}" for n in sizes]


def _bytes(count: float) -> str:
    return f"{count / 1e12:,.2f} TB" if count >= 1e12 else f"{count / 1e9:,.0f} GB"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:,.1f}"
