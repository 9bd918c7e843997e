"""What was measured, and what must hold of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from benchmarks._machine import Machine
from benchmarks._worker import Message
from benchmarks.zoo._arrays import Shape
from benchmarks.zoo._plan import MADE_FOR_SCALE, SCORES, Task

OURS = "ours"
_SMALL, _WIDE, _LARGE = (50_000, 512), (200_000, 256), (1_000_000, 512)
GIGABYTE = 1_000_000_000
_BRIEF = 0.005
"""Seconds of another package's call below which the interpreter's overhead is measured, not the work."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One package's answer to one task: seconds, bytes on top of the arrays, bytes resident at most.

    ``work`` is what the machine could have done in that time: operations of sgemm, or bytes read.
    ``agreement`` is the share of our picks that are also among these.
    """

    task: Task
    package: str
    seconds: float
    extra: int
    most: int
    work: float = 0.0
    agreement: float | None = None

    @property
    def question(self) -> tuple[object, ...]:
        """What was asked of whom; the same in every run."""
        return self.task.section, self.task.strategy, self.task.shape, self.task.budget, self.package


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One thing that must hold; ``holds`` is None where this run did not measure it."""

    name: str
    target: str
    shown: str
    holds: bool | None


@dataclass(frozen=True, kw_only=True)
class Results:
    """A whole run."""

    machine: Machine
    date: str
    command: str
    measurements: tuple[Measurement, ...]
    skipped: tuple[str, ...]
    kept: tuple[str, ...] = ()
    """Which rows come from an earlier run, and from which."""

    def of(self, section: str, package: str | None = OURS) -> list[Measurement]:
        """The measurements of one section by one package, or by all."""
        return [m for m in self.measurements if m.task.section == section and package in (None, m.package)]

    def find(self, strategy: str, size: tuple[int, int], package: str = OURS) -> Measurement | None:
        """A kernel's measurement at a size."""
        for m in self.of("kernels", package):
            if m.task.strategy == strategy and (m.task.shape.items, m.task.shape.dimensions) == size:
                return m
        return None

    def as_json(self) -> Message:
        """For a file."""
        return asdict(self)

    @staticmethod
    def from_json(kept: Message) -> Results:
        """From such a file."""
        measurements = tuple(
            Measurement(**{**one, "task": _task(one["task"])}) for one in kept["measurements"]
        )
        known = {**kept, "measurements": measurements, "machine": Machine(**kept["machine"])}
        return Results(**{name: tuple(v) if isinstance(v, list) else v for name, v in known.items()})

    def with_rows_of(self, earlier: Results) -> Results:
        """Take over what this run did not measure."""
        mine = {m.question for m in self.measurements}
        taken = tuple(m for m in earlier.measurements if m.question not in mine)
        sections = ", ".join(dict.fromkeys(m.task.section for m in taken))
        line = f"rows of {sections}: kept from {earlier.date}, commit {earlier.machine.commit}"
        return replace(self, measurements=self.measurements + taken, kept=(line,) if taken else ())


def _task(kept: Message) -> Task:
    return Task(**{**kept, "shape": Shape(**kept["shape"]), "beside": tuple(kept["beside"])})


def merit(measurement: Measurement) -> float:
    """The operations that plain greedy needs, as a share of what the machine does in that time.

    2·n·B·D for k_center; the factored distances of badge take D + C.
    """
    task = measurement.task
    width = task.shape.dimensions + (task.shape.classes if task.strategy == "badge" else 0)
    return 2.0 * task.shape.items * task.budget * width / measurement.work


def bandwidth_share(measurement: Measurement) -> float:
    """The bytes of the probabilities, read once, as a share of what memory gives in that time."""
    shape = measurement.task.shape
    return 4.0 * shape.items * shape.classes / measurement.work


def requirements(results: Results) -> list[Requirement]:
    """Everything that must hold."""
    found = [
        _merit(results, "k_center", _WIDE, 0.6, "k_center 200k × 256, B = 2,000: figure of merit"),
        _merit(results, "k_center", _LARGE, 0.6, "k_center 1M × 512, B = 1,000: figure of merit"),
        _merit(results, "badge", _WIDE, 0.5, "badge 200k × 256, C = 100, B = 1,000: figure of merit"),
        _identical(results),
        _faster(results, "k_center", "mundig", 12.0, "k_center against lightly-mundig, 50k × 512, B = 1,000"),
        _faster(results, "badge", "repository", 20.0, "badge against its authors' way, 50k × 512, B = 1,000"),
    ]
    found += [_score(results, name) for name in SCORES]
    found += [_seconds(results), _extra(results), _resident(results), _fastest(results)]
    return found


