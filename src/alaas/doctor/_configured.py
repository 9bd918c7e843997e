"""One configuration: whether everything that it names is there and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from alaas import engines, runtimes
from alaas.config import Config, ModelSettings, SourceSettings
from alaas.doctor._words import Finding, Group
from alaas.encoders import Encoder, is_pulled
from alaas.encoders import names as zoo
from alaas.engines import RemoteEngine
from alaas.errors import AlaasError, SourceError
from alaas.learners import build as build_learner
from alaas.selecting import Selector
from alaas.settings import LoadedConfig
from alaas.stores import open_store, store_url
from alaas.strategies import build as build_strategy
from alaas.types import Item

_SQLITE = "sqlite:///"


def configured(loaded: LoadedConfig, label: str) -> Group:
    """Look at the source, the model, the engine, the strategy, the learner, the runtime and the store.

    Reads the first item and loads the model; a model of the zoo that is not here yet is not fetched.
    """
    return Group(title=label, findings=tuple(_findings(loaded)))


def _findings(loaded: LoadedConfig) -> Iterator[Finding]:
    config = loaded.config
    yield Finding(name="settings", detail="valid")
    for warning in loaded.warnings:
        yield Finding(name="settings", state="doubtful", detail=warning)
    yield _looked("store", lambda: _store(store_url(config)))
    yield _looked("runtime", lambda: _runtime(config.pipeline.runtime))
    yield _looked("engine", lambda: _engine(config.model))
    yield _looked("learner", lambda: _learner(config))
    try:
        selector = Selector(config)
    except AlaasError as error:
        yield Finding(name="settings", state="broken", detail=error.message)
        return
    with selector:
        if config.source is not None:
            yield _looked("source", lambda: _source(selector, config.source))
        if config.validation is not None:
            yield _looked("validation", lambda: _source(selector, config.validation))
        if config.source is not None or config.model.name is not None or config.modality is not None:
            opened: list[Encoder] = []
            yield _looked("model", lambda: _model(selector, opened))
            yield _looked("strategy", lambda: _strategy(config, opened))


def _looked(name: str, look: Callable[[], Finding]) -> Finding:
    """What a look finds; what it raises is a finding too."""
    try:
        return look()
    except AlaasError as error:
        return Finding(name=name, state="broken", detail=error.message)
    except Exception as error:  # noqa: BLE001  (a plug-in, driver or disk may raise what it likes)
        return Finding(name=name, state="broken", detail=f"unexpected {type(error).__name__}: {error}")


def _store(url: str) -> Finding:
    scheme = url.partition(":")[0]  # the rest may hold a password
    if url.startswith(_SQLITE):
        file = Path(url.removeprefix(_SQLITE))
        scheme = f"sqlite, {file}"
        if not file.exists():
            return Finding(name="store", detail=f"{scheme}, not there yet: its first use makes it")
    with open_store(url) as store:
        store.check()
    return Finding(name="store", detail=scheme)


def _runtime(name: str) -> Finding:
    runtimes.registry.get(name)
    return Finding(name="runtime", detail=name)


def _engine(model: ModelSettings) -> Finding:
    kind, settings = engines.registry.get(model.engine.name), model.engine
    missing = kind.available().missing
    if issubclass(kind, RemoteEngine) and settings.url is not None:
        engines.open_engine(
            settings, threads=model.threads
        )  # whether its server answers is seen by the model
        return Finding(name="engine", detail=f"{settings.name} at {settings.url}")
    if missing is not None:
        return Finding(name="engine", state="broken", detail=f"{settings.name} cannot be used", mend=missing)
    engines.open_engine(settings, threads=model.threads)
    return Finding(name="engine", detail=settings.name)


def _learner(config: Config) -> Finding:
    build_learner(config.learner.name, config.learner.parameters)
    return Finding(name="learner", detail=config.learner.name)


def _source(selector: Selector, settings: SourceSettings | None) -> Finding:
    name = "source" if settings is selector.config.source else "validation"
    modality, source = selector.open_source(settings)
    first = next(iter(source), None)
    if first is None:
        raise SourceError(f"{source.describe()} holds no items; check the path and the file endings")
    count = f"{source.total:,} {modality} items" if source.total is not None else f"{modality} items"
    said = f"{source.describe()}, {count}"
    if not isinstance(first, Item):
        return Finding(name=name, state="doubtful", detail=f"{said}; the first is bad: {first.reason}")
    if first.uri is not None:
        try:
            selector.fetcher.fetch(first.uri)
        except AlaasError as error:
            return Finding(
                name=name, state="broken", detail=f"{said}; the first cannot be had: {error.message}"
            )
    return Finding(name=name, detail=said)


def _model(selector: Selector, opened: list[Encoder]) -> Finding:
    modality = selector.config.modality
    if modality is None and selector.config.source is not None:
        modality, _ = selector.open_source()
    encoder = selector.encoder(None, modality)
    opened.append(encoder)
    if encoder.name in zoo() and not is_pulled(encoder.name):
        mend = f"its first use gets it, or alaas models pull {encoder.name}"
        return Finding(name="model", state="doubtful", detail=f"{encoder.name}, not here yet", mend=mend)
    if encoder.modality.prepares:  # learns from the pool first, so there is nothing to load
        return Finding(name="model", detail=encoder.name)
    encoder.load()
    return Finding(name="model", detail=f"{encoder.name} on {encoder.fingerprint.rpartition(' | ')[2]}")


def _strategy(config: Config, opened: list[Encoder]) -> Finding:
    strategy = build_strategy(config.strategy.name, config.strategy.parameters)
    lacking = (strategy.needs & {"embeddings", "probs"}) - opened[0].provides if opened else frozenset()
    if lacking and opened:
        detail = (
            f"{strategy.name} needs {' and '.join(sorted(lacking))}, which {opened[0].name} does not provide"
        )
        mend = "a project's learner gives probabilities; for `alaas select` choose another strategy or model"
        return Finding(name="strategy", state="doubtful", detail=detail, mend=mend)
    return Finding(name="strategy", detail=strategy.name)
