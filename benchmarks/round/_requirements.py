"""What must hold, as ratios within one run."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.round._results import Results, ratio

COLD, WARM = "ours, library, cold", "ours, library, warm"
COLD_HTTP, WARM_HTTP = "ours, HTTP, cold", "ours, HTTP, warm"
LIMIT = "limit: decoder alone + engine alone"
ORIGINAL = "original ALaaS 0.2.1, HTTP"
GIGABYTE = 1_000_000_000
_POOLS = (10_000, 40_000)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One ratio and its bound; ``measured`` is None where this run did not measure it."""

    name: str
    target: str
    measured: float | None
    holds: bool | None
    shown: str


def requirements(results: Results) -> tuple[Requirement, ...]:
    """Every requirement, those that this run did not measure included."""
    ratios = (
        ("ours cold / the limit, images/s, local files", LIMIT, "file", COLD, "file", 0.9),
        ("ours cold with 50 ms an object / with 0 ms, images/s", COLD, "http0", COLD, "http50", 0.9),
        (
            "ours cold / the original's server, images/s, both over HTTP",
            ORIGINAL,
            "file",
            COLD_HTTP,
            "file",
            10.0,
        ),
        ("ours warm / ours cold, images/s, in process", COLD, "file", WARM, "file", 40.0),
        ("ours warm / ours cold, images/s, over HTTP", COLD_HTTP, "file", WARM_HTTP, "file", 40.0),
    )
    speeds = tuple(
        _at_least(name, _speedup(results, (base, base_place), (row, place)), bound)
        for name, base, base_place, row, place, bound in ratios
    )
    return (*speeds, *_memory(results))


def _speedup(results: Results, base: tuple[str, str], row: tuple[str, str]) -> float | None:
    slow, fast = results.find(*base), results.find(*row)
    if slow is None or fast is None:
        return None
    return ratio(slow.turns, fast.turns)


def _at_least(name: str, measured: float | None, bound: float) -> Requirement:
    return Requirement(
        name=name,
        target=f"≥ {bound:g}",
        measured=measured,
        holds=None if measured is None else measured >= bound,
        shown="not measured" if measured is None else f"{measured:.2f}",
    )


def _memory(results: Results) -> tuple[Requirement, ...]:
    peaks = {footprint.items: footprint.peak for footprint in results.footprints}
    small, large = (peaks.get(items) for items in _POOLS)
    growth = None if small is None or large is None else large / small - 1
    return (
        Requirement(
            name="peak memory, 40,000 images",
            target="≤ 1 GB",
            measured=large,
            holds=None if large is None else large <= GIGABYTE,
            shown="not measured" if large is None else f"{large / GIGABYTE:.2f} GB",
        ),
        Requirement(
            name="peak memory, 40,000 images against 10,000",
            target="≤ 10 % more",
            measured=growth,
            holds=None if growth is None else growth <= 0.1,
            shown="not measured" if growth is None else f"{growth:+.1%}",
        ),
    )
