"""The Open Inference Protocol over gRPC: under the same contract, and the same troubles."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.errors import ConfigError, MissingExtraError, ModelError, ModelUnavailableError
from alaas.testing.remote_engines import RemoteEngineSuite
from certificates import write_certificate
from inference_server import Behaviour, Tensor, images

grpc = pytest.importorskip("grpc")

from google.protobuf import descriptor_pb2  # noqa: E402

from alaas.engines._open_inference import open_inference_pb2  # noqa: E402
from grpc_inference_server import serving  # noqa: E402

BATCH = {"images": np.random.default_rng(3).normal(size=(5, 3, 8, 8)).astype(np.float32)}
FOLDER = Path(__file__).parents[2] / "src/alaas/engines/_open_inference"


def engine(url, **settings):
    given = {
        "name": "open_inference",
        "protocol": "grpc",
        "url": url,
        "model": "small",
        "timeout": 5,
        **settings,
    }
    return open_engine(EngineSettings.model_validate(given))


@pytest.fixture
def served():
    with ExitStack() as stack:

        def start(how, **settings):
            return engine(stack.enter_context(serving(how)), **settings)

        yield start


class OverGrpc(RemoteEngineSuite):
    how: ClassVar[dict] = {}
    settings: ClassVar[dict] = {}

    @pytest.fixture(autouse=True)
    def _server(self):
        with serving(images(**self.how)) as self.url:
            yield

    def make(self, **settings):
        return engine(**{"url": self.url, **self.settings, **settings})


class TestWithBytes(OverGrpc):
    pass


class TestWithTypedContents(OverGrpc):
    how: ClassVar[dict] = {"binary": False, "most": 3}
    settings: ClassVar[dict] = {"binary": False}


def run(engine):
    return engine.connect().run(BATCH)


def test_a_busy_server_is_asked_again(served):
    troubles = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED]
    found = run(served(images(troubles=troubles)))
    np.testing.assert_allclose(found["features"], BATCH["images"].mean(axis=(2, 3)), atol=1e-5)


def test_a_server_that_stays_busy_is_named_with_what_it_says(served):
    remote = served(images(troubles=[grpc.StatusCode.UNAVAILABLE] * 9), retries=1)
    with pytest.raises(ModelUnavailableError) as caught:
        run(remote)
    for part in ("asked 2 times", "UNAVAILABLE", "no room left", remote.address.authority, "'small'"):
        assert part in caught.value.message


def test_a_refused_batch_is_not_sent_again(served):
    how = images(troubles=[grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT])
    with pytest.raises(ModelError, match=r"\(5, 3, 8, 8\)") as caught:
        run(served(how))
    assert not isinstance(caught.value, ModelUnavailableError)
    assert len(how.troubles) == 1


def test_a_token_is_sent_and_asked_for(served):
    remote = served(images(token="open sesame"), token="open sesame")
    assert run(remote)["features"].shape == (5, 3)
    with pytest.raises(ModelUnavailableError, match=r"model\.engine\.token"):
        engine(str(remote.address)).connect()


def test_it_waits_until_the_model_is_ready(served):
    assert run(served(images(unready=2)))["features"].shape == (5, 3)
    with pytest.raises(ModelUnavailableError, match="not ready"):
        served(images(unready=99), retries=1).connect()


@pytest.mark.parametrize("binary", [True, False])
def test_texts_travel_both_ways(served, binary):
    how = Behaviour(
        inputs=[Tensor("words", "BYTES", [-1])],
        outputs=[Tensor("back", "BYTES", [-1])],
        compute=lambda a: {"back": np.array([str(t)[::-1] for t in a["words"]], dtype=object)},
        binary=binary,
    )
    texts = np.array(["späte Blüten", "", "日本\n"], dtype=object)
    found = served(how, binary=binary).connect().run({"words": texts})["back"]
    assert found.tolist() == [text[::-1] for text in texts]


def test_half_precision_travels(served):
    found = served(images(takes="FP16", gives="BF16")).connect().run(BATCH)["features"]
    np.testing.assert_allclose(found, BATCH["images"].mean(axis=(2, 3)), atol=2e-2)


def test_options_travel_as_parameters_of_their_types(served):
    assert run(served(images(), options={"a": 1, "b": True, "c": "d", "e": 0.5}))["features"].shape == (5, 3)
    with pytest.raises(ConfigError, match=r"options\.f"):
        run(served(images(), options={"f": [1]}))


def test_a_server_with_a_certificate_of_its_own_is_trusted_if_it_is_named(tmp_path):
    certificate = write_certificate(tmp_path / "both.pem")
    both = certificate.read_bytes()
    with serving(images(), grpc.ssl_server_credentials([(both, both)])) as url:
        assert run(engine(url, options={"certificates": str(certificate)}))["features"].shape == (5, 3)
        with pytest.raises(ModelUnavailableError, match="UNAVAILABLE"):
            engine(url, retries=0).connect()
    with pytest.raises(ConfigError, match=r"options\.certificates"):
        engine("https://127.0.0.1:9", options={"certificates": "/nowhere"}).connect()


def test_without_grpcio_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "grpc", None)
    with pytest.raises(MissingExtraError, match=r"alaas\[grpc\]"):
        engine("http://127.0.0.1:9").connect()


def test_the_messages_are_those_of_the_description(tmp_path):
    protoc = pytest.importorskip("grpc_tools.protoc")
    root, made = FOLDER.parents[2], tmp_path / "made.pb"
    source = FOLDER / "open_inference.proto"
    assert protoc.main(["", f"-I{root}", f"--descriptor_set_out={made}", str(source)]) == 0
    described = descriptor_pb2.FileDescriptorSet.FromString(made.read_bytes()).file[0]
    forget_json_names(described.message_type)  # the messages leave out what follows from the names
    kept = descriptor_pb2.FileDescriptorProto.FromString(open_inference_pb2.DESCRIPTOR.serialized_pb)
    assert kept == described, "run: make stubs"


def forget_json_names(messages):
    for message in messages:
        for field in message.field:
            field.ClearField("json_name")
        forget_json_names(message.nested_type)
