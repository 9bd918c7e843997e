"""Models of one's own: what their file says, what the settings say, and where the two disagree."""

import io

import numpy as np
import pytest
from onnx import helper
from PIL import Image as Pillow

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import open_encoder
from alaas.errors import ConfigError, ModelError
from alaas.testing.encoders import EncoderSuite
from alaas.testing.models import WORDS, write_image_model, write_onnx, write_text_model, write_tokenizer

OUTPUTS = {"embeddings": "features", "logits": "logits"}
PLAIN = {"size": 8, "resize": "squash", "scale": 1 / 255, "mean": (0, 0, 0), "std": (1, 1, 1)}


def png(colour, size=8):
    buffer = io.BytesIO()
    Pillow.new("RGB", (size, size), colour).save(buffer, "png")
    return buffer.getvalue()


def open_file(path, *, modality=None, **settings):
    return open_encoder(ModelSettings(name=str(path), **settings), modality=modality, limits=LimitSettings())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    write_image_model(folder / "image.onnx")
    write_text_model(folder / "text.onnx")
    write_tokenizer(folder / "tokenizer.json")
    return folder


class TestImageFile(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, folder):
        self.folder = folder

    def make(self):
        return open_file(self.folder / "image.onnx", preprocess=PLAIN, outputs=OUTPUTS)

    def contents(self):
        return [png("red"), png("blue"), png((3, 77, 200)), png("white")]


class TestTextFile(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, folder):
        self.folder = folder

    def make(self):
        return open_file(self.folder / "text.onnx")

    def contents(self):
        return [b"good film", b"a bad book", b"the", b"good good good bad film a book"]


def test_declared_preprocessing_reaches_the_model(folder):
    encoder = open_file(
        folder / "image.onnx",
        preprocess={**PLAIN, "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.25, 0.5)},
        outputs=OUTPUTS,
    )
    found = encoder.encode([encoder.modality.decode(png((255, 51, 0)))])
    np.testing.assert_allclose(found.embeddings, [[1, -1.2, -1]], atol=1e-5)
    weight = np.arange(9).reshape(3, 3) / 7 - 1
    logits = np.array([1, -1.2, -1]) @ weight
    np.testing.assert_allclose(found.probs[0], np.exp(logits) / np.exp(logits).sum(), atol=1e-5)


def test_without_settings_size_and_layout_come_from_the_file(tmp_path):
    nodes = [helper.make_node("Cast", ["x"], ["f"], to=1), helper.make_node("Flatten", ["f"], ["embedding"])]
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=nodes,
        inputs={"x": ("uint8", ("n", 4, 6, 3))},
        outputs={"embedding": ("n", 72)},
    )
    encoder = open_file(path)
    decoded = encoder.modality.decode(png((1, 2, 3), size=20))
    assert decoded.shape == (4, 6, 3)
    np.testing.assert_array_equal(encoder.encode([decoded]).embeddings, np.tile([1.0, 2.0, 3.0], 24)[None])


def test_a_size_that_the_model_does_not_take_is_refused_at_once(folder):
    with pytest.raises(ConfigError, match=r"model\.preprocess makes images of shape \(3, 16, 16\)"):
        open_file(folder / "image.onnx", preprocess={**PLAIN, "size": 16}, outputs=OUTPUTS)


def rows(width=4):
    return np.sin(np.arange(len(WORDS) * width, dtype=np.float32)).reshape(len(WORDS), width)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_tokens_are_pooled_without_their_padding(folder, pooling):
    encoder = open_file(folder / "text.onnx", outputs={"pooling": pooling})
    short, long = (encoder.modality.decode(text) for text in (b"good", b"a bad book good film"))
    found = encoder.encode([short, long]).embeddings
    words = rows()[[WORDS.index(word) for word in ("[CLS]", "good", "[SEP]")]]
    expected = words.mean(axis=0) if pooling == "mean" else words[0]
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


def test_no_pooling_of_tokens_is_an_error_that_says_what_to_set(folder):
    encoder = open_file(folder / "text.onnx", outputs={"pooling": "none"})
    with pytest.raises(ModelError, match=r"set model\.outputs\.pooling"):
        encoder.encode([encoder.modality.decode(b"good")])


def test_an_output_that_is_not_there_is_named_with_those_that_are(folder):
    with pytest.raises(ConfigError, match=r"no output 'feature'.*'features' \(n×3\), 'logits' \(n×3\)"):
        open_file(folder / "image.onnx", outputs={"embeddings": "feature"})


