"""The job of the kind ``select``: from a request to a selection."""

from __future__ import annotations

from collections.abc import Callable

from alaas.config import Config, ModelSettings, SourceSettings
from alaas.encoders import DEFAULTS
from alaas.errors import ConfigError, SourceError
from alaas.jobs import Handler, JobProgress, JobRun
from alaas.protocol import ItemBody, SelectionBody, SelectRequest
from alaas.runtimes import Progress
from alaas.selecting import Selector
from alaas.server.limits import check_item_count
from alaas.server.models import check_model
from alaas.sources import ItemsSource, Source
from alaas.strategies import Strategy, build
from alaas.types import Item, ModalityName


def select_handler(selector: Selector) -> Handler:
    """The handler of ``select`` jobs, on one selector for all of them."""

    def select(document: str, run: JobRun) -> str:
        request = SelectRequest.model_validate_json(document)
        selection = selector.select(
            _source(request),
            budget=request.budget,
            strategy=_strategy(request),
            model=_model(request, selector),
            modality=_modality(request, selector.config),
            seed=request.seed,
            use_cache=request.cache,
            on_progress=_reporter(run),
            cancel=run.cancel,
        )
        return SelectionBody.of(selection).model_dump_json()

    return select


def check_request(request: SelectRequest, config: Config) -> None:
    """Refuse at once what a job would only find out later.

    Raises:
        UnknownNameError: no such strategy or model; the nearest is named.
        ConfigError: the strategy has no such parameter, or there is no budget.
        SourceError: there is no source.
        LimitError: more items than one request may name.
        UsageError: a model that clients may not choose.
    """
    _strategy(request)
    check_model(request.model, config)
    if request.budget is None and config.budget is None:
        raise ConfigError('no budget: say how many items to choose with "budget"')
    if request.source is None and request.items is None and config.source is None:
        raise SourceError('no items: send "items" or a "source", or give the server a source of its own')
    uris = request.source.uri if request.source is not None else []
    count = len(request.items or ()) or (len(uris) if isinstance(uris, list) else 1)
    check_item_count(count, config.limits.max_request_items)


def _strategy(request: SelectRequest) -> Strategy | None:
    return None if request.strategy is None else build(request.strategy.name, request.strategy.parameters)


def _source(request: SelectRequest) -> Source | SourceSettings | None:
    if request.items is not None:
        return ItemsSource(
            [_item(body, place) for place, body in enumerate(request.items)], name="the request"
        )
    if request.source is not None:
        return SourceSettings(**request.source.model_dump(exclude_unset=True))
    return None


def _item(body: ItemBody, place: int) -> Item:
    return Item(
        id=body.id or body.uri or str(place),
        uri=body.uri,
        text=body.text,
        row=body.row,
        content=body.blob,
        cost=body.cost,
        metadata=body.metadata,
    )


def _modality(request: SelectRequest, config: Config) -> ModalityName | None:
    """What the request says, what its items show, or what the configuration says."""
    if request.modality or request.model or not request.items:
        return request.modality
    return _shown(request) or (None if config.model.name else config.modality or "image")


def _model(request: SelectRequest, selector: Selector) -> ModelSettings | str | None:
    """The model that the request names; the server's own if it takes such items; else the modality's."""
    shown = request.modality or _shown(request)
    if request.model is not None or shown is None or selector.config.model.name is None:
        return request.model
    if selector.encoder(None, None).modality.name == shown:
        return None
    return ModelSettings(name=DEFAULTS[shown])


def _shown(request: SelectRequest) -> ModalityName | None:
    """The modality that items give away by what they carry; an address or a file may be anything."""
    first = request.items[0] if request.items else None
    if first is None or (first.row is None and first.text is None):
        return None
    return "table" if first.row is not None else "text"


def _reporter(run: JobRun) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        run.report(
            JobProgress(
                done=progress.done, failed=progress.failed, total=progress.total, stages=progress.stages
            )
        )

    return report
