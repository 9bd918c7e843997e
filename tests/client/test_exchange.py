"""The verbs without a network: what they ask, when they ask again, what they make of an answer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from alaas.client import _original, _verbs
from alaas.client._exchange import RETRIES, Answer, Call, Pause, ask, checked_url
from alaas.client._following import Following
from alaas.errors import CancelledError, ServerError, UsageError
from alaas.types import Item

JOB = {
    "id": "j",
    "kind": "select",
    "state": "queued",
    "created": "2026-01-01T00:00:00Z",
    "links": {"self": "/v1/jobs/j", "result": "r", "events": "e", "cancel": "c"},
}
STATS = {
    "items": 1,
    "seconds": 1.0,
    "items_per_second": 1.0,
    "cache_hits": 0,
    "stages": [],
    "bottleneck": None,
}
PROVENANCE = {
    "strategy": "random",
    "parameters": {},
    "budget": 1,
    "seed": 0,
    "model": None,
    "encoder_fingerprint": None,
    "pool_fingerprint": "p",
    "config_fingerprint": "c",
    "version": "1",
}


def selected(*ids):
    chosen = [{"id": one, "uri": None, "score": None, "rank": rank} for rank, one in enumerate(ids)]
    return {"selected": chosen, "failed": [], "stats": STATS, "warnings": [], "provenance": PROVENANCE}


def said(body, status=200, **headers):
    return Answer(status=status, content=json.dumps(body).encode(), headers=headers)


def problem(status, code, detail, **headers):
    return said({"title": "t", "status": status, "detail": detail, "code": code}, status, **headers)


REFUSED = Answer(status=0, trouble="nobody there", again=True)
SLOW = Answer(status=0, trouble="too slow", again=False)


def play(steps, *answers):
    """Drive a verb with these answers; returns its result, the calls it made and the pauses it kept."""
    calls, pauses, waiting = [], [], list(answers)
    try:
        step = next(steps)
        while True:
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                step = steps.send(None)
            else:
                calls.append(step)
                step = steps.send(waiting.pop(0))
    except StopIteration as end:
        assert not waiting
        return end.value, calls, pauses


CALL = Call(method="GET", path="/")


def test_a_refused_connection_is_tried_again_after_growing_pauses():
    answer, calls, pauses = play(ask(CALL), REFUSED, REFUSED, said({}))
    assert answer.status == 200
    assert calls == [CALL] * 3
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == 2


def test_nobody_is_asked_for_ever():
    with pytest.raises(ServerError, match="nobody there") as caught:
        play(ask(CALL), *[REFUSED] * (RETRIES + 1))
    assert caught.value.status == 0


def test_a_time_out_is_told_at_once():
    with pytest.raises(ServerError, match="too slow"):
        play(ask(CALL), SLOW)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_given_the_time_that_it_asks_for(status):
    busy = problem(status, "queue-full", "later", **{"retry-after": "7"})
    _, _, pauses = play(ask(CALL), busy, said({}))
    assert pauses == [7.0]
    _, _, pauses = play(ask(CALL), problem(status, "x", "y", **{"retry-after": "soon"}), said({}))
    assert 0 < pauses[0] < 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 500])
def test_other_errors_are_told_at_once_in_the_servers_words(status):
    with pytest.raises(ServerError, match="what is wrong") as caught:
        play(ask(CALL), problem(status, "some-code", "what is wrong"))
    assert (caught.value.status, caught.value.remote_code) == (status, "some-code")


def test_an_error_of_something_else_is_told_too():
    with pytest.raises(ServerError, match="answered 500: <html>broken"):
        play(ask(CALL), Answer(status=500, content=b"<html>broken"))


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_that_reaches_nobody_is_asked_again_where_that_is_safe(status):
    away = Answer(status=status, content=b"<html>bad gateway")
    answer, calls, _ = play(ask(CALL), away, away, said({}))
    assert (answer.status, len(calls)) == (200, 3)
    with pytest.raises(ServerError, match=f"answered {status}: <html>bad gateway"):
        play(ask(CALL), *[away] * (RETRIES + 1))
    with pytest.raises(ServerError):
        play(ask(replace(CALL, repeatable=False)), away)


def test_an_answer_that_is_no_job_is_an_error():
    with pytest.raises(ServerError, match="is this an ALaaS server"):
        play(_verbs.job("j"), said({"hello": 1}))


def test_submit_says_only_what_was_given_under_a_key():
    job, [call], _ = play(_verbs.submit(texts=["a"], budget=1), said(JOB, 202))
    assert job.id == "j"
    assert (call.method, call.path) == ("POST", "/v1/select")
    assert json.loads(call.content) == {"items": [{"text": "a"}], "budget": 1}
    _, [other], _ = play(_verbs.submit(texts=["a"], budget=1), said(JOB, 202))
    assert call.headers["Idempotency-Key"] != other.headers["Idempotency-Key"]


def test_a_retried_submit_keeps_its_key():
    _, calls, _ = play(_verbs.submit(budget=1), REFUSED, said(JOB, 202))
    assert calls[0] == calls[1]


def test_everything_that_can_be_said_is_said(tmp_path):
    (tmp_path / "1.png").write_bytes(b"pixels")
    steps = _verbs.submit(
        images=[b"raw", tmp_path / "1.png"],
        budget=2,
        strategy="k_means",
        parameters={"iterations": 3},
        model="m",
        modality="image",
        seed=4,
        cache=False,
        idempotency_key="mine",
    )
    _, [call], _ = play(steps, said(JOB, 202))
    assert json.loads(call.content) == {
        "items": [{"blob": "cmF3"}, {"id": str(tmp_path / "1.png"), "blob": "cGl4ZWxz"}],
        "budget": 2,
        "strategy": {"name": "k_means", "parameters": {"iterations": 3}},
        "model": "m",
        "modality": "image",
        "seed": 4,
        "cache": False,
    }
    assert call.headers["Idempotency-Key"] == "mine"


def test_items_of_every_kind():
    items = [Item(id="a", row={"x": 1.5}), {"id": "b", "text": "t", "cost": 2.0}]
    _, [call], _ = play(_verbs.submit(items=items, budget=1), said(JOB, 202))
    sent = json.loads(call.content)["items"]
    assert sent == [{"id": "a", "row": {"x": 1.5}}, {"id": "b", "text": "t", "cost": 2.0}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"texts": ["a"], "uris": ["b"]}, "uris and texts"),
        ({"texts": ["a"], "source": "b"}, "source and items"),
        ({"texts": "abc"}, "must be a list"),
        ({"images": ["/no/such/file.png"]}, "cannot read the image"),
        ({"items": [{"uri": "a", "text": "b"}]}, "malformed"),
        ({"texts": []}, "items"),
        ({"texts": ["a"], "budget": 0}, "budget"),
        ({"texts": ["a"], "budget": "ten"}, "got 'ten'"),
        ({"texts": ["a"], "parameters": {"k": 1}}, "without a strategy"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_asking(arguments, words):
    with pytest.raises(UsageError, match=words):
        play(_verbs.submit(**{"budget": 1, **arguments}))


def test_select_waits_tells_progress_and_fetches_the_result():
    running, done = {**JOB, "state": "running"}, {**JOB, "state": "succeeded"}
    seen = []
    steps = _verbs.select(texts=["a", "b"], budget=1, on_progress=lambda job: seen.append(job.state))
    result, calls, pauses = play(
        steps,
        said(JOB, 202),
        said(JOB),
        said(running),
        said(running),
        said(done),
        said(done),
        said(selected("1")),
    )
    assert result.ids == ["1"]
    assert seen == ["queued", "running", "succeeded"]
    assert calls[-1].path == "/v1/jobs/j/result"
    assert len(pauses) == 3


def test_a_failed_job_raises_its_reason():
    failed = {
        **JOB,
        "state": "failed",
        "error": {"title": "t", "status": 422, "detail": "all bad", "code": "c"},
    }
    with pytest.raises(ServerError, match="all bad") as caught:
        play(_verbs.select(budget=1), said(JOB, 202), said(failed), said(failed))
    assert (caught.value.status, caught.value.remote_code) == (422, "c")


def test_a_cancelled_job_raises_cancelled():
    cancelled = {**JOB, "state": "cancelled"}
    with pytest.raises(CancelledError, match="j"):
        play(_verbs.select(budget=1), said(JOB, 202), said(cancelled), said(cancelled))


def test_giving_up_cancels_the_job():
    steps = _verbs.select(budget=1)
    next(steps)
    steps.send(said(JOB, 202))
    cancelling = steps.throw(KeyboardInterrupt())
    assert cancelling == Call(method="POST", path="/v1/jobs/j/cancel")
    with pytest.raises(KeyboardInterrupt):
        steps.send(said({**JOB, "state": "cancelled"}))


def test_time_running_out_cancels_the_job():
    steps = _verbs.select(budget=1, timeout=0.0)
    with pytest.raises(ServerError, match="has not ended within 0 seconds") as caught:
        play(steps, said(JOB, 202), said(JOB), said(JOB))
    assert caught.value.remote_code == "timeout"


def test_the_originals_verbs_give_what_the_original_gave(tmp_path):
    done = {**JOB, "state": "succeeded"}

    def answers(*ids):
        return said(JOB, 202), said(done), said(done), said(selected(*ids))

    texts, _, _ = play(_original.query_by_text(["x", "y", "z"], 2), *answers("2", "0"))
    assert texts == ["z", "x"]
    path = tmp_path / "1.png"
    path.write_bytes(b"pixels")
    images, _, _ = play(_original.query_by_images(path_list=[str(path)], budget=1), *answers(str(path)))
    assert images == ["cGl4ZWxz"]
    with pytest.raises(UsageError, match="n_drop"):
        play(_original.query_by_uri(input_uris=["a"], budget=1, divide_mode=False, n_drop=10))


@pytest.mark.parametrize("url", ["127.0.0.1:8081", "grpc://127.0.0.1:8081", "http://", "", "ws://x"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(UsageError, match="http://127"):
        checked_url(url)


def test_following_goes_on_where_it_broke_and_gives_up_after_silence():
    following = Following("j")
    assert following.headers == {}
    following.take("3", json.dumps(JOB))
    assert following.headers == {"Last-Event-ID": "3"}
    pauses = [following.broken("cut") for _ in range(RETRIES)]
    assert pauses == sorted(pauses)
    following.take("4", json.dumps({**JOB, "state": "succeeded"}))
    assert following.finished
    for _ in range(RETRIES):
        following.broken("cut")
    with pytest.raises(ServerError, match="cut"):
        following.broken("cut")
