"""The whole look: machine, parts, what is kept, and a configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from alaas.config import EngineSettings, LimitSettings, ModelSettings
from alaas.doctor._configured import configured
from alaas.doctor._extras import extras_group
from alaas.doctor._keeping import keeping
from alaas.doctor._machine import machine
from alaas.doctor._parts import engine_group, runtime_group, store_group
from alaas.doctor._words import Diagnosis, Finding, Group
from alaas.encoders import describe, is_pulled, names, open_encoder
from alaas.engines import forget_trials
from alaas.errors import AlaasError
from alaas.settings import LoadedConfig, read_config


def examine(config: Path | None = None) -> Diagnosis:
    """Say what can be used on this machine, and whether a configuration's parts all answer.

    Args:
        config: a YAML file to check as well; without one, nothing that a person could have meant is broken.
    """
    groups = [machine(), engine_group(), runtime_group(), store_group(), extras_group()]
    try:
        loaded = read_config(config)
    except AlaasError as error:
        found = Finding(name="settings", state="broken", detail=error.message)
        return Diagnosis(groups=(*groups, Group(title=_label(config), findings=(found,))))
    groups.append(keeping(loaded.config.cache))
    if config is not None:
        groups.append(configured(loaded, _label(config)))
        groups[1] = engine_group()  # a trial may have been made meanwhile
    return Diagnosis(groups=tuple(groups))


def measure_engines(loaded: LoadedConfig | None = None) -> Iterator[str]:
    """Forget what `auto` has found and try the engines anew, on the models that are here.

    Args:
        loaded: its model is tried instead, with its settings.

    Yields:
        One sentence a model.
    """
    forget_trials()
    if loaded is not None:
        model = loaded.config.model
        settings = [(model.model_copy(update={"engine": _auto(model.engine)}), loaded.config.modality)]
    else:
        settings = [
            (ModelSettings(name=name, engine=EngineSettings(name="auto")), describe(name).modality)
            for name in names()
            if describe(name).package is not None and is_pulled(name)
        ]
    for model, modality in settings:
        try:
            encoder = open_encoder(model, modality=modality, limits=LimitSettings())
            runs = encoder.fingerprint.rpartition(" | ")[2]
            yield f"{encoder.name}: the fastest is {runs}"
        except AlaasError as error:
            yield f"{model.name}: {error.message}"


def _auto(engine: EngineSettings) -> EngineSettings:
    return engine.model_copy(update={"name": "auto"})


def _label(config: Path | None) -> str:
    return "the environment" if config is None else str(config)
