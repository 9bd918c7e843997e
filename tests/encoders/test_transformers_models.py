"""Models of transformers and sentence-transformers, made small on the spot and saved as the hub has them."""

import json

import numpy as np
import pytest

from alaas.errors import ConfigError, ModelError
from alaas.testing.encoders import EncoderSuite
from alaas.testing.models import WORDS, write_tokenizer

pytestmark = pytest.mark.torch

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from torch_models import PICTURES, encoded, opened, tensors  # noqa: E402

TEXTS = [b"good film", b"a bad book", b"the", b"good good good bad film a book"]
WIDTHS = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2, "num_hidden_layers": 2}


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def saved(network, folder):
    transformers.utils.logging.disable_progress_bar()
    network.eval().save_pretrained(folder)
    return network


def bert(folder, kind="BertModel", **settings):
    torch.manual_seed(0)
    config = transformers.BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **WIDTHS, **settings)
    write_tokenizer(folder / "tokenizer.json")
    write_json(
        folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"}
    )
    return saved(getattr(transformers, kind)(config), folder)


def vit(folder, kind="ViTModel", **settings):
    torch.manual_seed(0)
    config = transformers.ViTConfig(image_size=32, patch_size=8, **WIDTHS, **settings)
    write_json(
        folder / "preprocessor_config.json", {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3}
    )
    return saved(getattr(transformers, kind)(config), folder)


