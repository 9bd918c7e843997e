"""A server that answers HTTP and gRPC, and a channel to it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import httpx2
import pytest

pytest.importorskip("grpc_reflection")

import grpc

from alaas.config import Config
from alaas.server import Server
from alaas.v1 import alaas_pb2, alaas_pb2_grpc
from rows import definition, label, rows


@pytest.fixture(scope="module")
def config(config: Config) -> Config:
    """As for HTTP, and a port for gRPC."""
    return config.model_copy(
        update={
            "server": config.server.model_copy(update={"grpc_port": 0}),
            "limits": config.limits.model_copy(update={"max_jobs": 20}),
        }
    )


@pytest.fixture(scope="module")
def server(config: Config) -> Iterator[Server]:
    with Server(config) as running:
        yield running


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def channel(server: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server.grpc_address) as channel:
        yield channel


@pytest.fixture(scope="module")
def stubs(channel: grpc.Channel) -> SimpleNamespace:
    return stubs_of(channel)


def stubs_of(channel: grpc.Channel) -> SimpleNamespace:
    return SimpleNamespace(
        selection=alaas_pb2_grpc.SelectionStub(channel),
        projects=alaas_pb2_grpc.ProjectsStub(channel),
        jobs=alaas_pb2_grpc.JobsStub(channel),
        catalogue=alaas_pb2_grpc.CatalogueStub(channel),
    )


def cells(row: dict[str, float]) -> dict[str, alaas_pb2.Cell]:
    return {name: alaas_pb2.Cell(number=value) for name, value in row.items()}


def items(count: int = 30) -> list[alaas_pb2.NewItemBody]:
    return [alaas_pb2.NewItemBody(id=item["id"], row=cells(item["row"])) for item in rows(count)]


def text_items(count: int) -> list[alaas_pb2.ItemBody]:
    return [alaas_pb2.ItemBody(id=f"t{n}", text=f"text number {n}") for n in range(count)]


def made(stubs: SimpleNamespace, name: str, **more: object) -> str:
    """A project over rows, made over gRPC."""
    asked = definition(name, **more)
    asked["strategy"] = alaas_pb2.StrategyChoice(name=asked["strategy"])
    asked["task"] = alaas_pb2.TaskBody(classes=asked["task"]["classes"])
    stubs.projects.Create(alaas_pb2.ProjectDefinition(**asked))
    stubs.projects.AddItems(iter([alaas_pb2.ItemsRequest(project=name, items=items())]))
    return name


def ended(stubs: SimpleNamespace, job: str) -> alaas_pb2.JobBody:
    """The job once it has ended."""
    *_, last = stubs.jobs.Watch(alaas_pb2.WatchRequest(id=job), timeout=60)
    return last.job


def asked(stubs: SimpleNamespace, project: str, k: int) -> alaas_pb2.BatchBody:
    """A batch of ``k`` items."""
    job = stubs.projects.Ask(alaas_pb2.BatchRequest(project=project, k=k))
    assert ended(stubs, job.id).state == "succeeded"
    return stubs.jobs.Result(alaas_pb2.JobRequest(id=job.id)).batch


def answers(batch: alaas_pb2.BatchBody) -> list[alaas_pb2.AnswerBody]:
    """The true label of each of its items."""
    return [
        alaas_pb2.AnswerBody(item=item.id, label=alaas_pb2.Label(one=label(item.id))) for item in batch.items
    ]


def taught(stubs: SimpleNamespace, project: str, k: int = 12) -> alaas_pb2.BatchBody:
    """A project whose learner has learnt from ``k`` labels; the batch that held them."""
    batch = asked(stubs, project, k)
    stubs.projects.Tell(alaas_pb2.TellRequest(project=project, batch=batch.id, answers=answers(batch)))
    assert (
        ended(stubs, stubs.projects.Retrain(alaas_pb2.ProjectRequest(project=project)).id).state
        == "succeeded"
    )
    return batch
