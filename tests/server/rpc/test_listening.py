"""How it starts, what it says of itself, and that it stops."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf import empty_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from alaas.config import Config, EgressSettings
from alaas.errors import ConfigError, MissingExtraError, UsageError
from alaas.server import Server
from alaas.v1 import alaas_pb2 as pb
from alaas.v1 import alaas_pb2_grpc

from ..test_serving import ALLOWED, process
from .conftest import stubs_of


def configured(**server: object) -> Config:
    return Config.model_validate({"store": "memory:", "server": {"port": 0, "grpc_port": 0, **server}})


def test_health_is_asked_without_a_key_and_of_each_service(channel, server):
    health = health_pb2_grpc.HealthStub(channel)
    for name in ("", "alaas.v1.Projects"):
        answer = health.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as caught:
        health.Check(health_pb2.HealthCheckRequest(service="nothing"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_whoever_watches_health_is_told_of_the_end():
    with Server(configured()) as server, grpc.insecure_channel(server.grpc_address) as channel:
        watched = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watched).status == health_pb2.HealthCheckResponse.SERVING
        server._listener._services.stopping.set()
        assert [one.status for one in watched] == [health_pb2.HealthCheckResponse.NOT_SERVING]


def test_the_interface_can_be_looked_up(channel):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    answer = next(stub.ServerReflectionInfo(iter([request])))
    names = {service.name for service in answer.list_services_response.service}
    assert {"alaas.v1.Selection", "alaas.v1.Projects", "alaas.v1.Jobs", "grpc.health.v1.Health"} <= names


def test_calls_are_counted(stubs, http):
    stubs.jobs.List(pb.JobsRequest())
    with pytest.raises(grpc.RpcError):
        stubs.jobs.Get(pb.JobRequest(id="none"))
    told = http.get("/metrics").text
    assert 'alaas_rpc_calls_total{code="OK",method="alaas.v1.Jobs/List"}' in told
    assert 'alaas_rpc_calls_total{code="NOT_FOUND",method="alaas.v1.Jobs/Get"}' in told
    assert "alaas_rpc_calls_open 0.0" in told


def test_a_process_says_where_logs_calls_and_stops_with_open_streams():
    settings = {"server": {"port": 0, "grpc_port": 0}, "log": {"format": "json", "level": "info"}}
    with process(settings) as (running, _):
        line = running.stdout.readline()
        assert line.startswith("ALaaS answers gRPC on 127.0.0.1:"), line
        with grpc.insecure_channel(line.split()[-1]) as channel:
            stubs = stubs_of(channel)
            stubs.projects.Create(pb.ProjectDefinition(name="p", model="passthrough"))
            stream = stubs.projects.Follow(pb.FollowRequest(project="p"))
            next(stream)
            reader = threading.Thread(target=lambda: list(stream))
            reader.start()
            began = time.monotonic()
            running.send_signal(signal.SIGTERM)
            assert running.wait(10) == 0
            assert time.monotonic() - began < ALLOWED
            reader.join(5)
            assert not reader.is_alive()
        lines = [json.loads(line) for line in running.stderr.read().splitlines()]
    assert {line["level"] for line in lines} == {"info"}
    first = next(line for line in lines if line.get("method") == "rpc")
    assert (first["route"], first["status"]) == ("alaas.v1.Projects/Create", "OK")


def test_a_selection_that_the_end_of_the_server_cuts_short_says_so(silent):
    config = configured().model_copy(
        update={"egress": EgressSettings(allow=[silent.removeprefix("http://")])}
    )
    with Server(config) as server, grpc.insecure_channel(server.grpc_address) as channel:
        request = pb.SelectRequest(items=[pb.ItemBody(uri=f"{silent}/1.png")], budget=1)
        call = stubs_of(channel).selection.Select(request)
        assert next(call).job.state == "queued"
        ending = threading.Thread(target=server.stop)
        ending.start()
        with pytest.raises(grpc.RpcError) as caught:
            list(call)
        ending.join()
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "the server stops" in caught.value.details()


def test_a_taken_port_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=r"in use.*--grpc-port or server.grpc_port"):
            Server(configured(grpc_port=port)).open()


def test_it_does_not_listen_beyond_this_machine_for_everybody():
    with pytest.raises(UsageError, match=r"refusing to listen on '0.0.0.0'"):
        Server(configured(grpc_host="0.0.0.0", keys="off")).open()


def test_listening_beyond_this_machine_for_grpc_alone_wants_keys():
    with Server(configured(grpc_host="0.0.0.0")) as server:
        assert server.key is not None
        local = f"127.0.0.1:{server.grpc_address.split(':')[1]}"
        with grpc.insecure_channel(local) as channel, pytest.raises(grpc.RpcError) as caught:
            alaas_pb2_grpc.CatalogueStub(channel).Models(empty_pb2.Empty())
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_without_a_port_there_is_none():
    with Server(configured(grpc_port=None)) as server:
        assert server.grpc_address is None


def test_without_the_extra_it_says_which(monkeypatch):
    monkeypatch.setitem(sys.modules, "grpc_health.v1", None)
    with pytest.raises(MissingExtraError, match=r'pip install "alaas\[grpc\]"'):
        Server(configured()).open()


def test_with_a_certificate_it_speaks_tls(tmp_path):
    x509 = pytest.importorskip("cryptography.x509")
    certificate, key = self_signed(x509)
    (tmp_path / "certificate.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    files = {"grpc_certificate": tmp_path / "certificate.pem", "grpc_key": tmp_path / "key.pem"}
    with Server(configured(**files)) as server:
        name = (("grpc.ssl_target_name_override", "localhost"),)
        credentials = grpc.ssl_channel_credentials(certificate)
        with grpc.secure_channel(server.grpc_address, credentials, name) as channel:
            assert alaas_pb2_grpc.CatalogueStub(channel).Models(empty_pb2.Empty(), timeout=10).models
        with grpc.insecure_channel(server.grpc_address) as channel, pytest.raises(grpc.RpcError):
            alaas_pb2_grpc.CatalogueStub(channel).Models(empty_pb2.Empty(), timeout=5)


def test_a_certificate_needs_its_key(tmp_path):
    with pytest.raises(ConfigError, match="go together"):
        Server(configured(grpc_certificate=tmp_path / "certificate.pem")).open()
    with pytest.raises(ConfigError, match=r"server.grpc_key: cannot read"):
        Server(configured(grpc_certificate=tmp_path / "c.pem", grpc_key=tmp_path / "k.pem")).open()


def self_signed(x509) -> tuple[bytes, bytes]:
    """A certificate for localhost and its key, as PEM."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
