"""A selector keeps what is dear to open (models, cache, connections) and answers many queries."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from alaas.config import Config, EngineSettings, ModelSettings, OutputSettings, SourceSettings
from alaas.encoders import Encoder, open_encoder
from alaas.errors import ConfigError, SourceError
from alaas.features import open_cache, open_digests
from alaas.fetching import Fetcher, open_fetcher
from alaas.pipeline import Line
from alaas.runtimes import OnProgress, Runtime, registry
from alaas.selecting._query import Query
from alaas.selecting._run import run
from alaas.sources import Source, guess_modality, open_source
from alaas.strategies import Strategy, build, checked_budget
from alaas.types import Item, ModalityName, PoolSelection, SignalName


class Selector:
    """Answers queries under one configuration. Safe to use from several threads.

    Args:
        config: settings; each query may say otherwise for its own part.
        trusted: whether URIs come from the person who runs this process. If not, only what ``egress`` opens
            can be read.

    Use as a context manager, or call ``close``.
    """

    def __init__(self, config: Config | None = None, *, trusted: bool = True) -> None:
        self.config = config or Config()
        self.trusted = trusted
        roots = _own_roots(self.config)
        self.fetcher = open_fetcher(self.config.egress, self.config.limits, trusted=trusted, roots=roots)
        # Its own source, and whatever a manifest of its own names, comes from whoever runs this process.
        self._own_fetcher = (
            self.fetcher
            if trusted
            else open_fetcher(self.config.egress, self.config.limits, trusted=True, roots=roots)
        )
        self.cache = open_cache(self.config.cache)
        self.digests = open_digests(self.config.cache)
        self._encoders: dict[tuple[str, ModalityName | None], Encoder] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Selector:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release connections and files; what the cache holds stays."""
        self.fetcher.close()
        self._own_fetcher.close()
        self.digests.close()
        self.cache.close()

    def select(
        self,
        source: Source | SourceSettings | None = None,
        *,
        budget: int | None = None,
        strategy: str | Strategy | None = None,
        model: str | ModelSettings | None = None,
        modality: ModalityName | None = None,
        seed: int | None = None,
        use_cache: bool | None = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> PoolSelection:
        """Choose from a source; see ``alaas.select`` for the arguments and the errors."""
        began = time.perf_counter()
        wanted = checked_budget(self._budget(budget))
        chosen = self._strategy(strategy)
        fetcher = self._own_fetcher if source is None else self.fetcher
        modality, opened = self.open_source(source, modality=modality, model=model)
        encoder = self.encoder(model, modality)
        caching = self.config.cache.enabled if use_cache is None else use_cache and self.config.cache.enabled
        cancelled = cancel or threading.Event()
        line = self.line(
            encoder,
            wanted=chosen.needs & {"embeddings", "probs"},
            remote=opened.remote,
            cancel=cancelled,
            fetcher=fetcher,
            model=model if isinstance(model, ModelSettings) else None,
            caching=caching,
        )
        query = Query(
            source=opened,
            strategy=chosen,
            budget=wanted,
            seed=self.config.seed if seed is None else seed,
            encoder=encoder,
            config=self.config,
            began=began,
        )
        return run(query, line, self.runtime(), cancelled, on_progress)

    def line(
        self,
        encoder: Encoder,
        *,
        wanted: frozenset[SignalName] = frozenset({"embeddings"}),
        remote: bool,
        cancel: threading.Event,
        fetcher: Fetcher | None = None,
        model: ModelSettings | None = None,
        caching: bool | None = None,
    ) -> Line:
        """The stages that compute what is wanted of items, by default embeddings, as configured."""
        remembers = self.config.cache.enabled if caching is None else caching
        return Line(
            modality=encoder.modality,
            fetcher=fetcher or self.fetcher,
            digests=self.digests,
            cache=self.cache if remembers else None,
            encoder=encoder,
            wanted=wanted,
            settings=self.config.pipeline,
            model=model or self.config.model,
            remote=remote,
            cancel=cancel,
        )

    def runtime(self) -> Runtime:
        """Where lines run, by the configuration."""
        return registry.get(self.config.pipeline.runtime)(self.config.pipeline)

    def encoder(self, model: str | ModelSettings | None, modality: ModalityName | None) -> Encoder:
        """The encoder for a model, opened once and kept.

        Raises:
            UnknownNameError, ConfigError: no such model, or it does not take this modality.
        """
        settings = self._model(model)
        key = (settings.model_dump_json(), modality)
        with self._lock:
            if key in self._encoders:
                return self._encoders[key]
            encoder = open_encoder(settings, modality=modality, limits=self.config.limits)
            if not encoder.modality.prepares:  # what has learned from one pool must not meet another
                self._encoders[key] = encoder
            return encoder

    def _model(self, model: str | ModelSettings | None) -> ModelSettings:
        if isinstance(model, ModelSettings):
            return model
        configured = self.config.model
        if model is None or model == configured.name:
            return configured
        # What describes the configured model says nothing of another one.
        foreign: dict[str, object] = {
            "preprocess": None,
            "outputs": OutputSettings(),
            "tokenizer": None,
            "revision": None,
        }
        if configured.engine.model is not None:  # a serving engine that was told which model to ask for
            foreign["engine"] = EngineSettings()
        return configured.model_copy(update={"name": model, **foreign})

    def _budget(self, budget: int | None) -> int:
        found = self.config.budget if budget is None else budget
        if found is None:
            raise ConfigError(
                "no budget: say how many items to choose with budget= (or --budget, or in the YAML)"
            )
        return found

    def _strategy(self, strategy: str | Strategy | None) -> Strategy:
        if isinstance(strategy, Strategy):
            return strategy
        configured = self.config.strategy
        if strategy is None or strategy == configured.name:
            return build(configured.name, configured.parameters)
        return build(strategy)

    def open_source(
        self,
        source: Source | SourceSettings | None = None,
        *,
        modality: ModalityName | None = None,
        model: str | ModelSettings | None = None,
    ) -> tuple[ModalityName | None, Source]:
        """The source that is meant, by default the configuration's own, and what its items are.

        Raises:
            SourceError: there is none, or nothing that can be read.
            EgressError: the configuration does not open it.
        """
        fetcher = self._own_fetcher if source is None else self.fetcher
        settings = self.config.source if source is None else source
        if settings is None:
            raise SourceError("no source: name a folder, a manifest, an address or a list of them")
        known = modality or self.config.modality
        if known is None and self._model(model).name is not None:
            known = self.encoder(model, None).modality.name
        if isinstance(settings, Source):
            return known or _modality_of(settings), settings
        known = known or guess_modality(settings, fetcher)
        return known, open_source(settings, modality=known, fetcher=fetcher)


def _modality_of(source: Source) -> ModalityName | None:
    """What the first item shows."""
    first = next((entry for entry in source if isinstance(entry, Item)), None)
    if first is None:
        return None
    return "table" if first.row is not None else "text" if first.text is not None else "image"


def _own_roots(config: Config) -> tuple[str, ...]:
    """A server opens its own source even to those who may name nothing else."""
    if config.source is None:
        return ()
    uris = [config.source.uri] if isinstance(config.source.uri, str) else config.source.uri
    return tuple(uris)
