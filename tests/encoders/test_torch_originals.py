"""The zoo's graphs against the code that the weights were made for, run by torch.

No result of the originals is kept in the repository: both sides compute here.
"""

import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import open_encoder, pull
from alaas.encoders._packages import obtain
from alaas.encoders.efficientnet_lite0 import EfficientnetLite0
from alaas.encoders.minilm_l6 import MinilmL6
from alaas.engines import open_engine

pytestmark = [pytest.mark.torch, pytest.mark.models]

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def opened(name):
    return open_encoder(ModelSettings(name=name), modality=None, limits=LimitSettings())


def photographs():
    from sklearn.datasets import load_sample_images

    china, flower = load_sample_images().images
    rng = np.random.default_rng(0)
    parts = [china, flower]
    for picture in (china, flower):
        for _ in range(4):
            top, left = rng.integers(0, 200), rng.integers(0, 400)
            parts.append(picture[top : top + rng.integers(100, 227), left : left + rng.integers(100, 240)])
    found = []
    for part in parts:
        buffer = io.BytesIO()
        Pillow.fromarray(part).save(buffer, "png")
        found.append(buffer.getvalue())
    return found


def test_efficientnet_gives_the_logits_of_the_original(tmp_path):
    original_module = pytest.importorskip("efficientnet_lite_pytorch")
    weights = obtain(EfficientnetLite0.sources["weights"], tmp_path, lambda _step: None)
    original = original_module.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(weights))
    original.eval()

    encoder = opened("efficientnet-lite0")
    pixels = np.stack([encoder.modality.decode(content) for content in photographs()])
    with torch.no_grad():
        scaled = torch.from_numpy((pixels.transpose(0, 3, 1, 2).astype(np.float32) - 127) / 128)
        logits = original(scaled).numpy()
        features = original.extract_features(scaled).mean(dim=(2, 3)).numpy()

    model = open_engine("onnxruntime").load(pull("efficientnet-lite0") / "model.onnx")
    found = model.run({"pixels": pixels})
    assert np.abs(found["logits"] - logits).max() <= 1e-3
    assert np.abs(found["embeddings"] - features).max() <= 1e-3
    probs = torch.softmax(torch.from_numpy(logits), dim=1).numpy()
    assert np.abs(encoder.encode(list(pixels)).probs - probs).max() <= 1e-4


TEXTS = [
    "A man is eating food.",
    "Naïve façades — 東京 🙂 and <html> &amp; so on",
    "word",
    "The quick brown fox jumps over the lazy dog. " * 60,
    "What is the capital of France?",
]


def test_minilm_gives_the_embeddings_of_the_original(tmp_path):
    transformers = pytest.importorskip("transformers")
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    weights = obtain(MinilmL6.sources["weights"], tmp_path, lambda _step: None)
    config = {
        "hidden_size": 384,
        "intermediate_size": 1536,
        "num_attention_heads": 12,
        "num_hidden_layers": 6,
        "vocab_size": 30522,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
    }
    shipped = weights.with_name("config.json")
    if shipped.is_file():  # installed with its package: our reading of it can be checked
        assert config.items() <= json.loads(shipped.read_text()).items()
    original = transformers.BertModel(transformers.BertConfig(**config))
    missing, unexpected = original.load_state_dict(load_file(weights), strict=False)
    assert not missing
    assert set(unexpected) <= {"embeddings.position_ids"}
    original.eval()

    tokenizer = Tokenizer.from_file(str(pull("minilm-l6") / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(TEXTS)
    ids = torch.tensor([text.ids for text in encoded])
    mask = torch.tensor([text.attention_mask for text in encoded])
    with torch.no_grad():
        tokens = original(input_ids=ids, attention_mask=mask).last_hidden_state
    weighted = (tokens * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
    expected = torch.nn.functional.normalize(weighted, dim=1).numpy()

    encoder = opened("minilm-l6")
    found = encoder.encode([encoder.modality.decode(text.encode()) for text in TEXTS]).embeddings
    assert np.abs(found - expected).max() <= 1e-5