def _merit(results: Results, strategy: str, size: tuple[int, int], bound: float, name: str) -> Requirement:
    measurement = results.find(strategy, size)
    if measurement is None:
        return _unmeasured(name, f"≥ {bound:g}")
    value = merit(measurement)
    return Requirement(name=name, target=f"≥ {bound:g}", shown=f"{value:.2f}", holds=value >= bound)


def _identical(results: Results) -> Requirement:
    name, target = "k_center picks what plain greedy picks, 50k and 200k", "100 %"
    shares = [m.agreement for size in (_SMALL, _WIDE) if (m := results.find("k_center", size, "plain"))]
    if not shares:
        return _unmeasured(name, target)
    least = min(share or 0.0 for share in shares)
    return Requirement(name=name, target=target, shown=f"{least:.1%}", holds=least == 1.0)


def _faster(results: Results, strategy: str, package: str, bound: float, name: str) -> Requirement:
    ours, theirs = results.find(strategy, _SMALL), results.find(strategy, _SMALL, package)
    if ours is None or theirs is None:
        return _unmeasured(name, f"≥ {bound:g} ×")
    value = theirs.seconds / ours.seconds
    return Requirement(name=name, target=f"≥ {bound:g} ×", shown=f"{value:.1f} ×", holds=value >= bound)


def _score(results: Results, strategy: str) -> Requirement:
    name = f"{strategy}, 1M × 100: share of the memory's bandwidth"
    for measurement in results.of("scores"):
        if measurement.task.strategy == strategy:
            value = bandwidth_share(measurement)
            return Requirement(name=name, target="≥ 0.5", shown=f"{value:.2f}", holds=value >= 0.5)
    return _unmeasured(name, "≥ 0.5")


def _seconds(results: Results) -> Requirement:
    name, target = "every strategy, 1,000 of 100k × 384, C = 20: the slowest", "≤ 60 s"
    return _worst(results.of("all"), name, target, lambda m: m.seconds, 60.0, "{:.1f} s")


def _extra(results: Results) -> Requirement:
    name, target = "every strategy, 1,000 of 100k × 384, C = 20: most memory on top", "≤ 1 GB"
    return _worst(results.of("all"), name, target, lambda m: m.extra / GIGABYTE, 1.0, "{:.2f} GB")


def _resident(results: Results) -> Requirement:
    name = f"{len(MADE_FOR_SCALE)} strategies, 1M × 384 float16 in files: most resident memory"
    return _worst(results.of("scale"), name, "≤ 3 GB", lambda m: m.most / GIGABYTE, 3.0, "{:.2f} GB")


def _fastest(results: Results) -> Requirement:
    name, target = "no other package is faster, in what takes it 5 ms or more", "≥ 1 ×"
    ratios = []
    for section in ("scores", "kernels", "beside"):
        for theirs in results.of(section, None):
            ours = [m for m in results.of(section) if m.task == theirs.task]
            if theirs.package != OURS and ours and theirs.seconds >= _BRIEF:
                ratios.append((theirs.seconds / ours[0].seconds, theirs))
    if not ratios:
        return _unmeasured(name, target)
    least, closest = min(ratios, key=lambda pair: pair[0])
    shown = f"{least:.1f} × ({closest.package}, {closest.task.strategy})"
    return Requirement(name=name, target=target, shown=shown, holds=least >= 1.0)


def _worst(
    measurements: Sequence[Measurement], name: str, target: str, of, bound: float, form: str
) -> Requirement:
    if not measurements:
        return _unmeasured(name, target)
    worst = max(measurements, key=of)
    shown = f"{form.format(of(worst))} ({worst.task.strategy})"
    return Requirement(name=name, target=target, shown=shown, holds=of(worst) <= bound)


def _unmeasured(name: str, target: str) -> Requirement:
    return Requirement(name=name, target=target, shown="not measured", holds=None)
