"""Retraining, the rounds, and what the learner says."""

from __future__ import annotations

from alaas.access import Caller
from alaas.projects import Project, prediction_body, round_body
from alaas.protocol import (
    CurveBody,
    JobBody,
    PointBody,
    PredictionList,
    PredictRequest,
    RetrainWork,
    RoundPage,
)
from alaas.server.given import items_of
from alaas.server.opened import queue
from alaas.server.paging import cut, number
from alaas.server.services import Services


def retrain(services: Services, caller: Caller, project: Project, key: str | None) -> JobBody:
    """Queue a retraining; the round is its result."""
    work = RetrainWork(project=project.name).model_dump_json()
    return queue(services, "retrain", work, project=project.name, caller=caller, key=key)


def list_rounds(project: Project, after: str | None, limit: int) -> RoundPage:
    """A page of rounds, first to last."""
    rounds, more = cut(
        project.rounds(after=number(after, 0), limit=limit + 1), limit, lambda made: made.number
    )
    return RoundPage(rounds=[round_body(made) for made in rounds], next=more)


def curve(project: Project, after: str | None, limit: int) -> CurveBody:
    """The learning curve: one point a round that could be measured."""
    page = list_rounds(project, after, limit)
    points = [
        PointBody(
            round=body.number,
            labels=body.labels,
            cost=body.cost,
            measured_on=body.measured_on,
            metrics=body.metrics,
        )
        for body in page.rounds
        if body.metrics is not None
    ]
    return CurveBody(points=points, next=page.next)


def predict(services: Services, project: Project, body: PredictRequest) -> PredictionList:
    """What the last learner, or that of a round, says of items.

    Raises:
        RoundNotFoundError: there is no such learner.
    """
    found = project.predict(items_of(body.items, services.config), round=body.round)
    return PredictionList(predictions=[prediction_body(one) for one in found])
