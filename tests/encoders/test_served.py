"""Encoders whose model is on a server: the same features as here, and a fingerprint of what is served."""

import io
from contextlib import ExitStack

import numpy as np
import PIL.Image
import pytest

import embeddings_server
import inference_server
from alaas import select
from alaas.config import Config, LimitSettings, ModelSettings
from alaas.encoders import open_encoder
from alaas.errors import ConfigError, ModelError, ModelUnavailableError
from alaas.modalities.image import Image
from alaas.modalities.raw_text import RawText
from alaas.settings import config_fingerprint
from alaas.testing.encoders import EncoderSuite
from alaas.testing.models import write_tokenizer
from certificates import write_certificate

LIMITS = LimitSettings()
LOGITS = {"embeddings": "features", "logits": "logits"}


@pytest.fixture
def start():
    with ExitStack() as stack:

        def start(how):
            kind = embeddings_server if isinstance(how, embeddings_server.Behaviour) else inference_server
            return stack.enter_context(kind.serving(how))

        yield start


def settings(url, engine="open_inference", name=None, **model):
    served = {"name": engine, "url": url, "model": "small", "timeout": 5, **model.pop("engine_settings", {})}
    return ModelSettings.model_validate({"name": name, "engine": served, **model})


def opened(url, modality=None, **model):
    return open_encoder(settings(url, **model), modality=modality, limits=LIMITS)


