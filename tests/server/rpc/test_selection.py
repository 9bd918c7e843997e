"""Selections as streams."""

from __future__ import annotations

import time

import grpc
import pytest

from alaas.v1 import alaas_pb2 as pb

from .conftest import ended, text_items


def request(count: int = 10, budget: int = 3, **more: object) -> pb.SelectRequest:
    return pb.SelectRequest(items=text_items(count), budget=budget, seed=7, **more)


def waiting(silent: str) -> pb.SelectRequest:
    """A selection that goes on until it is cancelled."""
    return pb.SelectRequest(items=[pb.ItemBody(uri=f"{silent}/{n}.png") for n in range(3)], budget=1)


def state(stubs, job: str) -> str:
    return stubs.jobs.Get(pb.JobRequest(id=job)).state


def becomes_cancelled(stubs, job: str) -> bool:
    until = time.monotonic() + 10
    while state(stubs, job) != "cancelled" and time.monotonic() < until:
        time.sleep(0.02)
    return state(stubs, job) == "cancelled"


def test_progress_comes_before_the_result(stubs):
    *before, last = stubs.selection.Select(request())
    assert {event.WhichOneof("event") for event in before} == {"job"}
    assert before[0].job.state == "queued"
    assert before[-1].job.state == "succeeded"
    assert last.WhichOneof("event") == "result"
    assert [chosen.rank for chosen in last.result.selected] == [0, 1, 2]
    assert last.result.provenance.seed == 7


def test_the_choice_is_that_of_http(stubs, http):
    *_, last = stubs.selection.Select(request())
    body = {"items": [{"id": f"t{n}", "text": f"text number {n}"} for n in range(10)], "budget": 3, "seed": 7}
    job = http.post("/v1/select", json=body).json()
    http.get(job["links"]["events"])
    chosen = http.get(job["links"]["result"]).json()["selected"]
    assert [one.id for one in last.result.selected] == [one["id"] for one in chosen]


def test_a_started_selection_is_a_job(stubs):
    job = stubs.selection.Start(request())
    assert ended(stubs, job.id).state == "succeeded"
    assert len(stubs.jobs.Result(pb.JobRequest(id=job.id)).selection.selected) == 3


def test_the_same_key_and_request_give_the_same_job(stubs):
    key = (("idempotency-key", "once"),)
    first, second = (stubs.selection.Start(request(), metadata=key) for _ in range(2))
    assert first.id == second.id
    with pytest.raises(grpc.RpcError) as caught:
        stubs.selection.Start(request(budget=2), metadata=key)
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_a_cancelled_call_cancels_its_job(stubs, silent):
    call = stubs.selection.Select(waiting(silent))
    job = next(call).job.id
    call.cancel()
    assert becomes_cancelled(stubs, job)


def test_a_call_that_runs_out_of_time_cancels_its_job(stubs, silent):
    call = stubs.selection.Select(waiting(silent), timeout=0.5)
    job = next(call).job.id
    with pytest.raises(grpc.RpcError) as caught:
        list(call)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert becomes_cancelled(stubs, job)


def test_a_call_with_a_key_may_be_left_and_joined_again(stubs, silent):
    key = (("idempotency-key", "later"),)
    call = stubs.selection.Select(waiting(silent), metadata=key)
    job = next(call).job.id
    call.cancel()
    again = stubs.selection.Select(waiting(silent), metadata=key)
    assert next(again).job.id == job
    time.sleep(0.3)
    assert state(stubs, job) in ("queued", "running")
    stubs.jobs.Cancel(pb.JobRequest(id=job))
    with pytest.raises(grpc.RpcError) as caught:
        list(again)
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert dict(caught.value.trailing_metadata())["alaas-code"] == "job-conflict"


def test_a_call_fails_as_its_job_does(stubs, tmp_path):
    broken = pb.SelectRequest(items=[pb.ItemBody(id="a", blob=b"no picture")], budget=1, modality="image")
    broken.strategy.name = "k_means"
    with pytest.raises(grpc.RpcError) as caught:
        list(stubs.selection.Select(broken))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert dict(caught.value.trailing_metadata())["alaas-code"] == "no-usable-items"


def test_the_jobs_are_listed_newest_first(stubs):
    job = stubs.selection.Start(request())
    assert stubs.jobs.List(pb.JobsRequest(limit=1)).jobs[0].id == job.id
