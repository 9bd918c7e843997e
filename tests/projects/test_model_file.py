"""The exported model says what the project says, from the same inputs, on its own."""

import io
import json

import numpy as np
import onnx
import onnxruntime
import pytest
from heads import CrookedHead, LinearHead
from onnx import helper
from PIL import Image as Pillow

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import open_encoder
from alaas.errors import LearnerError, ModelError
from alaas.projects.model_file import _graph, export_onnx
from alaas.testing.models import write_image_model, write_onnx, write_text_model, write_tokenizer
from alaas.types import Item

KINDS = ("multi-class", "multi-label")
TEXTS = (b"good film", b"a bad book", b"the", b"good good good bad film a book")


def png(colour):
    buffer = io.BytesIO()
    Pillow.new("RGB", (8, 8), colour).save(buffer, "png")
    return buffer.getvalue()


PICTURES = (png("red"), png("blue"), png((3, 77, 200)))


def opened(path, modality=None, **settings):
    return open_encoder(ModelSettings(name=str(path), **settings), modality=modality, limits=LimitSettings())


def image_encoder(path):
    preprocess = {"size": 8, "resize": "squash"}
    return opened(path, preprocess=preprocess, outputs={"embeddings": "features", "logits": "logits"})


def text_encoder(folder, **settings):
    write_text_model(folder / "text.onnx")
    write_tokenizer(folder / "tokenizer.json")
    return opened(folder / "text.onnx", **settings)


def run(content, feed):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in session.get_inputs()}
    names = [value.name for value in session.get_outputs()]
    values = session.run(names, {name: array for name, array in feed.items() if name in wanted})
    return dict(zip(names, values, strict=True))


def card(content):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found = session.get_modelmeta().custom_metadata_map
    return {name: json.loads(found[name]) for name in found if name.startswith("alaas.")}


def compare(encoder, fitted, contents):
    """The file's outputs and the encoder's with the learner's, for the same items."""
    decoded = [encoder.modality.decode(content) for content in contents]
    features = encoder.encode(decoded).embeddings
    exported = export_onnx(encoder, fitted)
    found = run(exported, encoder.modality.collate(decoded))
    assert set(found) == {"embeddings", "probabilities"}
    np.testing.assert_allclose(found["embeddings"], features, atol=1e-5)
    np.testing.assert_allclose(found["probabilities"], fitted.predict_proba(features), atol=1e-5)
    return exported


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_model_says_what_the_project_says(tmp_path, kind):
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx"))
    compare(encoder, LinearHead("abcd", 3, kind), PICTURES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_pooling_of_tokens_is_in_the_graph(tmp_path, kind, pooling):
    encoder = text_encoder(tmp_path, outputs={"pooling": pooling})
    compare(encoder, LinearHead("abc", 4, kind), TEXTS)


def test_a_vector_of_length_one_stays_one(tmp_path):
    encoder = text_encoder(tmp_path)
    encoder.readout = type(encoder.readout)(embeddings="last_hidden_state", normalise=True)
    compare(encoder, LinearHead("ab", 4), TEXTS)


def test_a_mask_that_the_model_has_no_use_for_becomes_an_input(tmp_path):
    table = np.sin(np.arange(40, dtype=np.float32)).reshape(10, 4)
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=[helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        inputs={"input_ids": ("int64", ("n", "t"))},
        outputs={"last_hidden_state": ("n", "t", 4)},
        weights={"table": table},
    )
    write_tokenizer(tmp_path / "tokenizer.json")
    exported = compare(opened(path), LinearHead("ab", 4), TEXTS)
    inputs = [value.name for value in onnx.load_from_string(exported).graph.input]
    assert inputs == ["input_ids", "attention_mask"]


@pytest.mark.parametrize("opset", [9, 12, 13, 17, 18, 21])
@pytest.mark.parametrize("shape", [("n", 3, 8, 8), ("n", 3, 64)], ids=["map", "tokens"])
def test_models_of_every_age_are_extended_in_their_own_version(tmp_path, opset, shape):
    """Reductions are written in two ways, and old files list their weights among the inputs."""
    add = helper.make_node("Add", ["images", "shift"], ["added"])
    sizes = onnx.numpy_helper.from_array(
        np.array([0, 3, 64][: len(shape)] if len(shape) == 3 else [0, 3, 8, 8]), "sizes"
    )
    reshape = helper.make_node("Reshape", ["added", "sizes"], ["embeddings"])
    shift = onnx.numpy_helper.from_array(np.float32([0.5]), "shift")
    float32 = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [add, reshape],
        "old",
        [
            helper.make_tensor_value_info("images", float32, ("n", 3, 8, 8)),
            helper.make_tensor_value_info("shift", float32, (1,)),
            helper.make_tensor_value_info("sizes", onnx.TensorProto.INT64, (len(shape),)),
        ],
        [helper.make_tensor_value_info("embeddings", float32, shape)],
        [shift, sizes],
    )
    old = 3 if opset < 10 else 9
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=old),
        tmp_path / "old.onnx",
    )
    encoder = opened(tmp_path / "old.onnx", preprocess={"size": 8, "resize": "squash"})
    encoder.readout = type(encoder.readout)(embeddings="embeddings", normalise=True)
    exported = compare(encoder, LinearHead("ab", 3 if len(shape) == 4 else 64), PICTURES)
    assert [value.name for value in onnx.load_from_string(exported).graph.input] == ["images"]