def picture(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, size=(8, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


class TestImages(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _server(self, start):
        self.url = start(inference_server.images())

    def make(self):
        return opened(self.url, outputs=LOGITS)

    def contents(self):
        return [picture(seed) for seed in range(4)]


class TestTexts(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _server(self, start):
        self.url = start(embeddings_server.Behaviour(base64=False))

    def make(self):
        return opened(self.url, engine="embeddings_api", engine_settings={"model": "letters"})

    def contents(self):
        return [b"abba", "späte Blüten".encode(), b"dada", b"c"]


def test_the_server_says_what_the_model_takes(start):
    encoder = opened(start(inference_server.images(takes="UINT8")), outputs=LOGITS)
    assert isinstance(encoder.modality, Image)
    assert (encoder.modality.preprocess.size, encoder.modality.preprocess.dtype) == ((8, 8), "uint8")
    assert encoder.name == "small"
    assert encoder.provides == {"embeddings", "probs"}


@pytest.mark.parametrize(("shape", "column"), [([-1], False), ([-1, 1], True)])
def test_texts_go_to_a_model_of_texts_as_they_are(start, shape, column):
    how = inference_server.Behaviour(
        inputs=[inference_server.Tensor("words", "BYTES", shape)],
        outputs=[inference_server.Tensor("embeddings", "FP32", [-1, 4])],
        compute=lambda a: {
            "embeddings": np.stack([embeddings_server.vector(str(t)) for t in a["words"].reshape(-1)])
        },
    )
    encoder = opened(start(how), modality="text")
    assert isinstance(encoder.modality, RawText)
    found = encoder.encode([encoder.modality.decode(text) for text in (b"abba", b"d")]).embeddings
    np.testing.assert_allclose(found, [embeddings_server.vector("abba"), embeddings_server.vector("d")])
    assert how.seen[0]["inputs"][0]["shape"] == ([2, 1] if column else [2])


def test_token_ids_are_made_here_with_a_tokenizer_of_ones_own(start, tmp_path):
    names = ("input_ids", "attention_mask")
    how = inference_server.Behaviour(
        inputs=[inference_server.Tensor(name, "INT64", [-1, -1]) for name in names],
        outputs=[inference_server.Tensor("last_hidden_state", "FP32", [-1, -1, 2])],
        compute=lambda a: {"last_hidden_state": np.stack([a["input_ids"], a["attention_mask"]], axis=2)},
    )
    how.inputs = [inference_server.Tensor(name, "INT64", [-1, 4]) for name in names]
    url = start(how)
    with pytest.raises(ConfigError, match=r"model\.tokenizer"):
        opened(url)
    encoder = opened(url, tokenizer=str(write_tokenizer(tmp_path / "tokenizer.json")))
    found = encoder.encode([encoder.modality.decode(b"good film")]).embeddings
    np.testing.assert_allclose(found, [[(2 + 4 + 6 + 3) / 4, 1.0]])


def test_a_model_of_the_zoo_needs_no_weights_and_asks_nobody_until_it_is_used(start, monkeypatch):
    from alaas.encoders.efficientnet_lite0 import EfficientnetLite0

    monkeypatch.setattr(EfficientnetLite0, "pull", None)
    how = inference_server.Behaviour(
        inputs=[inference_server.Tensor("whatever", "UINT8", [-1, 224, 224, 3])],
        outputs=[
            inference_server.Tensor("embeddings", "FP32", [-1, 2]),
            inference_server.Tensor("probs", "FP32", [-1, 2]),
        ],
        compute=lambda a: {
            "embeddings": a["whatever"].mean(axis=(1, 2))[:, :2],
            "probs": np.full((len(a["whatever"]), 2), 0.5),
        },
    )
    away = opened("http://127.0.0.1:9", name="efficientnet-lite0")
    assert away.modality.name == "image"
    encoder = opened(start(how), modality="image", name="efficientnet-lite0")
    assert encoder.encode([encoder.modality.example()] * 2).embeddings.shape == (2, 2)
    assert encoder.provides == {"embeddings", "probs"}


def test_a_zoo_name_is_the_servers_name_unless_another_is_given():
    encoder = opened("http://127.0.0.1:9", name="efficientnet-lite0", engine_settings={"model": None})
    assert encoder.engine.settings.model == "efficientnet-lite0"


def test_the_fingerprint_follows_what_is_served_and_how_it_is_read(start):
    how = inference_server.images()
    url = start(how)
    base = opened(url, outputs=LOGITS)
    others = [
        opened(url, outputs={"embeddings": "features"}),
        opened(url, outputs=LOGITS, engine_settings={"version": "8"}),
        opened(url, outputs=LOGITS, engine_settings={"options": {"layer": 2}}),
        opened(url, outputs=LOGITS, preprocess={"size": 8, "scale": 1.0}),
        opened(start(inference_server.images()), outputs=LOGITS),
    ]
    prints = [encoder.fingerprint for encoder in [base, *others]]
    assert len(set(prints)) == len(prints)
    assert "numpy" in base.fingerprint


def test_how_a_server_is_spoken_to_enters_no_fingerprint(start):
    url = start(inference_server.images())
    spoken = {"token": "of-nobodys-business", "timeout": 3, "retries": 1, "connections": 2}
    one, two = settings(url, outputs=LOGITS), settings(url, outputs=LOGITS, engine_settings=spoken)
    prints = [open_encoder(m, modality=None, limits=LIMITS).fingerprint for m in (one, two)]
    assert prints[0] == prints[1]
    assert config_fingerprint(Config(model=one)) == config_fingerprint(Config(model=two))
    assert config_fingerprint(Config(model=one)) != config_fingerprint(
        Config(model=settings(url, outputs=LOGITS, engine_settings={"version": "8"}))
    )


def test_where_a_certificate_lies_enters_no_fingerprint(start, tmp_path):
    url = start(inference_server.images())
    named = {"options": {"certificates": str(write_certificate(tmp_path / "both.pem"))}}
    prints = [opened(url, outputs=LOGITS, engine_settings=more).fingerprint for more in ({}, named)]
    assert prints[0] == prints[1]


def test_another_modality_is_refused(start):
    with pytest.raises(ConfigError, match="takes image items"):
        opened(start(inference_server.images()), modality="text", outputs=LOGITS)


def test_there_is_no_file_to_export(start):
    with pytest.raises(ModelError, match="runs on a server"):
        opened(start(inference_server.images()), outputs=LOGITS).graph()


def pool(tmp_path, count):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(count):
        (folder / f"{seed:02}.png").write_bytes(picture(seed))
    return folder


def test_a_selection_through_a_server_keeps_several_calls_under_way(start, tmp_path):
    how = inference_server.images(pause=0.05)
    config = Config(model=settings(start(how), outputs=LOGITS, batch_size=2), cache={"enabled": False})
    found = select(str(pool(tmp_path, 24)), budget=5, strategy="k_center", config=config)
    assert len(found.selected) == 5
    assert how.most_at_once > 2


def test_a_server_that_goes_away_stops_the_run_instead_of_blaming_the_items(start, tmp_path):
    how = inference_server.images(troubles=[lambda h: h.say(503, error="gone")] * 1000)
    engine = {"retries": 1, "connections": 1}
    config = Config(model=settings(start(how), outputs=LOGITS, engine_settings=engine, batch_size=4))
    config = config.model_copy(update={"cache": config.cache.model_copy(update={"enabled": False})})
    with pytest.raises(ModelUnavailableError, match="gone"):
        select(str(pool(tmp_path, 8)), budget=2, strategy="k_center", config=config)
    assert len(how.troubles) > 990


def test_one_item_that_the_server_refuses_is_reported_alone(start, tmp_path):
    # The batch, and then its first item.
    how = inference_server.images(troubles=[lambda h: h.say(400, error="I do not like it")] * 2)
    config = Config(
        model=settings(start(how), outputs=LOGITS, batch_size=4, engine_settings={"connections": 1}),
        cache={"enabled": False},
    )
    found = select(str(pool(tmp_path, 4)), budget=2, strategy="k_center", config=config)
    (failed,) = found.failed
    assert "I do not like it" in str(failed)