def test_outputs_that_could_mean_either_are_not_guessed(tmp_path):
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=[
            helper.make_node("GlobalAveragePool", ["x"], ["p"]),
            helper.make_node("Flatten", ["p"], ["495"]),
        ],
        inputs={"x": ("float32", ("n", 3, 8, 8))},
        outputs={"495": ("n", 3)},
    )
    with pytest.raises(ConfigError, match=r"'495' \(n×3\); name them under model\.outputs"):
        open_file(path)
    assert open_file(path, outputs={"logits": "495"}).provides == {"probs"}
    assert open_file(path, outputs={"embeddings": "495"}).provides == {"embeddings"}


def test_a_feature_map_is_averaged(tmp_path):
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=[helper.make_node("Relu", ["x"], ["map"])],
        inputs={"x": ("float32", ("n", 3, 8, 8))},
        outputs={"map": ("n", 3, 8, 8)},
    )
    encoder = open_file(path, preprocess=PLAIN)
    found = encoder.encode([encoder.modality.decode(png((255, 51, 0)))])
    np.testing.assert_allclose(found.embeddings, [[1, 0.2, 0]], atol=1e-6)


def test_values_that_are_not_finite_are_an_error(tmp_path):
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Log", ["flat"], ["embedding"]),
    ]
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=nodes,
        inputs={"x": ("float32", ("n", 3, 8, 8))},
        outputs={"embedding": ("n", 3)},
    )
    encoder = open_file(path, preprocess=PLAIN)
    with pytest.raises(ModelError, match="not finite"):
        encoder.encode([encoder.modality.decode(png("black"))])


def test_the_fingerprint_follows_the_file_and_the_settings(tmp_path, folder):
    def fingerprint(**settings):
        return open_file(tmp_path / "image.onnx", **{"outputs": OUTPUTS, **settings}).fingerprint

    write_image_model(tmp_path / "image.onnx")
    before = fingerprint()
    assert fingerprint() == before
    assert fingerprint(outputs={"logits": "logits"}) != before
    assert fingerprint(preprocess={**PLAIN, "scale": 1.0}) != before
    assert fingerprint(threads=2) == before
    write_image_model(tmp_path / "image.onnx", classes=4)
    assert fingerprint() != before


def test_the_fingerprint_follows_weights_beside_the_file(tmp_path):
    path = write_image_model(tmp_path / "image.onnx", beside="weights.bin")
    before = open_file(path, outputs=OUTPUTS).fingerprint
    weights = tmp_path / "weights.bin"
    weights.write_bytes(bytes(len(weights.read_bytes())))
    assert open_file(path, outputs=OUTPUTS).fingerprint != before


def test_a_missing_file_a_text_file_and_a_missing_tokenizer_are_named(tmp_path):
    with pytest.raises(ModelError, match=r"absent\.onnx"):
        open_file(tmp_path / "absent.onnx")
    (tmp_path / "notes.onnx").write_text("buy milk")
    with pytest.raises(ModelError, match=r"notes\.onnx is not an ONNX model"):
        open_file(tmp_path / "notes.onnx")
    write_text_model(tmp_path / "text.onnx")
    with pytest.raises(ConfigError, match=r"tokenizer\.json under model\.tokenizer"):
        open_file(tmp_path / "text.onnx")


def test_a_model_of_another_modality_is_refused(folder):
    with pytest.raises(ConfigError, match="takes image items, but the modality is text"):
        open_file(folder / "image.onnx", modality="text", outputs=OUTPUTS)


def test_a_model_that_takes_neither_is_refused_with_its_inputs(tmp_path):
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=[helper.make_node("Identity", ["sound"], ["embedding"])],
        inputs={"sound": ("float32", ("n", 16000))},
        outputs={"embedding": ("n", 16000)},
    )
    with pytest.raises(ConfigError, match="takes sound"):
        open_file(path)


def test_tokens_are_given_in_the_integers_that_the_model_takes(tmp_path):
    write_tokenizer(tmp_path / "tokenizer.json")
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=[helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        inputs={"input_ids": ("int32", ("n", "t"))},
        outputs={"last_hidden_state": ("n", "t", 4)},
        weights={"table": rows()},
    )
    encoder = open_file(path)
    found = encoder.encode([encoder.modality.decode(b"good"), encoder.modality.decode(b"a bad film")])
    expected = rows()[[WORDS.index(word) for word in ("[CLS]", "good", "[SEP]")]].mean(axis=0)
    np.testing.assert_allclose(found.embeddings[0], expected, atol=1e-6)
