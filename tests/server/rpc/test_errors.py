"""Every error has its status, its stable code and its sentence."""

from __future__ import annotations

import grpc
import pytest

from alaas.server.errors import STATUS, problem
from alaas.server.rpc.status import status_code
from alaas.v1 import alaas_pb2 as pb

from .conftest import text_items


def refused(answer) -> tuple[grpc.StatusCode, str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        answer()
    return caught.value.code(), dict(caught.value.trailing_metadata())["alaas-code"], caught.value.details()


@pytest.mark.parametrize("code", STATUS)
def test_every_code_has_a_status_of_its_kind(code):
    found = status_code(problem(code, "x"))
    assert found not in (grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN)
    assert (found is grpc.StatusCode.NOT_FOUND) == (STATUS[code] == 404)


@pytest.mark.parametrize(
    ("service", "method", "request_", "status", "code", "words"),
    [
        ("projects", "Get", pb.ProjectRequest(project="none"), "NOT_FOUND", "project-not-found", "'none'"),
        ("jobs", "Get", pb.JobRequest(id="none"), "NOT_FOUND", "job-not-found", "'none'"),
        ("jobs", "List", pb.JobsRequest(limit=0), "INVALID_ARGUMENT", "usage", "1 to 1000, got 0"),
        ("projects", "Create", pb.ProjectDefinition(name="a b"), "INVALID_ARGUMENT", "usage", "name: "),
        ("projects", "Labels", pb.PageRequest(project="none"), "NOT_FOUND", "project-not-found", "none"),
        ("selection", "Start", pb.SelectRequest(budget=1), "INVALID_ARGUMENT", "source", "no items"),
        (
            "selection", "Start", pb.SelectRequest(items=text_items(51), budget=1),
            "RESOURCE_EXHAUSTED", "limit", "51 items, 50 are allowed",
        ),
        (
            "selection", "Start",
            pb.SelectRequest(items=text_items(1), budget=1, strategy=pb.StrategyChoice(name="margn")),
            "INVALID_ARGUMENT", "unknown-name", "did you mean 'margin'",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(stubs, service, method, request_, status, code, words):
    found = refused(lambda: getattr(getattr(stubs, service), method)(request_))
    assert found[:2] == (grpc.StatusCode[status], code)
    assert words in found[2]


def test_the_whole_problem_comes_along(stubs):
    with pytest.raises(grpc.RpcError) as caught:
        stubs.projects.Get(pb.ProjectRequest(project="none"))
    trailing = dict(caught.value.trailing_metadata())
    told = pb.Problem.FromString(trailing["alaas-problem-bin"])
    assert (told.status, told.code, told.detail) == (404, "project-not-found", caught.value.details())


def test_the_callers_name_for_a_request_comes_back(stubs):
    with pytest.raises(grpc.RpcError) as caught:
        stubs.projects.Get(pb.ProjectRequest(project="none"), metadata=(("x-request-id", "mine"),))
    assert dict(caught.value.trailing_metadata())["x-request-id"] == "mine"


def test_a_message_that_is_too_large_is_refused(stubs):
    large = pb.SelectRequest(items=[pb.ItemBody(text="x" * 200_000)], budget=1)
    with pytest.raises(grpc.RpcError) as caught:
        stubs.selection.Start(large)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_bug_is_told_as_one_and_nothing_of_it(stubs, server, monkeypatch):
    from alaas.server.verbs import jobs

    monkeypatch.setattr(jobs, "list_jobs", lambda *_: 1 / 0)
    found = refused(lambda: stubs.jobs.List(pb.JobsRequest()))
    assert found[:2] == (grpc.StatusCode.INTERNAL, "internal")
    assert "division" not in found[2]


def test_a_key_for_repeating_may_not_be_empty(stubs):
    found = refused(
        lambda: stubs.selection.Start(pb.SelectRequest(budget=1), metadata=(("idempotency-key", ""),))
    )
    assert found[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "usage")
