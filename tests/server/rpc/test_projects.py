"""A project from its making to its end, over gRPC alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from alaas.server.rpc.messages import plain
from alaas.v1 import alaas_pb2 as pb
from rows import label

from .conftest import answers, asked, ended, items, made, stubs_of, taught


def test_the_whole_circle(stubs):
    name = made(stubs, "circle")
    batch = taught(stubs, name)
    status = stubs.projects.Status(pb.ProjectRequest(project=name))
    assert (status.labels, status.round.number, status.round.fitted) == (12, 1, True)
    assert not status.HasField("budget")
    again = stubs.projects.Tell(pb.TellRequest(project=name, batch=batch.id, answers=answers(batch)))
    assert {receipt.outcome for receipt in again.receipts} == {"same"}
    assert stubs.projects.Replay(pb.OneBatchRequest(project=name, batch=batch.id)).same


def test_a_batch_is_released_and_extended(stubs):
    name = made(stubs, "leases")
    batch = asked(stubs, name, 3)
    longer = stubs.projects.Extend(pb.ExtendRequest(project=name, batch=batch.id, lease=7200))
    assert longer.until.ToDatetime() > batch.until.ToDatetime()
    one = pb.ReleaseRequest(project=name, batch=batch.id, items=[batch.items[0].id])
    states = {item.id: item.state for item in stubs.projects.Release(one).items}
    assert states[batch.items[0].id] == "released"
    rest = stubs.projects.Release(pb.ReleaseRequest(project=name, batch=batch.id))
    assert {item.state for item in rest.items} == {"released"}


def test_a_skip_and_a_label_that_is_refused(stubs):
    name = made(stubs, "refusals")
    told = stubs.projects.Tell(
        pb.TellRequest(
            project=name,
            answers=[
                pb.AnswerBody(item="t0", label=pb.Label(one="oak")),
                pb.AnswerBody(item="t1", skip="a stone"),
                pb.AnswerBody(item="t2", label=pb.Label(one=label("t2"))),
            ],
        )
    )
    assert [receipt.outcome for receipt in told.receipts] == ["refused", "kept", "kept"]
    history = stubs.projects.Labels(pb.PageRequest(project=name)).labels
    assert [(one.item, one.kind) for one in history] == [("t1", "skip"), ("t2", "label")]


def test_an_upload_may_be_larger_than_a_message(stubs, config):
    name = made(stubs, "upload")
    row = items(1)[0].row

    def part(number: int) -> pb.ItemsRequest:
        padded = [pb.NewItemBody(id=f"{number}-{n}-{'x' * 60}", row=row) for n in range(40)]
        return pb.ItemsRequest(project=name if number == 0 else "", items=padded)

    assert 30 * part(1).ByteSize() > int(config.limits.max_request_bytes) > part(1).ByteSize()
    reply = stubs.projects.AddItems(part(number % 25) for number in range(30))
    assert (reply.added.added, reply.added.known) == (1000, 200)
    assert stubs.projects.Status(pb.ProjectRequest(project=name)).items == 1030


def test_a_stream_is_for_one_project(stubs):
    first, second = made(stubs, "one"), made(stubs, "other")
    parts = [pb.ItemsRequest(project=name, items=items(1)) for name in (first, second)]
    with pytest.raises(grpc.RpcError) as caught:
        stubs.projects.AddItems(iter(parts))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_source_is_read_by_a_job(stubs, tmp_path):
    (tmp_path / "rows.csv").write_text("id,height,girth\na,1.0,2.0\nb,2.0,1.0\n", encoding="utf-8")
    name = made(stubs, "sources")
    source = pb.SourceBody(uri=str(tmp_path / "rows.csv"))
    reply = stubs.projects.AddItems(iter([pb.ItemsRequest(project=name, source=source)]))
    job = ended(stubs, reply.jobs[0].id)
    assert (job.kind, job.state, job.error.code) == ("import", "failed", "egress")  # no folder is open


def test_a_feed_is_answered_as_it_comes(stubs, http):
    name = made(stubs, "feed", stream=pb.StreamBody(budget=0.5, burst=2))
    sent: list[str] = []

    def feed():
        for n in range(6):
            item = pb.NewItemBody(
                id=f"f{n}", row={"height": pb.Cell(number=n * 3.0), "girth": pb.Cell(number=1.0)}
            )
            sent.append(item.id)
            yield pb.StreamRequest(project=name if n == 0 else "", items=[item])

    answers = list(stubs.projects.Offer(feed()))
    assert [answer.decisions[0].id for answer in answers] == sent
    assert [answer.arrived for answer in answers] == [1, 2, 3, 4, 5, 6]
    taken = [answer.decisions[0].id for answer in answers if answer.decisions[0].taken]
    assert len(taken) == answers[-1].taken > 0
    row = {"height": 0.0, "girth": 1.0}
    again = http.post(f"/v1/projects/{name}/stream", json={"items": [{"id": "f0", "row": row}]}).json()
    assert again["decisions"][0]["taken"] == answers[0].decisions[0].taken
    assert again["decisions"][0]["why"] in ("known", "repeated")


def test_a_change_keeps_resets_and_minds_the_version(stubs):
    name = made(stubs, "changes", budget=5)
    before = stubs.projects.Get(pb.ProjectRequest(project=name))
    larger = stubs.projects.Change(pb.ProjectChange(project=name, budget=9, version=before.version))
    assert plain(larger)["definition"]["budget"] == 9
    with pytest.raises(grpc.RpcError) as caught:
        stubs.projects.Change(pb.ProjectChange(project=name, budget=7, version=before.version))
    assert caught.value.code() is grpc.StatusCode.ABORTED
    reset = stubs.projects.Change(pb.ProjectChange(project=name, defaults=["budget"], any_version=True))
    assert plain(reset)["definition"].get("budget") is None
    with pytest.raises(grpc.RpcError, match="no 'colour'"):
        stubs.projects.Change(pb.ProjectChange(project=name, defaults=["colour"], any_version=True))


def test_nothing_is_deleted_without_saying_which_version(stubs):
    name = made(stubs, "deleted")
    with pytest.raises(grpc.RpcError) as caught:
        stubs.projects.Delete(pb.DeleteRequest(project=name))
    assert dict(caught.value.trailing_metadata())["alaas-code"] == "precondition-required"
    stubs.projects.Delete(pb.DeleteRequest(project=name, any_version=True))
    with pytest.raises(grpc.RpcError) as caught:
        stubs.projects.Get(pb.ProjectRequest(project=name))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_taken_name_is_told_as_such(stubs):
    name = made(stubs, "taken")
    with pytest.raises(grpc.RpcError) as caught:
        stubs.projects.Create(pb.ProjectDefinition(name=name, seed=9))
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS


def test_what_happens_is_told_as_it_happens(stubs):
    name = made(stubs, "followed")
    stream = stubs.projects.Follow(pb.FollowRequest(project=name))
    assert next(stream).verb == "project.create"
    seen = threading.Event()

    def read() -> None:
        for entry in stream:  # until it was seen, or the stream is cancelled
            if entry.verb == "answers.tell":
                seen.set()
                return

    reader = threading.Thread(target=read)
    reader.start()
    answer = pb.AnswerBody(item="t0", label=pb.Label(one=label("t0")))
    stubs.projects.Tell(pb.TellRequest(project=name, answers=[answer]))
    told = seen.wait(10)
    stream.cancel()
    reader.join()
    assert told


def test_several_clients_label_side_by_side(stubs, server):
    name = made(stubs, "crowd")

    def work(who: int) -> int:
        with grpc.insecure_channel(server.grpc_address) as channel:
            own = stubs_of(channel)
            told = 0
            for number in range(who, 30, 3):
                answer = pb.AnswerBody(item=f"t{number}", label=pb.Label(one=label(f"t{number}")))
                reply = own.projects.Tell(pb.TellRequest(project=name, answers=[answer]))
                told += reply.receipts[0].outcome == "kept"
            return told

    with ThreadPoolExecutor(3) as crowd:
        assert sum(crowd.map(work, range(3))) == 30
    assert stubs.projects.Status(pb.ProjectRequest(project=name)).labels == 30
