"""What the bodies of projects take and refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from alaas.protocol import (
    AnswerBody,
    BatchBody,
    BatchRequest,
    ItemsRequest,
    NewItemBody,
    PredictRequest,
    ProjectChange,
    ProjectDefinition,
    SourceBody,
    StatusBody,
    StrategyChoice,
    TellRequest,
)


def test_texts_stand_for_strategies_learners_and_sources():
    said = {"name": "p", "strategy": "margin", "learner": "linear", "source": "photos/", "validation": ["a"]}
    body = ProjectDefinition.model_validate(said)
    assert body.strategy == StrategyChoice(name="margin")
    assert body.learner.name == "linear"
    assert body.source == SourceBody(uri="photos/")
    assert body.validation == SourceBody(uri=["a"])


def test_only_what_was_said_goes_on():
    body = ProjectDefinition.model_validate({"name": "p", "task": {"classes": ["a"]}, "budget": None})
    assert body.model_dump(exclude_unset=True) == {"name": "p", "task": {"classes": ["a"]}, "budget": None}


@pytest.mark.parametrize(
    ("model", "body", "place"),
    [
        (ProjectDefinition, {}, "name"),
        (ProjectDefinition, {"name": "a/b"}, "name"),
        (ProjectDefinition, {"name": "p", "server": {}}, "server"),
        (ProjectDefinition, {"name": "p", "model": {"name": "x"}}, "model"),
        (ProjectChange, {"name": "p"}, "name"),
        (ProjectChange, {"budget": 0}, "budget"),
        (ProjectChange, {"budget": True}, "budget"),
        (ProjectChange, {"seed": -1}, "seed"),
        (ProjectChange, {"task": {"kind": "ranking"}}, "task"),
        (ProjectChange, {"labelling": {"decide": "dice"}}, "labelling"),
        (ProjectChange, {"labelling": {"lease": 0}}, "labelling"),
        (ProjectChange, {"labelling": {"audit": 0.6}}, "labelling"),
        (BatchRequest, {"k": 0}, "k"),
        (BatchRequest, {"k": "3"}, "k"),
        (BatchRequest, {"annotator": ""}, "annotator"),
        (BatchRequest, {"annotator": "x" * 201}, "annotator"),
        (BatchRequest, {"lease": -1}, "lease"),
        (BatchRequest, {"lease": 31 * 86400}, "lease"),
        (ItemsRequest, {}, ""),
        (ItemsRequest, {"items": []}, "items"),
        (ItemsRequest, {"items": [{"uri": "a"}], "source": "b"}, ""),
        (ItemsRequest, {"source": "b", "role": "judge"}, "role"),
        (PredictRequest, {"items": []}, "items"),
        (PredictRequest, {"items": [{"uri": "a"}], "round": 0}, "round"),
        (TellRequest, {"answers": []}, "answers"),
        (TellRequest, {"answers": [{"item": "a", "label": "x"}] * 2}, ""),
    ],
)
def test_bad_bodies_are_refused(model, body, place):
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    location = caught.value.errors()[0]["loc"]
    assert (str(location[0]) if location else "") == place


@pytest.mark.parametrize(
    "said", [{"label": "a"}, {"label": []}, {"skip": ""}, {"unsure": "?"}, {"defer": "x"}]
)
def test_an_answer_says_one_thing(said):
    assert AnswerBody.model_validate({"item": "i", **said}).model_dump(exclude_none=True) == {
        "item": "i",
        **said,
    }


@pytest.mark.parametrize(
    "said", [{}, {"label": "a", "skip": ""}, {"unsure": "", "defer": ""}, {"label": None}]
)
def test_an_answer_says_no_more_and_no_less(said):
    with pytest.raises(ValidationError, match="exactly one of label, skip, unsure and defer"):
        AnswerBody.model_validate({"item": "i", **said})


def test_an_item_to_add_may_bring_its_label():
    assert NewItemBody.model_validate({"text": "x", "label": ["a", "b"]}).label == ["a", "b"]


def test_replies_of_a_later_version_are_understood():
    batch = {
        "id": "b",
        "project": "p",
        "ordinal": 0,
        "annotator": "me",
        "created": "2026-01-01T00:00:00Z",
        "until": "2026-01-01T01:00:00Z",
        "strategy": "margin",
        "round": None,
        "items": [{"id": "a", "rank": 0, "reason": "a later reason", "state": "a later state", "new": 1}],
        "new": 1,
    }
    assert BatchBody.model_validate(batch).ids == ["a"]
    assert StatusBody.model_fields["round"].is_required()
