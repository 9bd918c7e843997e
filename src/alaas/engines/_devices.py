"""What a model runs on: ``cpu``, ``cpu:0-3`` for these cores alone, ``cuda:0`` and others by number."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from alaas.errors import ConfigError

_WRITTEN = re.compile(r"([a-z]+)(?::(\d+)(?:-(\d+))?)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One entry of ``engine.devices``: a processor, perhaps ``cores`` of it, or another by ``number``."""

    kind: str
    number: int = 0
    cores: tuple[int, ...] = ()

    def __str__(self) -> str:
        if self.cores:
            first, last = self.cores[0], self.cores[-1]
            return f"{self.kind}:{first}" if first == last else f"{self.kind}:{first}-{last}"
        return self.kind if self.kind == "cpu" else f"{self.kind}:{self.number}"


def read_devices(engine: str, written: Sequence[str], kinds: Collection[str]) -> tuple[Device, ...]:
    """The devices that a configuration names.

    Args:
        engine: for messages.
        written: as ``engine.devices`` has them.
        kinds: what the engine runs on.

    Raises:
        ConfigError: one is not a device, not of this engine or not of this machine, or they are of different
            kinds: their numbers would differ, so that a feature would depend on who was free.
    """
    if not written:
        raise ConfigError("model.engine.devices is empty; name a device, such as cpu")
    devices = tuple(_read(engine, text, kinds) for text in written)
    mixed = sorted({device.kind for device in devices})
    if len(mixed) > 1:
        raise ConfigError(
            f"model.engine.devices mixes {' and '.join(mixed)}, which do not give the same numbers; name one "
            "kind"
        )
    return devices


@contextmanager
def bound(cores: Sequence[int]) -> Iterator[None]:
    """Run the calling thread, and the threads it makes, on these cores; none named: as it is."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _read(engine: str, text: str, kinds: Collection[str]) -> Device:
    found = _WRITTEN.fullmatch(text.strip().lower())
    if found is None or found[1] not in kinds or (found[3] and found[1] != "cpu"):
        forms = ", ".join("cpu, cpu:0-3" if kind == "cpu" else f"{kind}:0" for kind in sorted(kinds))
        raise ConfigError(
            f"model.engine.devices names {text!r}, which {engine} does not know; expected {forms}"
        )
    kind, first = found[1], found[2]
    if kind != "cpu":
        return Device(kind=kind, number=int(first or 0))
    if first is None:
        return Device(kind=kind)
    cores = tuple(range(int(first), int(found[3] or first) + 1))
    _check_cores(text, cores)
    return Device(kind=kind, cores=cores)


def _check_cores(text: str, cores: tuple[int, ...]) -> None:
    if not hasattr(os, "sched_setaffinity"):
        raise ConfigError(
            f"model.engine.devices names {text!r}, but this system cannot bind threads; write cpu"
        )
    ours = os.sched_getaffinity(0)
    if not cores or not ours.issuperset(cores):
        raise ConfigError(
            f"model.engine.devices names {text!r}, but this process may use the cores "
            f"{', '.join(map(str, sorted(ours)))}"
        )
