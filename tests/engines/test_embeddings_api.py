"""Texts to vectors over /v1/embeddings: under the contract, and what servers do otherwise."""

from contextlib import ExitStack
from typing import ClassVar

import numpy as np
import pytest

from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.errors import ConfigError, ModelError, ModelUnavailableError
from alaas.testing.remote_engines import RemoteEngineSuite
from embeddings_server import Behaviour, serving, vector

TEXTS = np.array(["abba", "dada", "späte Blüten", "c", "日本"], dtype=object)


def engine(url, **settings):
    given = {"name": "embeddings_api", "url": url, "model": "letters", "timeout": 5, **settings}
    return open_engine(EngineSettings.model_validate(given))


@pytest.fixture
def served():
    with ExitStack() as stack:

        def start(how, suffix="", **settings):
            return engine(stack.enter_context(serving(how)) + suffix, **settings)

        yield start


class OverTheApi(RemoteEngineSuite):
    how: ClassVar[dict] = {}
    settings: ClassVar[dict] = {}

    @pytest.fixture(autouse=True)
    def _server(self):
        with serving(Behaviour(**self.how)) as self.url:
            yield

    def make(self, **settings):
        return engine(**{"url": self.url, **self.settings, **settings})

    def batch(self, count, seed=0):
        rng = np.random.default_rng(seed)
        texts = np.empty(count, dtype=object)
        texts[:] = ["".join(rng.choice(list("abcdé "), size=1 + rng.integers(9))) for _ in range(count)]
        return {"input": texts}

    def expect(self, batch):
        return {"embeddings": np.stack([vector(text) for text in batch["input"]])}


class TestAServerOfBase64(OverTheApi):
    pass


class TestAServerOfNumbersThatTakesThreeInAnyOrder(OverTheApi):
    how: ClassVar[dict] = {"base64": False, "most": 3, "turned": True}


def run(engine, texts=TEXTS):
    return engine.connect().run({"input": texts})["embeddings"]


def test_a_batch_is_one_call_with_the_options_beside_its_texts(served):
    how = Behaviour()
    np.testing.assert_array_equal(run(served(how, options={"truncate": True}))[0], vector("abba"))
    (said,) = how.seen
    assert said == {
        "model": "letters",
        "input": TEXTS.tolist(),
        "encoding_format": "base64",
        "truncate": True,
    }


def test_a_server_without_base64_is_asked_for_it_once(served):
    how = Behaviour(base64=False)
    model = served(how).connect()
    for _ in range(3):
        model.run({"input": TEXTS})
    assert [said["encoding_format"] for said in how.seen] == ["base64", "float", "float", "float"]


def test_base64_can_be_left_alone(served):
    how = Behaviour()
    run(served(how, binary=False))
    assert how.seen[0]["encoding_format"] == "float"


@pytest.mark.parametrize(
    ("suffix", "path"),
    [
        ("", "/v1/embeddings"),
        ("/", "/v1/embeddings"),
        ("/v1", "/v1/embeddings"),
        ("/v3", "/v3/embeddings"),
        ("/openai/v1/", "/openai/v1/embeddings"),
        ("/my/embeddings", "/my/embeddings"),
    ],
)
def test_the_path_is_completed(served, suffix, path):
    assert run(served(Behaviour(path=path), suffix)).shape == (5, 4)


def test_a_column_of_texts_is_taken_too(served):
    assert run(served(Behaviour()), TEXTS[:, None]).shape == (5, 4)


def test_a_busy_server_is_asked_again(served):
    how = Behaviour(troubles=[lambda h: h.say(429, {"error": "later"}, Retry_After=0)] * 2)
    assert run(served(how)).shape == (5, 4)
    assert len(how.seen) == 3


@pytest.mark.parametrize(
    "said",
    [
        b"hello",
        b"{}",
        {"data": []},
        {"data": [{"index": 0, "embedding": [1.0]}] * 5},
        {"data": [{"index": i, "embedding": [1.0] * (i + 1)} for i in range(5)]},
        {"data": [{"index": i, "embedding": "###"} for i in range(5)]},
        {"data": [{"index": i, "embedding": [[1.0]]} for i in range(5)]},
        {"data": ["x"] * 5},
    ],
)
def test_garbage_is_refused_with_the_server_named(served, said):
    remote = served(Behaviour(troubles=[lambda h: h.say(200, said)]))
    with pytest.raises(ModelError) as caught:
        run(remote)
    assert str(remote.address) in caught.value.message


def test_a_server_away_is_told_from_a_text_refused(served):
    refuse = Behaviour(troubles=[lambda h: h.say(400, {"message": "too long"})] * 2)
    with pytest.raises(ModelError, match="too long") as caught:
        run(served(refuse))
    assert not isinstance(caught.value, ModelUnavailableError)


@pytest.mark.parametrize(
    "settings", [{"protocol": "grpc"}, {"model": None}, {"url": None}, {"precision": "int8"}]
)
def test_settings_that_make_no_sense_are_refused_at_once(settings):
    with pytest.raises(ConfigError, match=r"model\.engine"):
        engine(**{"url": "http://127.0.0.1:9", **settings})