def test_what_no_output_needs_stays_behind(tmp_path):
    """The encoder's own classifier is dead weight beside the learner's."""
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx", classes=5000))
    exported = compare(encoder, LinearHead("ab", 3), PICTURES)
    assert len(exported) < 4_000 < (tmp_path / "m.onnx").stat().st_size


def test_names_that_the_outputs_need_are_taken_from_the_encoder(tmp_path):
    nodes = [
        helper.make_node("GlobalAveragePool", ["images"], ["probabilities"]),
        helper.make_node("Flatten", ["probabilities"], ["embeddings"]),
    ]
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=nodes,
        inputs={"images": ("float32", ("n", 3, 8, 8))},
        outputs={"embeddings": ("n", 3)},
    )
    compare(opened(path, preprocess={"size": 8, "resize": "squash"}), LinearHead("ab", 3), PICTURES)


def test_a_graph_inside_the_graph_keeps_what_it_takes_from_around_it(tmp_path):
    float32 = onnx.TensorProto.FLOAT
    inner = [
        helper.make_graph(
            [helper.make_node("Add", ["probabilities", weight], [f"{weight}_out"])],
            weight,
            [],
            [helper.make_tensor_value_info(f"{weight}_out", float32, ("n", 3))],
        )
        for weight in ("one", "two")
    ]
    nodes = [
        helper.make_node("GlobalAveragePool", ["images"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["probabilities"]),
        helper.make_node("If", ["yes"], ["embeddings"], then_branch=inner[0], else_branch=inner[1]),
    ]
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=nodes,
        inputs={"images": ("float32", ("n", 3, 8, 8))},
        outputs={"embeddings": ("n", 3)},
        weights={"one": np.float32([1, 2, 3]), "two": np.float32([4, 5, 6]), "yes": np.array(True)},
    )
    compare(opened(path, preprocess={"size": 8, "resize": "squash"}), LinearHead("ab", 3), PICTURES)


