"""Keys, roles and rates are those of HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import grpc
import pytest
from google.protobuf import empty_pb2

from alaas.access import Keyring
from alaas.config import Config
from alaas.server import Server
from alaas.server.rpc.call import _address
from alaas.v1 import alaas_pb2 as pb

from .conftest import items, stubs_of

SETTINGS = {"store": "memory:", "strategy": "random"}


@pytest.fixture(scope="module")
def keyed() -> Iterator[tuple[SimpleNamespace, dict[str, tuple]]]:
    """A server that wants keys, and the metadata of callers who have one."""
    config = Config.model_validate({**SETTINGS, "server": {"port": 0, "grpc_port": 0, "keys": "required"}})
    with Server(config) as server, grpc.insecure_channel(server.grpc_address) as channel:
        keyring: Keyring = server._listener._services.admission.keyring
        shown = {"admin": (("authorization", f"Bearer {server.key}"),)}
        for name, role, projects in (
            ("reader", "reader", None),
            ("ada", "annotator", ["p"]),
            ("eve", "admin", ["p"]),
        ):
            _, token = keyring.create(name, role, projects, actor="me")
            shown[name] = (("authorization", f"Bearer {token.text}"),)
        stubs = stubs_of(channel)
        for name in ("p", "q"):
            stubs.projects.Create(
                pb.ProjectDefinition(name=name, model="passthrough"), metadata=shown["admin"]
            )
        yield stubs, shown


def code_of(call) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value.code().name


@pytest.mark.parametrize(
    "metadata", [(), (("authorization", "Bearer alaas_nonsense"),), (("authorization", "Basic x"),)]
)
def test_without_a_key_nothing_is_answered(keyed, metadata):
    stubs, _ = keyed
    empty = empty_pb2.Empty()
    assert code_of(lambda: stubs.catalogue.Strategies(empty, metadata=metadata)) == "UNAUTHENTICATED"
    stream = stubs.selection.Select(pb.SelectRequest(), metadata=metadata)
    assert code_of(lambda: list(stream)) == "UNAUTHENTICATED"
    upload = iter([pb.ItemsRequest(project="p", items=items(1))])
    assert code_of(lambda: stubs.projects.AddItems(upload, metadata=metadata)) == "UNAUTHENTICATED"


def test_a_key_is_good_for_its_role_and_its_projects(keyed):
    stubs, shown = keyed
    assert stubs.catalogue.Strategies(empty_pb2.Empty(), metadata=shown["reader"]).strategies
    ask = stubs.projects.Ask
    assert code_of(lambda: ask(pb.BatchRequest(project="p"), metadata=shown["reader"])) == "PERMISSION_DENIED"
    assert ask(pb.BatchRequest(project="p"), metadata=shown["ada"]).kind == "ask"
    assert code_of(lambda: ask(pb.BatchRequest(project="q"), metadata=shown["ada"])) == "PERMISSION_DENIED"
    listed = stubs.projects.List(pb.ProjectsRequest(), metadata=shown["ada"]).projects
    assert [project.name for project in listed] == ["p"]
    select = stubs.selection.Select(pb.SelectRequest(), metadata=shown["ada"])
    assert code_of(lambda: list(select)) == "PERMISSION_DENIED"


def test_every_message_of_a_stream_is_looked_at(keyed):
    stubs, shown = keyed
    upload = [pb.ItemsRequest(project="p", items=items(1))]
    assert (
        code_of(lambda: stubs.projects.AddItems(iter(upload), metadata=shown["ada"])) == "PERMISSION_DENIED"
    )


def test_later_messages_of_a_stream_need_not_name_the_project(keyed):
    stubs, shown = keyed
    upload = [pb.ItemsRequest(project="p", items=items(2)), pb.ItemsRequest(items=items(4))]
    reply = stubs.projects.AddItems(iter(upload), metadata=shown["eve"])
    assert (reply.added.added, reply.added.known) == (4, 2)
    upload = [pb.ItemsRequest(project="p", items=items(1)), pb.ItemsRequest(project="q", items=items(1))]
    assert code_of(lambda: stubs.projects.AddItems(iter(upload), metadata=shown["eve"])) == "INVALID_ARGUMENT"
    assert not stubs.projects.Items(pb.ItemsPageRequest(project="q"), metadata=shown["admin"]).items


def test_nobody_speaks_for_others(keyed):
    stubs, shown = keyed
    told = pb.TellRequest(project="p", annotator="eve", answers=[pb.AnswerBody(item="t0", skip="")])
    assert code_of(lambda: stubs.projects.Tell(told, metadata=shown["ada"])) == "PERMISSION_DENIED"


def test_who_asks_too_often_is_told_when_to_come_back():
    limits = {"requests_per_second": 0.5, "request_burst": 2}
    config = Config.model_validate({**SETTINGS, "server": {"port": 0, "grpc_port": 0}, "limits": limits})
    with Server(config) as server, grpc.insecure_channel(server.grpc_address) as channel:
        stubs = stubs_of(channel)
        for _ in range(2):
            stubs.jobs.List(pb.JobsRequest())
        with pytest.raises(grpc.RpcError) as caught:
            stubs.jobs.List(pb.JobsRequest())
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert dict(caught.value.trailing_metadata())["retry-after"] in ("1", "2")


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:10.0.0.7:4711", "10.0.0.7"),
        ("ipv6:%5B::1%5D:4711", "::1"),
        ("ipv6:[::1]:4711", "::1"),
        ("unix:x", ""),
    ],
)
def test_the_address_of_a_peer(peer, address):
    assert _address(peer) == address