class TestTransformersText(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path
        bert(tmp_path)

    def make(self):
        return opened(f"transformers:{self.folder}")

    def contents(self):
        return TEXTS


class TestTransformersImages(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path
        vit(tmp_path, "ViTForImageClassification", num_labels=5)

    def make(self):
        return opened(f"transformers:{self.folder}")

    def contents(self):
        return PICTURES


def test_texts_are_pooled_over_real_tokens_and_the_hub_is_where_they_come_from(hub):
    original = bert(hub.repository("someone/small"))
    encoder = opened("transformers:someone/small")
    found, given = encoded(encoder, TEXTS), tensors(encoder, TEXTS)
    with torch.inference_mode():
        hidden = original(**given).last_hidden_state
    mask = given["attention_mask"][:, :, None]
    np.testing.assert_allclose(found.embeddings, ((hidden * mask).sum(1) / mask.sum(1)).numpy(), atol=1e-5)
    assert encoder.modality.max_length == 32
    first = opened("transformers:someone/small", outputs={"pooling": "cls"})
    np.testing.assert_allclose(encoded(first, TEXTS).embeddings, hidden[:, 0].numpy(), atol=1e-5)


def test_loading_says_nothing_of_its_own(tmp_path, capfd):
    bert(tmp_path)
    transformers.utils.logging.enable_progress_bar()
    capfd.readouterr()
    opened(f"transformers:{tmp_path}").load()
    assert capfd.readouterr() == ("", "")
    assert transformers.utils.logging.is_progress_bar_enabled()


def test_a_classifier_of_texts_gives_both(tmp_path):
    original = bert(tmp_path, "BertForSequenceClassification", num_labels=3)
    encoder = opened(f"transformers:{tmp_path}")
    found, given = encoded(encoder, TEXTS), tensors(encoder, TEXTS)
    with torch.inference_mode():
        scores, pooled = original(**given).logits, original.bert(**given).pooler_output
    np.testing.assert_allclose(found.probs, torch.softmax(scores, 1).numpy(), atol=1e-5)
    np.testing.assert_allclose(found.embeddings, pooled.numpy(), atol=1e-5)


def test_images_give_their_class_token_and_a_missing_pooler_does_not_matter(tmp_path):
    original = vit(tmp_path, "ViTForImageClassification", num_labels=5)
    write_json(
        tmp_path / "config.json",
        {**json.loads((tmp_path / "config.json").read_text()), "architectures": ["ViTModel"]},
    )
    encoder = opened(f"transformers:{tmp_path}")
    assert encoder.provides == {"embeddings"}
    with torch.inference_mode():
        hidden = original.vit(**tensors(encoder)).last_hidden_state
    np.testing.assert_allclose(encoded(encoder).embeddings, hidden[:, 0].numpy(), atol=1e-5)


def test_images_without_a_class_token_are_averaged(tmp_path):
    config = transformers.ResNetConfig(depths=[1, 1], hidden_sizes=[8, 16], embedding_size=8)
    write_json(tmp_path / "preprocessor_config.json", {"size": 32})
    original = saved(transformers.ResNetModel(config), tmp_path)
    encoder = opened(f"transformers:{tmp_path}")
    with torch.inference_mode():
        hidden = original(**tensors(encoder)).last_hidden_state
    np.testing.assert_allclose(encoded(encoder).embeddings, hidden.mean(dim=(2, 3)).numpy(), atol=1e-5)


def test_weights_that_lack_a_part_are_refused(tmp_path):
    bert(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    write_json(tmp_path / "config.json", {**config, "architectures": ["BertForSequenceClassification"]})
    with pytest.raises(ModelError, match="lack classifier"):
        opened(f"transformers:{tmp_path}").load()


def test_pickles_and_code_of_its_own_are_refused(tmp_path):
    network = bert(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(network.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no weights as safetensors"):
        opened(f"transformers:{tmp_path}").load()
    config = json.loads((tmp_path / "config.json").read_text())
    write_json(tmp_path / "config.json", {**config, "auto_map": {"AutoModel": "modeling.Own"}})
    with pytest.raises(ModelError, match="code of its own"):
        opened(f"transformers:{tmp_path}")


@pytest.mark.parametrize("architecture", ["OwnModel", "CLIPModel"])
def test_what_it_cannot_run_is_said(tmp_path, architecture):
    write_json(tmp_path / "config.json", {"architectures": [architecture], "model_type": "clip"})
    with pytest.raises(ConfigError, match=r"does not have|texts and images together"):
        opened(f"transformers:{tmp_path}")


def test_a_hub_model_without_onnx_points_here(hub):
    bert(hub.repository("someone/small"))
    with pytest.raises(ModelError, match="transformers:owner/name"):
        opened("hf:someone/small")


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    """A folder with two poolings, a dense layer and normalisation, and what the library makes of texts."""
    library = pytest.importorskip("sentence_transformers")
    parts = pytest.importorskip("sentence_transformers.sentence_transformer.modules")
    base, folder = tmp_path_factory.mktemp("base"), tmp_path_factory.mktemp("sentences")
    bert(base)
    torch.manual_seed(1)
    transformer = parts.Transformer(str(base), max_seq_length=16)
    pooling = parts.Pooling(16, pooling_mode=("mean", "cls"))
    model = library.SentenceTransformer(
        modules=[transformer, pooling, parts.Dense(32, 6), parts.Normalize()], device="cpu"
    )
    model.save(str(folder), create_model_card=False)
    expected = model.encode([text.decode() for text in TEXTS], show_progress_bar=False)
    return folder, expected


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
class TestSentenceTransformers(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, sentences):
        self.folder, self.expected = sentences

    def make(self):
        return opened(f"sentence-transformers:{self.folder}")

    def contents(self):
        return TEXTS

    def test_it_is_what_the_library_computes(self, encoder):
        np.testing.assert_allclose(encoded(encoder, TEXTS).embeddings, self.expected, atol=1e-5)
        assert encoder.modality.max_length == 16

    def test_modules_of_another_package_are_refused(self, tmp_path):
        write_json(tmp_path / "config.json", {})
        write_json(tmp_path / "modules.json", [{"type": "os.system"}])
        with pytest.raises(ModelError, match=r"code of its own, os\.system"):
            opened(f"sentence-transformers:{tmp_path}")

    def test_a_prompt_before_every_text_is_refused(self, tmp_path):
        write_json(tmp_path / "config.json", {})
        write_json(tmp_path / "modules.json", [])
        prompts = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
        write_json(tmp_path / "config_sentence_transformers.json", prompts)
        with pytest.raises(ConfigError, match="'query: '"):
            opened(f"sentence-transformers:{tmp_path}")