@pytest.mark.parametrize("dtype", ["float16", "uint8"])
def test_embeddings_of_other_types_come_out_in_float32(tmp_path, dtype):
    to = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes = [
        helper.make_node("GlobalAveragePool", ["images"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Abs", ["flat"], ["positive"]),
        helper.make_node("Cast", ["positive"], ["embeddings"], to=to),
    ]
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=nodes,
        inputs={"images": ("float32", ("n", 3, 8, 8))},
        outputs={"embeddings": ("n", 3)},
    )
    model = onnx.load(path)
    model.graph.output[0].type.tensor_type.elem_type = to
    onnx.save(model, path)
    preprocess = {"size": 8, "resize": "squash", "scale": 1, "mean": (0, 0, 0), "std": (1, 1, 1)}
    compare(opened(path, preprocess=preprocess), LinearHead("ab", 3), PICTURES)


def test_weights_beside_the_model_are_taken_into_the_file(tmp_path):
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx", beside="m.data"))
    encoder.readout = type(encoder.readout)(embeddings="logits")
    exported = compare(encoder, LinearHead("ab", 3), PICTURES)
    assert not any(weight.external_data for weight in onnx.load_from_string(exported).graph.initializer)


def test_more_weights_than_one_file_holds_are_refused(tmp_path, monkeypatch):
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx", beside="m.data"))
    monkeypatch.setattr(_graph, "LARGEST", (tmp_path / "m.onnx").stat().st_size)
    with pytest.raises(ModelError, match="one ONNX file holds at most 2 GB"):
        export_onnx(encoder, LinearHead("ab", 3))


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_gets_the_head_alone_with_what_was_learnt_of_its_columns(kind):
    encoder = opened("passthrough")
    rows = [{"size": 1.0, "colour": "red"}, {"size": 3.0, "colour": "blue"}, {"colour": "blue"}]
    items = [Item(id=str(i), row=row) for i, row in enumerate(rows)]
    encoder.modality.prepare(items)
    decoded = [encoder.modality.decode(encoder.modality.inline(item)) for item in items]
    features = encoder.encode(decoded).embeddings
    fitted = LinearHead("xyz", features.shape[1], kind)
    exported = export_onnx(encoder, fitted)
    found = run(exported, {"features": features})
    assert set(found) == {"probabilities"}
    np.testing.assert_allclose(found["probabilities"], fitted.predict_proba(features), atol=1e-5)
    columns = card(exported)["alaas.preprocessing"]["columns"]
    assert [(column["kind"], column["name"]) for column in columns] == [
        ("category", "colour"),
        ("number", "size"),
    ]
    assert columns[0]["values"] == {"blue": 0, "red": 1}
    assert columns[1]["mean"] == 2.0


def test_the_file_says_how_to_use_it(tmp_path):
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx"))
    fitted = LinearHead(["chat", "Hündchen 🐕"], 3, "multi-label")
    found = card(export_onnx(encoder, fitted, about={"project": "pets", "round": 7}))
    assert found["alaas.classes"] == ["chat", "Hündchen 🐕"]
    assert found["alaas.task"] == "multi-label"
    assert found["alaas.encoder"]["fingerprint"] == encoder.fingerprint
    assert (found["alaas.project"], found["alaas.round"]) == ("pets", 7)
    recipe = found["alaas.preprocessing"]
    assert (recipe["modality"], recipe["input"]) == ("image", "images")
    assert (recipe["size"], recipe["layout"], recipe["mean"][0]) == ([8, 8], "nchw", 0.485)


def test_a_text_model_brings_its_tokenizer_along(tmp_path):
    """With the file alone, the tokenizers library and ONNX Runtime, somebody gets the project's answers."""
    from tokenizers import Tokenizer

    encoder, fitted = text_encoder(tmp_path, max_length=4), LinearHead("ab", 4)
    exported = export_onnx(encoder, fitted)
    recipe = card(exported)["alaas.preprocessing"]
    tokenizer = Tokenizer.from_str(json.dumps(recipe["tokenizer"]))
    tokenizer.enable_truncation(recipe["max_length"])
    tokenizer.enable_padding(pad_id=recipe["padding"])
    encoded = tokenizer.encode_batch([text.decode() for text in TEXTS])
    feed = {
        "input_ids": np.array([one.ids for one in encoded]),
        "attention_mask": np.array([one.attention_mask for one in encoded]),
    }
    features = encoder.encode([encoder.modality.decode(text) for text in TEXTS]).embeddings
    probabilities = run(exported, feed)["probabilities"]
    np.testing.assert_allclose(probabilities, fitted.predict_proba(features), atol=1e-5)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx"))
    assert export_onnx(encoder, LinearHead("ab", 3)) == export_onnx(encoder, LinearHead("ab", 3))


class OwnGraph(CrookedHead):
    """Not linear: the probabilities are those of the squared features."""

    def __init__(self, *arguments, opset=20, output="probabilities"):
        super().__init__(*arguments)
        self.opset, self.output = opset, output

    def predict_proba(self, features):
        return super().predict_proba(features * features)

    def to_onnx(self):
        # Names that the encoder's graph has as well.
        nodes = [
            helper.make_node("Mul", ["features", "features"], ["pooled"]),
            helper.make_node("Gemm", ["pooled", "weight", "bias"], ["logits"], transB=1),
            helper.make_node("Softmax", ["logits"], [self.output], axis=1),
        ]
        float32, count = onnx.TensorProto.FLOAT, len(self.classes)
        weights = {"weight": self.layer[:, :-1].copy(), "bias": self.layer[:, -1].copy()}
        graph = helper.make_graph(
            nodes,
            "own",
            [helper.make_tensor_value_info("features", float32, ("n", self.dimensions))],
            [helper.make_tensor_value_info(self.output, float32, ("n", count))],
            [onnx.numpy_helper.from_array(array, name) for name, array in weights.items()],
        )
        opset = helper.make_opsetid("", self.opset)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()


@pytest.mark.parametrize("opset", [13, 20])
def test_a_learner_with_a_graph_of_its_own_need_not_be_linear(tmp_path, opset):
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx"))
    compare(encoder, OwnGraph("abcd", 3, opset=opset), PICTURES)


def test_a_table_gets_that_graph_too():
    features = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    fitted = OwnGraph("ab", 3)
    found = run(export_onnx(opened("passthrough"), fitted), {"features": features})
    np.testing.assert_allclose(found["probabilities"], fitted.predict_proba(features), atol=1e-5)


def test_learners_that_cannot_be_written_down_are_refused(tmp_path):
    encoder = image_encoder(write_image_model(tmp_path / "m.onnx"))
    with pytest.raises(LearnerError, match=r"CrookedHead is not linear.*to_onnx"):
        export_onnx(encoder, CrookedHead("ab", 3))
    with pytest.raises(LearnerError, match="from features to scores"):
        export_onnx(encoder, OwnGraph("ab", 3, output="scores"))
    with pytest.raises(LearnerError, match=r"fitted on 4 features, but .* gives 3"):
        export_onnx(encoder, LinearHead("ab", 4))


def test_encoders_that_cannot_be_written_down_are_refused(tmp_path):
    path = write_image_model(tmp_path / "m.onnx")
    settings = {"preprocess": {"size": 8, "resize": "squash"}}
    with pytest.raises(ModelError, match="no embeddings"):
        export_onnx(opened(path, outputs={"logits": "logits"}, **settings), LinearHead("ab", 3))
    encoder = text_encoder(tmp_path, outputs={"pooling": "none"})
    with pytest.raises(ModelError, match="3 axes"):
        export_onnx(encoder, LinearHead("ab", 4))
    model = onnx.load(path)
    model.opset_import[0].version = 7
    onnx.save(model, path)
    with pytest.raises(ModelError, match="version 7 of the ONNX operators"):
        export_onnx(image_encoder(path), LinearHead("ab", 3))


@pytest.mark.models
@pytest.mark.parametrize("name", ["efficientnet-lite0", "minilm-l6", "minilm-l6-int8"])
def test_every_model_of_the_zoo_can_be_taken_along(name):
    encoder = opened(name)
    contents = TEXTS if encoder.modality.name == "text" else PICTURES
    compare(encoder, LinearHead("abc", encoder.about.dimensions), contents)
