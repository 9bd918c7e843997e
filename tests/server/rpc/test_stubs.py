"""The shipped stubs are those of the shipped description."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from pydantic import BaseModel

import alaas.v1
from alaas import protocol
from alaas.v1 import alaas_pb2, alaas_pb2_grpc

SOURCE = Path(alaas.v1.__file__).parent
ELSEWHERE = {"JobBody": {"links"}}
"""Fields of bodies that mean nothing over gRPC."""
ONLY_THERE = {
    "HealthBody", "ItemsRequest", "JobLinks", "Page", "Reply", "Request",
    "AskWork", "ExportWork", "ImportWork", "RetrainWork",
}  # fmt: skip
"""Bodies that have no message: bases, what only HTTP has, and what only jobs say to each other."""


def test_the_stubs_are_made_from_the_description(tmp_path):
    protoc = pytest.importorskip("grpc_tools.protoc")
    made = tmp_path / "made.pb"
    include = str(Path(protoc.__file__).parent / "_proto")
    root = str(SOURCE.parents[1])
    assert (
        protoc.main(["", f"-I{root}", f"-I{include}", f"--descriptor_set_out={made}", "alaas/v1/alaas.proto"])
        == 0
    )
    described = descriptor_pb2.FileDescriptorSet.FromString(made.read_bytes()).file[0]
    forget_json_names(described.message_type)  # the stubs leave out what follows from the names
    shipped = descriptor_pb2.FileDescriptorProto.FromString(alaas_pb2.DESCRIPTOR.serialized_pb)
    assert shipped == described, "run: make stubs"


def forget_json_names(messages) -> None:
    for message in messages:
        for field in message.field:
            field.ClearField("json_name")
        forget_json_names(message.nested_type)


def test_the_python_files_have_every_message_and_call():
    types = (SOURCE / "alaas_pb2.pyi").read_text()
    for name in alaas_pb2.DESCRIPTOR.message_types_by_name:
        assert f"class {name}(" in types
    for name, service in alaas_pb2.DESCRIPTOR.services_by_name.items():
        methods = {method.name for method in service.methods}
        servicer = getattr(alaas_pb2_grpc, f"{name}Servicer")
        assert {method for method, _ in inspect.getmembers(servicer, inspect.isfunction)} == methods


def bodies() -> dict[str, type[BaseModel]]:
    named = {name: getattr(protocol, name) for name in protocol.__all__ if name not in ONLY_THERE}
    return {name: one for name, one in named.items() if inspect.isclass(one) and issubclass(one, BaseModel)}


@pytest.mark.parametrize("name", bodies())
def test_a_message_has_the_fields_of_its_body(name):
    fields = set(bodies()[name].model_fields) - ELSEWHERE.get(name, set())
    if name == "SourceBody":
        fields |= {"uris"}
    message = getattr(alaas_pb2, name).DESCRIPTOR
    beside = {"project", "batch", "version", "any_version", "defaults"}
    assert fields <= set(message.fields_by_name) <= fields | beside
    assert set(message.fields_by_name) - fields == set() or name.endswith(("Request", "Change"))
