"""Hub models, offline: small ones laid out as the hub's own library keeps them."""

import json

import numpy as np
import pytest
from PIL import Image as Pillow

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import open_encoder
from alaas.errors import ConfigError, ModelError
from alaas.testing.encoders import EncoderSuite
from alaas.testing.models import WORDS, write_image_model, write_text_model, write_tokenizer

pytest.importorskip("huggingface_hub")


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def text_repository(hub, name="someone/small", *, pooling="mean_tokens", normalise=True, **where):
    snapshot = hub.repository(name, **where)
    write_text_model(snapshot / "onnx" / "model.onnx")
    write_tokenizer(snapshot / "tokenizer.json")
    write_json(snapshot / "1_Pooling" / "config.json", {f"pooling_mode_{pooling}": True})
    kinds = ["models.Transformer", "models.Pooling", *(["models.Normalize"] if normalise else [])]
    write_json(snapshot / "modules.json", [{"type": f"sentence_transformers.{kind}"} for kind in kinds])
    return snapshot


def image_repository(hub, name="someone/pictures", **preprocess):
    snapshot = hub.repository(name)
    write_image_model(snapshot / "model.onnx")
    write_json(snapshot / "preprocessor_config.json", preprocess)
    return snapshot


def open_hub(name, *, modality=None, **settings):
    return open_encoder(ModelSettings(name=name, **settings), modality=modality, limits=LimitSettings())


