"""Strategies, models and health."""

from __future__ import annotations

import alaas
from alaas.encoders import names
from alaas.strategies import registry


def test_strategies_say_what_they_need_and_take(http):
    answer = http.get("/v1/strategies").json()
    assert answer["default"] == "random"
    found = {strategy["name"]: strategy for strategy in answer["strategies"]}
    assert list(found) == registry.names()
    assert found["random"]["needs"] == []
    assert found["margin"]["needs"] == ["probs"]
    parameters = {given["name"]: given for given in found["k_means"]["parameters"]}
    assert (parameters["iterations"]["type"], parameters["iterations"]["default"]) == ("int", 10)
    assert found["margin"]["family"] == "uncertainty"
    assert found["prefilter"]["parameters"][0]["default"] == "margin"
    assert all(strategy["summary"].endswith(".") for strategy in found.values())


def test_models_say_what_they_take_and_give(http):
    answer = http.get("/v1/models").json()
    found = {model["name"]: model for model in answer["models"]}
    assert sorted(found) == names()
    assert found["efficientnet-lite0"]["modality"] == "image"
    assert found["efficientnet-lite0"]["provides"] == ["embeddings", "probs"]


def test_health(http):
    well = {"status": "ok", "name": "alaas", "version": alaas.__version__, "reasons": []}
    assert http.get("/healthz").json() == well
    assert http.get("/readyz").json()["status"] == "ok"
