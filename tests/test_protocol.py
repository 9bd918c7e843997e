"""The wire: requests are strict, replies are lenient, and nothing is lost on the way."""

from __future__ import annotations

import base64
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alaas.config import SourceSettings
from alaas.protocol import (
    ItemBody,
    JobBody,
    Problem,
    SelectionBody,
    SelectRequest,
    SourceBody,
    StrategyChoice,
)
from alaas.types import FailedItem, Item, PoolSelection, Provenance, RunStats, SelectedItem, StageStats


def selection() -> PoolSelection:
    stage = StageStats(
        name="decode", workers=2, items=3, batches=3, seconds=0.5, busy=0.25, queue=1.5, capacity=8
    )
    return PoolSelection(
        indices=np.array([1, 0]),
        scores=np.array([0.5, math.nan]),
        selected=(
            SelectedItem(item=Item(id="b", uri="file:///b.png"), score=0.5, rank=0),
            SelectedItem(item=Item(id="a", text="a"), score=math.nan, rank=1),
        ),
        failed=(FailedItem(id="c", uri="file:///c.png", reason="not an image", code="decode"),),
        stats=RunStats(items=3, seconds=2.0, cache_hits=1, stages=(stage,), bottleneck="decode"),
        provenance=Provenance(
            strategy="margin",
            parameters={"k": 1},
            budget=2,
            seed=7,
            model="m",
            encoder_fingerprint="f",
            pool_fingerprint="p",
            config_fingerprint="c",
            version="1",
        ),
        warnings=("careful",),
    )


def test_a_selection_on_the_wire():
    assert SelectionBody.of(selection()).model_dump() == {
        "selected": [
            {"id": "b", "uri": "file:///b.png", "score": 0.5, "rank": 0},
            {"id": "a", "uri": None, "score": None, "rank": 1},
        ],
        "failed": [{"id": "c", "uri": "file:///c.png", "reason": "not an image"}],
        "stats": {
            "items": 3,
            "seconds": 2.0,
            "items_per_second": 1.5,
            "cache_hits": 1,
            "stages": [
                {
                    "name": "decode",
                    "workers": 2,
                    "items": 3,
                    "batches": 3,
                    "seconds": 0.5,
                    "busy": 0.25,
                    "queue": 1.5,
                    "capacity": 8,
                }
            ],
            "bottleneck": "decode",
        },
        "warnings": ["careful"],
        "provenance": {
            "strategy": "margin",
            "parameters": {"k": 1},
            "budget": 2,
            "seed": 7,
            "model": "m",
            "encoder_fingerprint": "f",
            "pool_fingerprint": "p",
            "config_fingerprint": "c",
            "version": "1",
            "shards": 1,
            "candidates": None,
        },
    }


def test_a_selection_comes_back_from_json_as_it_went():
    body = SelectionBody.of(selection())
    assert SelectionBody.model_validate_json(body.model_dump_json()) == body
    assert body.ids == ["b", "a"]
    assert body.uris == ["file:///b.png", None]


def test_a_source_has_the_keys_and_defaults_of_the_settings():
    wire = {name: field.get_default() for name, field in SourceBody.model_fields.items()}
    file = {name: field.get_default() for name, field in SourceSettings.model_fields.items()}
    assert wire == file


def test_shorthands():
    request = SelectRequest.model_validate({"source": "photos/", "strategy": "margin", "budget": 1})
    assert request.source == SourceBody(uri="photos/")
    assert request.strategy == StrategyChoice(name="margin")
    several = SelectRequest.model_validate({"source": ["a.png", "b.png"], "budget": 1})
    assert several.source == SourceBody(uri=["a.png", "b.png"])


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"budget": 0}, "budget"),
        ({"budget": -5}, "budget"),
        ({"budget": "ten"}, "budget"),
        ({"budget": "3"}, "budget"),
        ({"budget": True}, "budget"),
        ({"budget": 2.5}, "budget"),
        ({"seed": -1}, "seed"),
        ({"budgte": 1}, "budgte"),
        ({"strategy": 3}, "strategy"),
        ({"strategy": {"name": "margin", "parametres": {}}}, "strategy"),
        ({"source": 3}, "source"),
        ({"source": {"uri": "x", "id_colum": "y"}}, "source"),
        ({"items": []}, "items"),
        ({"items": [{}]}, "items"),
        ({"items": [{"uri": "a", "text": "b"}]}, "items"),
        ({"items": [{"uri": ""}]}, "items"),
        ({"items": [{"blob": "no base64!"}]}, "items"),
        ({"items": [{"uri": "a", "cost": -1}]}, "items"),
        ({"items": [{"uri": "a", "cost": math.inf}]}, "items"),
        ({"modality": "smell"}, "modality"),
        ({"source": "x", "items": [{"uri": "a"}]}, ""),
    ],
)
def test_bad_requests_are_refused(body, place):
    with pytest.raises(ValidationError) as caught:
        SelectRequest.model_validate({"budget": 1, **body})
    location = caught.value.errors()[0]["loc"]
    assert (str(location[0]) if location else "") == place


@given(st.binary(max_size=200))
def test_content_survives_the_wire(content):
    item = ItemBody(blob=content)
    assert base64.b64encode(content).decode() in item.model_dump_json()
    assert ItemBody.model_validate_json(item.model_dump_json()).blob == content


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=5),
        max_size=5,
    )
)
def test_rows_survive_the_wire_with_infinity_and_nan(row):
    request = SelectRequest(items=[ItemBody(row=row)], budget=1)
    [back] = SelectRequest.model_validate_json(request.model_dump_json()).items
    assert repr(back.row) == repr(ItemBody(row=row).row)


def test_a_reply_of_a_later_version_is_understood():
    problem = Problem.model_validate({"title": "t", "status": 400, "detail": "d", "code": "c", "new": 1})
    assert problem.detail == "d"
    job = JobBody.model_validate(
        {
            "id": "1",
            "kind": "select",
            "state": "running",
            "created": "2026-01-01T00:00:00Z",
            "links": {"self": "a", "result": "b", "events": "c", "cancel": "d"},
            "attempt": 3,
        }
    )
    assert not job.finished
