"""Rounds, the learner, and what it says."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from alaas.client._calls import OnJob, every, finished, path_of, sent, submitted
from alaas.client._exchange import Call, Steps, ask, parse
from alaas.client._pool import AnyImage, AnyItem, item_bodies
from alaas.client._verbs import said_wrongly
from alaas.errors import UsageError
from alaas.protocol import (
    CurveBody,
    ExportFormat,
    PointBody,
    PredictionBody,
    PredictionList,
    PredictRequest,
    RoundBody,
    RoundPage,
)


def retrain(name: str, *, on_progress: OnJob | None = None, timeout: float | None = None) -> Steps[RoundBody]:
    """Retrain and wait for it; does nothing if nothing is new, and gives the last round."""
    job = yield from submitted(path_of(name, "rounds"), None)
    return parse((yield from finished(job, on_progress, timeout)), RoundBody)


def rounds(name: str) -> Steps[list[RoundBody]]:
    """Every round, first to last."""
    return (yield from every(path_of(name, "rounds"), RoundPage, lambda page: page.rounds))


def metrics(name: str) -> Steps[list[PointBody]]:
    """The learning curve: one point a round that could be measured."""
    return (yield from every(path_of(name, "metrics"), CurveBody, lambda page: page.points))


def predict(
    name: str,
    items: Iterable[AnyItem] | None = None,
    *,
    uris: Iterable[str] | None = None,
    texts: Iterable[str] | None = None,
    images: Iterable[AnyImage] | None = None,
    round: int | None = None,  # noqa: A002
) -> Steps[list[PredictionBody]]:
    """What the learner says of items, by the last learner or that of ``round``; in their order."""
    pool = item_bodies(items=items, uris=uris, texts=texts, images=images)
    try:
        body = PredictRequest(items=pool or [], round=round)
    except ValidationError as error:
        raise UsageError(said_wrongly(error)) from error
    content = body.model_dump_json(exclude_defaults=True).encode()
    answer = yield from ask(sent("POST", path_of(name, "predict"), content))
    return parse(answer, PredictionList).predictions


def model(name: str, round: int | None = None) -> Steps[bytes]:  # noqa: A002
    """Encoder and head of a round, by default the last, as ONNX."""
    path = path_of(name, "rounds", "latest" if round is None else str(round), "model")
    return (yield from ask(Call(method="GET", path=path))).content


def export(name: str, format: ExportFormat = "jsonl") -> Steps[str]:  # noqa: A002
    """The labelled items as JSON lines, CSV, COCO or for Label Studio."""
    answer = yield from ask(Call(method="GET", path=path_of(name, "export"), params={"format": format}))
    return answer.content.decode("utf-8")
