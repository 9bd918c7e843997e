"""Every call has its route, and both give the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from google.protobuf import empty_pb2

from alaas.server.routes import ROUTERS
from alaas.server.rpc.handlers import needs_of
from alaas.server.rpc.messages import plain
from alaas.server.rpc.methods import RPCS
from alaas.v1 import alaas_pb2 as pb

from .conftest import asked, ended, made, taught

ONLY_HTTP = {"GET /healthz", "GET /readyz", "GET /metrics", "POST /post"}
"""Health has a service of its own; the others are of HTTP by their nature."""


def routes() -> set[str]:
    return {f"{next(iter(route.methods))} {route.path}" for router in ROUTERS for route in router.routes}


def test_every_route_has_its_call_and_every_call_its_route():
    named = {rpc.route for service in RPCS.values() for rpc in service.values()}
    assert named == routes() - ONLY_HTTP


def test_every_described_call_is_answered():
    described = {
        name: {method.name for method in service.methods}
        for name, service in pb.DESCRIPTOR.services_by_name.items()
    }
    assert {name: set(rpcs) for name, rpcs in RPCS.items()} == described


def test_what_changes_something_needs_more_than_a_reader():
    for route in {rpc.route for service in RPCS.values() for rpc in service.values()}:
        harmless = route.startswith("GET") or route.endswith("/predict")
        assert (needs_of(route).role == "reader") == harmless, route


@pytest.fixture(scope="module")
def project(stubs) -> str:
    name = made(stubs, "flowers", budget=20, labelling=pb.LabellingBody(annotators=1, audit=0.1))
    taught(stubs, name)
    asked(stubs, name, 2)
    return name


@pytest.fixture(scope="module")
def batch(stubs, project) -> str:
    return stubs.projects.Batches(pb.PageRequest(project=project)).batches[0].id


def same(one: Any, other: Any) -> bool:
    """Whether JSON and a message's plain form say the same: null and empty are not set over there."""
    if isinstance(one, dict):
        other = other or {}
        return all(same(value, other.get(name)) for name, value in one.items()) and set(other) <= set(one)
    if isinstance(one, list):
        other = other or []
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(other, dict) and set(other) <= {"seconds", "nanos"}:  # a moment
        at = datetime.fromisoformat(one).timestamp()
        return abs(at - other.get("seconds", 0) - other.get("nanos", 0) / 1e9) < 1e-3
    if one is None or other is None:
        return not one and not other
    return one == other


def without_links(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_links(one) for key, one in value.items() if key != "links"}
    return [without_links(one) for one in value] if isinstance(value, list) else value


CALLS = {
    ("projects", "Get"): (lambda p, b: pb.ProjectRequest(project=p), "/{p}"),
    ("projects", "List"): (lambda p, b: pb.ProjectsRequest(limit=1), "?limit=1"),
    ("projects", "Status"): (lambda p, b: pb.ProjectRequest(project=p), "/{p}/status"),
    ("projects", "Items"): (
        lambda p, b: pb.ItemsPageRequest(project=p, limit=9, state=["labelled", "pool"], role="pool"),
        "/{p}/items?limit=9&state=labelled&state=pool&role=pool",
    ),
    ("projects", "Batches"): (lambda p, b: pb.PageRequest(project=p, limit=1), "/{p}/batches?limit=1"),
    ("projects", "Batch"): (lambda p, b: pb.OneBatchRequest(project=p, batch=b), "/{p}/batches/{b}"),
    ("projects", "Replay"): (lambda p, b: pb.OneBatchRequest(project=p, batch=b), "/{p}/batches/{b}/replay"),
    ("projects", "Labels"): (lambda p, b: pb.PageRequest(project=p, after="3"), "/{p}/labels?after=3"),
    ("projects", "Conflicts"): (lambda p, b: pb.PageRequest(project=p), "/{p}/conflicts"),
    ("projects", "Rounds"): (lambda p, b: pb.PageRequest(project=p), "/{p}/rounds"),
    ("projects", "Curve"): (lambda p, b: pb.PageRequest(project=p), "/{p}/metrics"),
    ("jobs", "Get"): (lambda p, b: pb.JobRequest(id=b), "/v1/jobs/{b}"),
    ("jobs", "List"): (lambda p, b: pb.JobsRequest(limit=2), "/v1/jobs?limit=2"),
    ("catalogue", "Strategies"): (lambda p, b: empty_pb2.Empty(), "/v1/strategies"),
    ("catalogue", "Models"): (lambda p, b: empty_pb2.Empty(), "/v1/models"),
}


@pytest.mark.parametrize("call", CALLS, ids=".".join)
def test_a_call_says_what_its_route_says(stubs, http, project, batch, call):
    request, path = CALLS[call]
    address = path.format(p=project, b=batch)
    address = address if address.startswith("/v1") else f"/v1/projects{address}"
    service, method = call
    found = getattr(getattr(stubs, service), method)(request(project, batch))
    told = without_links(http.get(address).json())
    assert same(told, plain(found)), (told, plain(found))
    assert told not in ({}, [])


def test_an_export_and_a_model_are_the_bytes_of_http(stubs, http, project):
    for kind in ("jsonl", "csv", "label-studio"):
        pieces = list(stubs.projects.Export(pb.ExportRequest(project=project, format=kind)))
        answer = http.get(f"/v1/projects/{project}/export?format={kind}")
        assert b"".join(piece.content for piece in pieces) == answer.content
        assert pieces[0].media_type == answer.headers["content-type"]
    pieces = list(stubs.projects.Model(pb.ModelRequest(project=project)))
    assert (
        b"".join(piece.content for piece in pieces)
        == http.get(f"/v1/projects/{project}/rounds/latest/model").content
    )


def test_predictions_are_those_of_http(stubs, http, project):
    row = {"height": 5.0, "girth": 0.1}
    item = pb.ItemBody(id="x", row={name: pb.Cell(number=value) for name, value in row.items()})
    found = stubs.projects.Predict(pb.PredictRequest(project=project, items=[item]))
    told = http.post(f"/v1/projects/{project}/predict", json={"items": [{"id": "x", "row": row}]}).json()
    assert same(told, plain(found))


def test_a_jobs_result_and_the_log_are_those_of_http(stubs, http, project, batch):
    found = stubs.jobs.Result(pb.JobRequest(id=batch)).batch
    assert same(http.get(f"/v1/jobs/{batch}/result").json(), plain(found))
    export = stubs.projects.StartExport(pb.ExportRequest(project=project, format="csv"))
    assert ended(stubs, export.id).state == "succeeded"
    written = stubs.jobs.Result(pb.JobRequest(id=export.id)).export
    assert same(http.get(f"/v1/jobs/{export.id}/result").json(), plain(written))


def test_both_find_a_digest_for_the_same_item(stubs, http):
    name = made(stubs, "digests")
    row = {"height": 1.0, "girth": 2.5}
    cells = {key: pb.Cell(number=value) for key, value in row.items()}
    stubs.projects.AddItems(iter([pb.ItemsRequest(project=name, items=[pb.NewItemBody(row=cells)])]))
    told = http.post(f"/v1/projects/{name}/items", json={"items": [{"row": row}]}).json()
    assert told == {"added": 0, "known": 1}
