"""Who is compared: every engine at every precision that is here and asked for, loaded and ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alaas import engines
from alaas.comparing._words import LeftOut
from alaas.config import ModelSettings
from alaas.encoders import Encoder
from alaas.engines import RemoteEngine
from alaas.errors import AlaasError
from alaas.selecting import Selector
from alaas.types import ModalityName

_ORDER = ("stored", "fp32", "fp16", "bf16", "int8")
_FIRST = "onnxruntime"


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A model on one engine at one precision."""

    engine: str
    precision: str
    model: ModelSettings
    encoder: Encoder


def contenders(
    selector: Selector,
    model: ModelSettings,
    modality: ModalityName | None,
    *,
    named: Sequence[str] | None,
    precisions: Sequence[str] | None,
) -> tuple[list[Contender], list[LeftOut]]:
    """Load each; one that does the same as another (``stored`` and ``fp32`` of one engine) comes once.

    Returns:
        Those that can run, the reference first: what the default engine makes of the file as it is, or else
        the first at fp32. And those that cannot.
    """
    ready: dict[tuple[str, str], Contender] = {}
    left_out: list[LeftOut] = []
    for engine, precision in _wanted(model, named, precisions, left_out):
        own = model.engine.model_copy(update={"name": engine, "precision": precision, "allow": []})
        settings = model.model_copy(update={"engine": own})
        try:
            encoder = selector.encoder(settings, modality)
            encoder.load()
        except AlaasError as error:
            left_out.append(LeftOut(engine=engine, precision=precision, reason=error.message))
            continue
        computes = encoder.precision or precision
        ready.setdefault(
            (engine, computes), Contender(engine=engine, precision=computes, model=settings, encoder=encoder)
        )
    found = list(ready.values())
    found.sort(key=lambda c: (c.precision != "fp32", c.engine != _FIRST))  # stable: the rest as they came
    return found, left_out


def _wanted(
    model: ModelSettings,
    named: Sequence[str] | None,
    precisions: Sequence[str] | None,
    left_out: list[LeftOut],
) -> Iterator[tuple[str, str]]:
    first = True
    known = sorted(engines.registry.names(), key=lambda name: (name != _FIRST, name))
    for name in known if named is None else named:
        kind = engines.registry.get(name)
        remote = issubclass(kind, RemoteEngine)
        if named is None and (name == "auto" or (remote and name != model.engine.name)):
            continue
        availability = kind.available()
        served = remote and model.engine.url is not None
        if availability.missing is not None and not served:
            left_out.append(LeftOut(engine=name, precision="–", reason=availability.missing))
            continue
        offered = [precision for precision in _ORDER if precision in availability.precisions] or ["stored"]
        asked = offered if precisions is None else [each for each in offered if each in precisions]
        if first or "fp32" in (precisions or ()):
            asked = list(
                dict.fromkeys([offered[0], *asked])
            )  # as it is stored: the others are held against it
        first = False
        for precision in asked:
            yield name, precision