class TestHubText(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _repository(self, hub):
        text_repository(hub)

    def make(self):
        return open_hub("hf:someone/small")

    def contents(self):
        return [b"good film", b"a bad book", b"the", b"good good good bad film a book"]


def expected(words):
    table = np.sin(np.arange(len(WORDS) * 4, dtype=np.float32)).reshape(len(WORDS), 4)
    return table[[WORDS.index(word) for word in words]]


def encode_text(encoder, text):
    return encoder.encode(
        [encoder.modality.decode(text), encoder.modality.decode(b"a b c d e f g")]
    ).embeddings[0]


def test_pooling_and_length_come_from_the_repository(hub):
    text_repository(hub, pooling="mean_tokens", normalise=True)
    mean = expected(["[CLS]", "good", "[SEP]"]).mean(axis=0)
    found = encode_text(open_hub("hf:someone/small"), b"good")
    np.testing.assert_allclose(found, mean / np.linalg.norm(mean), atol=1e-6)


def test_cls_pooling_without_normalisation(hub):
    text_repository(hub, pooling="cls_token", normalise=False)
    found = encode_text(open_hub("hf:someone/small"), b"good")
    np.testing.assert_allclose(found, expected(["[CLS]"])[0], atol=1e-6)


def test_the_settings_have_the_last_word_on_pooling(hub):
    text_repository(hub, pooling="max_tokens", normalise=False)
    with pytest.raises(ConfigError, match=r"max_tokens.*model\.outputs\.pooling"):
        open_hub("hf:someone/small")
    found = encode_text(open_hub("hf:someone/small", outputs={"pooling": "cls"}), b"good")
    np.testing.assert_allclose(found, expected(["[CLS]"])[0], atol=1e-6)


def test_the_least_of_the_declared_lengths_counts(hub):
    snapshot = text_repository(hub)
    write_json(snapshot / "sentence_bert_config.json", {"max_seq_length": 5})
    write_json(snapshot / "tokenizer_config.json", {"model_max_length": 10**30})
    assert len(open_hub("hf:someone/small").modality.decode(b"good " * 50)) == 5
    assert len(open_hub("hf:someone/small", max_length=4).modality.decode(b"good " * 50)) == 4


def test_a_revision_is_taken_from_the_name_or_the_settings(hub):
    text_repository(hub, normalise=True)
    other = "f" * 40
    text_repository(hub, normalise=False, commit=other, ref="v2")
    plain = encode_text(open_hub("hf:someone/small@v2"), b"good")
    np.testing.assert_allclose(plain, expected(["[CLS]", "good", "[SEP]"]).mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(plain, encode_text(open_hub("hf:someone/small", revision=other), b"good"))
    assert not np.allclose(plain, encode_text(open_hub("hf:someone/small"), b"good"))
    with pytest.raises(ConfigError, match="keep one"):
        open_hub("hf:someone/small@v2", revision="main")


def pixels(colour, size=8):
    import io

    buffer = io.BytesIO()
    Pillow.new("RGB", (size, size), colour).save(buffer, "png")
    return buffer.getvalue()


def test_image_preprocessing_comes_from_the_repository(hub):
    image_repository(
        hub,
        size={"height": 8, "width": 8},
        resample=3,
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.25, 0.5],
        rescale_factor=1 / 255,
    )
    encoder = open_hub("hf:someone/pictures", outputs={"embeddings": "features", "logits": "logits"})
    found = encoder.encode([encoder.modality.decode(pixels((255, 51, 0)))])
    np.testing.assert_allclose(found.embeddings, [[1, -1.2, -1]], atol=1e-5)


@pytest.mark.parametrize(
    ("declared", "size", "resize", "share"),
    [
        ({"size": 8}, 8, "squash", 1),
        ({"size": {"height": 8, "width": 8}, "do_center_crop": False}, (8, 8), "squash", 1),
        ({"size": {"shortest_edge": 8}}, 8, "crop", 1),
        ({"size": {"shortest_edge": 10}, "crop_size": {"height": 8, "width": 8}}, (8, 8), "crop", 0.8),
        ({"size": 10, "crop_size": 8, "do_center_crop": True}, 8, "crop", 0.8),
        ({"size": 10, "crop_size": 8, "do_center_crop": True, "do_resize": False}, 8, "crop", 1),
    ],
)
def test_sizes_in_all_their_spellings(hub, declared, size, resize, share):
    image_repository(hub, **declared)
    preprocess = open_hub("hf:someone/pictures").modality.preprocess
    assert (preprocess.size, preprocess.resize, preprocess.crop_share) == (size, resize, share)


def test_switched_off_steps_are_left_out(hub):
    image_repository(hub, size=8, do_rescale=False, do_normalize=False, image_mean=[1, 2, 3])
    preprocess = open_hub("hf:someone/pictures").modality.preprocess
    assert (preprocess.scale, preprocess.mean, preprocess.std) == (1.0, (0, 0, 0), (1, 1, 1))


def test_preprocessing_that_makes_no_sense_is_an_error(hub):
    image_repository(hub, size={"longest_edge": 8})
    with pytest.raises(ModelError, match=r"preprocessor_config\.json of hf:someone/pictures"):
        open_hub("hf:someone/pictures")


def test_a_repository_without_onnx_says_what_to_do(hub):
    snapshot = hub.repository("someone/torch-only")
    write_json(snapshot / "config.json", {})
    (snapshot / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match=r"holds no onnx/model\.onnx.*export"):
        open_hub("hf:someone/torch-only")


def test_a_model_that_is_not_there_says_so(hub):
    hub.folder.mkdir()
    with pytest.raises(ModelError, match="cannot get the model hf:someone/absent"):
        open_hub("hf:someone/absent")


@pytest.mark.parametrize("name", ["hf:", "hf:someone", "hf:a/b/c", "hf:/b", "hf:a/"])
def test_a_malformed_name_says_how_to_write_it(name):
    with pytest.raises(ConfigError, match="hf:owner/name"):
        open_hub(name)


def test_weights_outside_a_hub_model_are_refused(hub, tmp_path):
    snapshot = hub.repository("someone/evil")
    write_image_model(snapshot / "model.onnx", beside="weights.bin")
    (snapshot / "weights.bin").rename(tmp_path / "weights.bin")
    (snapshot / "weights.bin").symlink_to(tmp_path / "weights.bin")
    encoder = open_hub("hf:someone/evil", outputs={"embeddings": "features"})
    with pytest.raises(ModelError, match="outside its own folder"):
        encoder.load()
