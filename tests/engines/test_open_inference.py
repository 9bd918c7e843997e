"""The Open Inference Protocol over HTTP: under the contract, and what servers do besides answering."""

import json
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import ClassVar

import numpy as np
import pytest

import inference_server
from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.errors import ConfigError, ModelError, ModelUnavailableError
from alaas.testing.remote_engines import RemoteEngineSuite
from certificates import write_certificate
from inference_server import images, serving

BATCH = {"images": np.random.default_rng(3).normal(size=(5, 3, 8, 8)).astype(np.float32)}


def engine(url, **settings):
    given = {"name": "open_inference", "url": url, "model": "small", "timeout": 5, **settings}
    return open_engine(EngineSettings.model_validate(given))


@pytest.fixture
def served():
    """Starts a server that behaves as it is told; gives the behaviour and an engine for it."""
    with ExitStack() as stack:

        def start(how, **settings):
            return how, engine(stack.enter_context(serving(how)), **settings)

        yield start


class OverHttp(RemoteEngineSuite):
    how: ClassVar[dict] = {}
    settings: ClassVar[dict] = {}

    @pytest.fixture(autouse=True)
    def _server(self):
        with serving(images(**self.how)) as self.url:
            yield

    def make(self, **settings):
        return engine(**{"url": self.url, **self.settings, **settings})


class TestWithBytes(OverHttp):
    pass


class TestWithJsonBothWays(OverHttp):
    settings: ClassVar[dict] = {"binary": False}
    how: ClassVar[dict] = {"binary": False}


class TestWithJsonInTheAnswerAlone(OverHttp):
    how: ClassVar[dict] = {"binary": False}


class TestAServerThatDescribesNothing(OverHttp):
    how: ClassVar[dict] = {"describes": False}
    settings: ClassVar[dict] = {
        "inputs": [{"name": "images", "shape": [None, 3, 8, 8]}],
        "outputs": [{"name": "features", "shape": [None, 3]}, {"name": "logits", "shape": [None, 3]}],
    }


class TestAServerThatTakesThreeAtOnce(OverHttp):
    how: ClassVar[dict] = {"most": 3}


class TestAServerThatTakesJustFour(OverHttp):
    how: ClassVar[dict] = {"fixed": 4}


def refusing(status, retry_after=None, **said):
    def trouble(handler):
        headers = {} if retry_after is None else {"Retry_After": retry_after}
        handler.reply(status, json.dumps(said).encode(), **headers)

    return trouble


def run(engine):
    return engine.connect().run(BATCH)


def test_a_busy_server_is_asked_again_after_the_time_it_asks_for(served):
    how, remote = served(images(troubles=[refusing(429, retry_after=0.4), refusing(503)]))
    began = time.monotonic()
    np.testing.assert_allclose(run(remote)["features"], BATCH["images"].mean(axis=(2, 3)), atol=1e-5)
    assert time.monotonic() - began >= 0.4
    assert len(how.batches) == 1


def test_a_server_that_stays_busy_is_named_with_what_it_says(served):
    _, remote = served(images(troubles=[refusing(503, error="no room left")] * 9), retries=1)
    with pytest.raises(ModelUnavailableError) as caught:
        run(remote)
    assert "asked 2 times" in caught.value.message
    assert "503" in caught.value.message
    assert "no room left" in caught.value.message
    assert f"{remote.address}/v2/models/small/infer" in caught.value.message


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_refused_batch_is_not_sent_again(served, status):
    how, remote = served(images(troubles=[refusing(status, error={"message": "too blue"})]))
    with pytest.raises(ModelError, match=r"too blue.*") as caught:
        run(remote)
    assert not isinstance(caught.value, ModelUnavailableError)
    assert "(5, 3, 8, 8)" in caught.value.message
    assert how.troubles == []
    assert how.batches == []


def test_a_slow_server_is_given_up_in_time(served):
    _, remote = served(images(pause=3), timeout=0.3, retries=0)
    model = remote.connect()
    began = time.monotonic()
    with pytest.raises(ModelUnavailableError, match=r"within 0\.3 s"):
        model.run(BATCH)
    assert time.monotonic() - began < 2


def cut_off(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"x" * 10)
    handler.close_connection = True


def hang_up(handler):
    handler.close_connection = True


@pytest.mark.parametrize("trouble", [cut_off, hang_up])
def test_an_answer_cut_off_is_asked_for_again(served, trouble):
    _, remote = served(images(troubles=[trouble]))
    assert run(remote)["features"].shape == (5, 3)


def saying(body, **headers):
    return lambda handler: handler.reply(200, body, **headers)


def one(**output):
    return json.dumps(
        {"outputs": [{"name": "features", "datatype": "FP32", "shape": [5, 3], **output}]}
    ).encode()


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (saying(b"<html>hello</html>"), "no result of the Open Inference Protocol"),
        (saying(b"{}"), "no result"),
        (saying(b"[1]"), "no result"),
        (saying(b"\xff\xfe", Inference_Header_Content_Length=9999), "no result"),
        (saying(one(data=[1.0, 2.0])), "no FP32 of shape"),
        (saying(one(data=[None] * 15)), "output 'logits'|not|no FP32"),
        (saying(one(parameters={"binary_data_size": 4}) + b"1234"), "no result"),
        (saying(json.dumps({"outputs": []}).encode()), "without the output 'features'"),
    ],
)
def test_garbage_is_refused_with_the_server_named(served, trouble, message):
    _, remote = served(images(troubles=[trouble]))
    with pytest.raises(ModelError, match=message) as caught:
        run(remote)
    assert str(remote.address) in caught.value.message


