"""The int8 version of a model: how it is made, who uses it, and when it is refused."""

import io
import json

import numpy as np
import onnx
import pytest
from onnx import helper
from PIL import Image as Pillow

from alaas.config import EngineSettings, LimitSettings, ModelSettings
from alaas.encoders import open_encoder, quantize
from alaas.encoders._quantize_graph import kept_exact
from alaas.engines import open_engine, read_onnx_header
from alaas.errors import ConfigError, ModelError
from alaas.testing.models import (
    write_image_model,
    write_network,
    write_onnx,
    write_text_model,
    write_tokenizer,
)

PLAIN = {"size": 16, "resize": "squash", "scale": 1 / 255, "mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25)}
OUTPUTS = {"embeddings": "features", "probs": "probs"}


def encoder(path, engine="onnxruntime", precision="stored", outputs=OUTPUTS):
    model = ModelSettings(
        name=str(path),
        engine=EngineSettings(name=engine, precision=precision),
        preprocess=PLAIN,
        outputs=outputs,
    )
    return open_encoder(model, modality=None, limits=LimitSettings())


def pictures(count, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        buffer = io.BytesIO()
        Pillow.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(buffer, "png")
        yield buffer.getvalue()


def decoded(opened, count, seed=0):
    return [opened.modality.decode(content) for content in pictures(count, seed)]


def batches(opened, count=4):
    return [opened.modality.collate(decoded(opened, 4, seed)) for seed in range(count)]


@pytest.fixture
def network(tmp_path):
    return write_network(tmp_path / "network.onnx")


@pytest.fixture
def quantized(network):
    opened = encoder(network)
    quantize(opened, batches(opened))
    return network


def test_it_lies_beside_the_model_with_a_note_of_what_it_was_made_from(network):
    opened, seen = encoder(network), []
    made = quantize(opened, batches(opened), on_batch=seen.append)
    assert made.path == network.with_name("network.int8.onnx")
    assert (made.method, made.items, seen) == ("static", 16, [4, 4, 4, 4])
    assert read_onnx_header(made.path).precision == "int8"
    note = json.loads(network.with_name("network.int8.json").read_text())
    assert note["source"] == opened.original().sha256
    assert {path.name for path in network.parent.iterdir()} == {
        "network.onnx",
        "network.int8.onnx",
        "network.int8.json",
    }


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_both_engines_compute_nearly_the_same_with_it(quantized, engine):
    pytest.importorskip(engine)
    exact, lower = encoder(quantized), encoder(quantized, engine, "int8")
    items = decoded(exact, 8, seed=9)
    wanted, found = exact.encode(items), lower.encode(items)
    assert 0 < np.abs(found.embeddings - wanted.embeddings).max() < 0.05 * np.abs(wanted.embeddings).max()
    np.testing.assert_allclose(found.probs.sum(axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(found.probs, wanted.probs, atol=0.02)


def test_the_beginning_and_the_ends_stay_as_they_are(network):
    opened = encoder(network)
    made = onnx.load(str(quantize(opened, batches(opened)).path)).graph
    makers = {output: node for node in made.node for output in node.output}
    probs = makers["probs"]
    assert probs.op_type == "Softmax"
    assert makers[probs.input[0]].op_type == "MatMul"
    assert makers[makers[probs.input[0]].input[0]].op_type == "Flatten"
    convolutions = [node for node in made.node if node.op_type == "Conv"]
    assert all(makers[node.input[1]].op_type == "DequantizeLinear" for node in convolutions)


def test_of_many_convolutions_the_first_stay_as_they_are(tmp_path):
    nodes = [
        helper.make_node("Conv", [f"x{i}", "w"], [f"x{i + 1}"], pads=[1, 1, 1, 1]) for i in range(16)
    ] + [
        helper.make_node("GlobalAveragePool", ["x16"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["y"]),
    ]
    path = write_onnx(
        tmp_path / "deep.onnx",
        nodes=nodes,
        inputs={"x0": ("float32", ("n", 3, 8, 8))},
        outputs={"y": ("n", 3)},
        weights={"w": np.full((3, 3, 3, 3), 0.1, np.float32)},
    )
    kept = kept_exact(path)
    graph = onnx.load(str(path)).graph
    assert len({node.name for node in graph.node}) == len(graph.node)
    assert kept == [graph.node[i].name for i in (0, 1, 17, 16)]


def test_its_digest_enters_the_fingerprint(quantized):
    before = encoder(quantized, precision="int8").fingerprint
    assert before != encoder(quantized).fingerprint
    opened = encoder(quantized)
    quantize(opened, batches(opened, 1))
    assert encoder(quantized, precision="int8").fingerprint != before


def test_without_one_the_message_says_the_command(network):
    with pytest.raises(ModelError, match="alaas models quantize"):
        encoder(network, precision="int8").load()


def test_one_that_was_made_from_another_model_is_refused(quantized):
    write_network(quantized, seed=1)
    with pytest.raises(ModelError, match="made from another model"):
        encoder(quantized, precision="int8").load()


def test_a_damaged_one_is_refused(quantized):
    file = quantized.with_name("network.int8.onnx")
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        encoder(quantized, precision="int8").load()


def test_one_from_elsewhere_needs_no_note(quantized):
    quantized.with_name("network.int8.json").unlink()
    encoder(quantized, precision="int8").load()


def test_an_engine_takes_the_file_itself_as_well_as_the_model_beside_it(quantized):
    engine = open_engine(EngineSettings(precision="int8"))
    file = quantized.with_name("network.int8.onnx")
    assert engine.variant(quantized) == engine.variant(file) == file
    assert engine.load(quantized).precision == engine.load(file).precision == "int8"
    with pytest.raises(ModelError, match="int8 already"):
        quantize(encoder(file), [])


def test_texts_are_quantised_without_items(tmp_path):
    write_text_model(tmp_path / "text.onnx")
    write_tokenizer(tmp_path / "tokenizer.json")
    opened = open_encoder(
        ModelSettings(name=str(tmp_path / "text.onnx")), modality=None, limits=LimitSettings()
    )
    with pytest.raises(ModelError, match="no operators"):  # it only looks words up
        quantize(opened, [])
    assert not list(tmp_path.glob("*int8*"))


def test_without_a_single_item_nothing_is_made(network):
    with pytest.raises(ModelError, match="no item"):
        quantize(encoder(network), [])
    assert [path.name for path in network.parent.iterdir()] == ["network.onnx"]


def test_a_model_without_anything_worth_it_is_refused(tmp_path):
    path = write_image_model(tmp_path / "model.onnx", size=16)
    opened = encoder(path, outputs={"embeddings": "features", "logits": "logits"})
    with pytest.raises(ModelError, match="no operators"):
        quantize(opened, batches(opened))


def test_what_is_no_onnx_file_is_refused():
    table = open_encoder(ModelSettings(), modality="table", limits=LimitSettings())
    with pytest.raises(ConfigError, match="not an ONNX file"):
        quantize(table, [])
