"""The fastest engine of those on this machine, found by a short trial."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NoReturn, Self

from blake3 import blake3

from alaas.config import EngineSettings
from alaas.cores import available_cores
from alaas.engines._base import Availability, Batch, Engine, EngineInfo, Example, LoadedModel, ModelHeader
from alaas.engines._candidates import Candidate, Contestant, candidates, contestants
from alaas.engines._onnx_format import read_onnx_header
from alaas.engines._trial import Outcome, race
from alaas.engines._trial_records import TrialRecord, alone, keep, kept
from alaas.errors import ModelError
from alaas.processor import processor
from alaas.version import __version__

_CALLS_A_DEVICE = 2
"""On a GPU: while one batch is computed, the next is on its way."""

_CLOSE = 0.95
"""Who reaches this share of the fastest is as good: the best liked of them wins, so that two trials agree."""


class Auto(Engine):
    """Tries the engines that run ONNX files and gives way to the fastest.

    It compares at the precision that is set and at those in ``allow``, at no other. What it finds is kept
    for this machine, model, batch size and these versions of the engines.

    Args:
        settings: ``precision``, ``allow`` and ``devices`` bound the choice.
        threads: threads inside one call.
    """

    name: ClassVar[str] = "auto"

    def __init__(self, settings: EngineSettings, *, threads: int = 1) -> None:
        self.settings = settings
        self.threads = threads

    @classmethod
    def available(cls) -> Availability:
        return Availability(version=__version__, devices=(), precisions=())

    @classmethod
    def open(cls, settings: EngineSettings, *, threads: int) -> Self:
        return cls(settings, threads=threads)

    @property
    def info(self) -> EngineInfo:
        """What was asked for. What runs a model is only known of the engine that ``settled`` gives."""
        return EngineInfo(
            name=self.name,
            version=__version__,
            precision="|".join([self.settings.precision, *self.settings.allow]),
            device="|".join(self.settings.devices),
        )

    @property
    def calls(self) -> int | None:
        elsewhere = sum(not device.startswith("cpu") for device in self.settings.devices)
        return max(_CALLS_A_DEVICE * elsewhere, available_cores()) if elsewhere else None

    def settled(self, path: Path, example: Example) -> Engine:
        """The fastest engine for the file at ``path``, from a trial of about a second or one kept before.

        Raises:
            ModelError: no engine runs it; the message says of each why not.
        """
        from alaas.engines import registry

        header = read_onnx_header(path)
        rivals, refused = contestants(registry)
        tried = tuple(candidates(rivals, self.settings, header.precision))
        if len(tried) == 1:
            return tried[0].open(self.settings, threads=self.threads).settled(path, example)
        batch = example()
        key = self._key(path, header, batch, rivals, tried)
        with alone(key):
            chosen = _kept_choice(key, tried)
            if chosen is None:
                outcomes = race(
                    tried,
                    settings=self.settings,
                    threads=self.threads,
                    callers=self.calls or available_cores(),
                    path=path,
                    example=lambda: batch,
                )
                chosen = _fastest(tried, outcomes) or _refuse(path, outcomes, refused)
                keep(key, self._record(path, batch, chosen, outcomes))
        return chosen.open(self.settings, threads=self.threads).settled(path, example)

    def load(self, path: Path) -> LoadedModel:
        """Refuse: without a batch to try, nobody is the fastest.

        Raises:
            ModelError: always; ``settled`` gives the engine that loads it.
        """
        raise ModelError(
            f"the engine auto cannot load {path} before it has chosen: ask settled(path, example) for the "
            "engine that does"
        )

    def _key(
        self,
        path: Path,
        header: ModelHeader,
        batch: Batch,
        rivals: Sequence[Contestant],
        tried: Sequence[Candidate],
    ) -> str:
        """Names all that could change who is the fastest, a quantised file that is made later included."""
        read = [candidate.reads(self.settings, path, threads=self.threads) for candidate in tried]
        files = [path, *(path.parent / location for location in header.external)]
        digest = blake3()
        for file in dict.fromkeys([*files, *(file for file in read if file is not None)]):
            if file.is_file():
                digest.update_mmap(file)
        for part in (
            processor(),
            available_cores(),
            self.settings.precision,
            self.settings.allow,
            self.settings.devices,
            sorted(self.settings.options.items()),
            self.threads,
            [(rival.name, rival.availability) for rival in rivals],
            sorted((name, str(array.dtype), array.shape) for name, array in batch.items()),
        ):
            digest.update(f"\n{part!r}".encode())
        return digest.hexdigest(16)

    def _record(
        self, path: Path, batch: Batch, chosen: Candidate, outcomes: tuple[Outcome, ...]
    ) -> TrialRecord:
        return TrialRecord(
            model=str(path),
            batch=len(next(iter(batch.values()))),
            threads=self.threads,
            processor=processor().model,
            at=datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
            engine=chosen.engine,
            precision=chosen.precision,
            outcomes=outcomes,
        )


def _kept_choice(key: str, tried: Sequence[Candidate]) -> Candidate | None:
    record = kept(key)
    if record is None:
        return None
    named = (record.engine, record.precision)
    return next((candidate for candidate in tried if (candidate.engine, candidate.precision) == named), None)


def _fastest(tried: Sequence[Candidate], outcomes: Sequence[Outcome]) -> Candidate | None:
    """The best liked of those that are as fast as the fastest; None if nobody ran."""
    rates = [outcome.items_per_second or 0.0 for outcome in outcomes]
    best = max(rates, default=0.0)
    ranked = zip(tried, rates, strict=True)
    return next((candidate for candidate, rate in ranked if rate > 0 and rate >= _CLOSE * best), None)


def _refuse(path: Path, outcomes: Sequence[Outcome], refused: dict[str, str]) -> NoReturn:
    tried = [f"{outcome.engine} ({outcome.precision}): {outcome.reason}" for outcome in outcomes]
    reasons = "; ".join([*tried, *(f"{name}: {reason}" for name, reason in refused.items())])
    raise ModelError(
        f"no engine on this machine runs {path.name} as configured. {reasons or 'None is installed.'}"
    )