def test_too_few_bytes_are_refused(served):
    head = one(parameters={"binary_data_size": 60})
    trouble = saying(head + b"1234", Inference_Header_Content_Length=len(head))
    _, remote = served(images(troubles=[trouble]))
    with pytest.raises(ModelError, match=r"4 bytes for FP32 of shape \(5, 3\), expected 60"):
        run(remote)


def test_another_number_of_rows_is_refused(served):
    outputs = [
        {"name": n, "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]} for n in ("features", "logits")
    ]
    _, remote = served(images(troubles=[saying(json.dumps({"outputs": outputs}).encode())]))
    with pytest.raises(ModelError, match=r"shape \(1, 3\) for 5 items"):
        run(remote)


def test_a_token_is_sent_and_asked_for(served):
    _, remote = served(images(token="open sesame"), token="open sesame")
    assert run(remote)["features"].shape == (5, 3)
    for token, word in ((None, "asks for a token"), ("wrong", "does not accept the token")):
        with pytest.raises(ModelUnavailableError, match=word) as caught:
            engine(str(remote.address), token=token).connect()
        assert "wrong" not in caught.value.message


def test_no_more_calls_are_under_way_than_there_are_connections(served):
    how, remote = served(images(pause=0.02), connections=3)
    model = remote.connect()
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: model.run(BATCH), range(24)))
    assert how.most_at_once == 3


def test_it_waits_until_the_model_is_ready(served):
    _, remote = served(images(unready=2))
    assert run(remote)["features"].shape == (5, 3)
    with pytest.raises(ModelUnavailableError, match="503"):
        served(images(unready=99), retries=1)[1].connect()


@pytest.mark.parametrize(
    ("takes", "gives", "tolerance"), [("FP16", "FP16", 2e-3), ("BF16", "BF16", 2e-2), ("UINT8", "FP64", 1e-5)]
)
@pytest.mark.parametrize("binary", [True, False])
def test_other_types_travel_as_what_they_are(served, takes, gives, tolerance, binary):
    how, remote = served(images(takes=takes, gives=gives, binary=binary), binary=binary)
    pixels = np.random.default_rng(0).integers(0, 255, size=(3, 3, 8, 8))
    given = pixels.astype(np.uint8) if takes == "UINT8" else (pixels / 255).astype(np.float32)
    found = remote.connect().run({"images": given})["features"]
    np.testing.assert_allclose(found, given.mean(axis=(2, 3)), rtol=tolerance, atol=tolerance)
    assert how.seen[0]["inputs"][0]["datatype"] == takes


@pytest.mark.parametrize("binary", [True, False])
def test_texts_travel_both_ways(served, binary):
    tensor = inference_server.Tensor("words", "BYTES", [-1])
    back = inference_server.Tensor("back", "BYTES", [-1])
    how = inference_server.Behaviour(
        inputs=[tensor],
        outputs=[back],
        compute=lambda a: {"back": np.array([str(t)[::-1] for t in a["words"]], dtype=object)},
        binary=binary,
    )
    _, remote = served(how, binary=binary)
    texts = np.array(["späte Blüten", "", "日本\n"], dtype=object)
    assert remote.header().inputs[0].dtype == "string"
    assert remote.connect().run({"words": texts})["back"].tolist() == [text[::-1] for text in texts]


def test_a_batch_is_cut_to_what_the_server_takes_and_the_size_is_remembered(served):
    how, remote = served(images(most=2))
    model = remote.connect()
    for _ in range(2):
        np.testing.assert_allclose(model.run(BATCH)["features"], BATCH["images"].mean(axis=(2, 3)), atol=1e-5)
    assert how.batches == [5, 2, 2, 1, 2, 2, 1]


def test_options_travel_as_parameters_and_enter_the_identity(served):
    how, remote = served(images(), options={"priority": 2})
    run(remote)
    assert how.seen[0]["parameters"]["priority"] == 2
    assert remote.identity() != served(images())[1].identity()
    assert "priority" in remote.identity()


def test_the_version_is_part_of_the_address_and_of_the_identity(served):
    _, remote = served(images(), version="7")
    run(remote)
    assert " 7 numpy" in remote.identity()
    _, any_version = served(images())
    assert " 3 numpy" in any_version.identity()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": None}, "model.engine.url is not set"),
        ({"url": "ftp://somewhere"}, "not an http"),
        ({"url": "http://user:word@host"}, "without user"),
        ({"model": None}, "model.engine.model is not set"),
        ({"precision": "int8"}, "decides"),
        ({"devices": ["cuda:0"]}, "no meaning"),
    ],
)
def test_settings_that_make_no_sense_are_refused_at_once(settings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        engine(**{"url": "http://127.0.0.1:9", **settings})
    assert "word" not in caught.value.message


def test_a_server_of_something_else_is_told_apart(served):
    with pytest.raises(ModelUnavailableError, match=r"model\.engine\.url is the server's address"):
        engine(f"{served(images())[1].address}/elsewhere").header()


def test_a_server_that_says_too_little_asks_for_settings(served):
    with pytest.raises(ModelError, match=r"model\.engine\.inputs"):
        served(images(describes=False))[1].header()


def test_a_server_with_a_certificate_of_its_own_is_trusted_if_it_is_named(tmp_path):
    certificate = write_certificate(tmp_path / "both.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(images(), tls) as url:
        assert run(engine(url, options={"certificates": str(certificate)}))["features"].shape == (5, 3)
        with pytest.raises(ModelUnavailableError, match="is not trusted"):
            engine(url).connect()
    with pytest.raises(ConfigError, match=r"options\.certificates"):
        engine("https://127.0.0.1:9", options={"certificates": "/nowhere"}).connect()
