"""Which engines and precisions a trial compares, and in which order it prefers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from alaas.config import EngineSettings
from alaas.engines._base import Availability, Engine, RemoteEngine
from alaas.errors import AlaasError
from alaas.registry import Registry

DEFAULT = "onnxruntime"
"""The engine that wins when nobody is clearly faster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contestant:
    """An engine that can be used here."""

    name: str
    kind: type[Engine]
    availability: Availability


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An engine at a precision. ``precision`` is what it is asked for, ``computes`` what that must mean."""

    kind: type[Engine]
    engine: str
    precision: str
    computes: str

    def open(self, settings: EngineSettings, *, threads: int) -> Engine:
        """The engine, with everything else as ``auto`` was configured."""
        own = settings.model_copy(update={"name": self.engine, "precision": self.precision, "allow": []})
        return self.kind.open(own, threads=threads)

    def reads(self, settings: EngineSettings, path: Path, *, threads: int) -> Path | None:
        """The file that it would read for the model at ``path``; None if it cannot be used for it."""
        try:
            return self.open(settings, threads=threads).variant(path)
        except AlaasError:
            return None


def contestants(registry: Registry[Engine]) -> tuple[tuple[Contestant, ...], dict[str, str]]:
    """The engines on this machine that run ONNX files, the default one first; of the others, why not."""
    found, refused = [], {}
    for name in sorted(registry.names(), key=lambda name: (name != DEFAULT, name)):
        try:
            kind = registry.get(name)
            if issubclass(kind, RemoteEngine) or not kind.runs_onnx:
                continue
            availability = kind.available()
        except Exception as error:  # noqa: BLE001  (a plug-in that is broken must not take the others with it)
            refused[name] = f"{type(error).__name__}: {error}"
            continue
        if availability.missing is not None:
            refused[name] = availability.missing
        else:
            found.append(Contestant(name=name, kind=kind, availability=availability))
    return tuple(found), refused


def candidates(
    contestants: Sequence[Contestant], settings: EngineSettings, stored: str
) -> Iterator[Candidate]:
    """What to try, best liked first: the precision that is set on every engine, then those allowed.

    Args:
        contestants: the engines, in the order of liking.
        settings: of ``auto``.
        stored: what the model's weights are stored in.
    """
    tried = set()
    for precision in (settings.precision, *settings.allow):
        computes = stored if precision == "stored" else precision
        for contestant in contestants:
            offered = contestant.availability.precisions
            asked = precision if precision in offered else computes
            if asked in offered and (contestant.name, computes) not in tried:
                tried.add((contestant.name, computes))
                yield Candidate(
                    kind=contestant.kind, engine=contestant.name, precision=asked, computes=computes
                )
