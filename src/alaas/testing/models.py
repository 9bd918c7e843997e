"""Small ONNX models, written on the spot, to test engines and encoders with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Shape = Sequence[str | int | None]

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "book", "a", "the")
"""The vocabulary of ``write_tokenizer``; a word's place is its token."""


def write_onnx(
    path: Path,
    *,
    nodes: Sequence[Any],
    inputs: Mapping[str, tuple[str, Shape]],
    outputs: Mapping[str, Shape],
    weights: Mapping[str, NDArray[Any]] | None = None,
    beside: str | None = None,
) -> Path:
    """Write a graph: ``inputs`` name → (dtype, shape), ``outputs`` name → shape of float32.

    With ``beside`` the weights go to a file of that name in the same folder.
    """
    kinds = {name: helper.np_dtype_to_tensor_dtype(np.dtype(dtype)) for name, (dtype, _) in inputs.items()}
    graph = helper.make_graph(
        list(nodes),
        "small",
        [helper.make_tensor_value_info(n, kinds[n], shape) for n, (_, shape) in inputs.items()],
        [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, shape) for n, shape in outputs.items()],
        [numpy_helper.from_array(values, name) for name, values in (weights or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    external = {"save_as_external_data": True, "location": beside, "size_threshold": 0} if beside else {}
    onnx.save(model, str(path), **external)
    return path


def write_image_model(path: Path, *, size: int = 8, classes: int = 3, beside: str | None = None) -> Path:
    """Write ``images`` (n, 3, size, size) → ``features`` (n, 3), mean colours, and ``logits`` (n, C)."""
    weight = np.arange(3 * classes, dtype=np.float32).reshape(3, classes) / 7 - 1
    nodes = [
        helper.make_node("GlobalAveragePool", ["images"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("MatMul", ["features", "weight"], ["logits"]),
    ]
    return write_onnx(
        path,
        nodes=nodes,
        inputs={"images": ("float32", ("n", 3, size, size))},
        outputs={"features": ("n", 3), "logits": ("n", classes)},
        weights={"weight": weight},
        beside=beside,
    )


def write_network(path: Path, *, size: int = 16, classes: int = 5, seed: int = 0) -> Path:
    """Write ``images`` (n, 3, size, size) → ``features`` (n, 12) and ``probs`` (n, C) of two convolutions.

    Its weights are random; unlike ``write_image_model`` it has what is worth quantising.
    """
    rng = np.random.default_rng(seed)
    weights = {
        "first": rng.normal(size=(8, 3, 3, 3)) / 5,
        "second": rng.normal(size=(12, 8, 3, 3)) / 8,
        "head": rng.normal(size=(12, classes)),
    }
    nodes = [
        helper.make_node("Conv", ["images", "first"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["c"], strides=[2, 2]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("GlobalAveragePool", ["d"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("MatMul", ["features", "head"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probs"]),
    ]
    return write_onnx(
        path,
        nodes=nodes,
        inputs={"images": ("float32", ("n", 3, size, size))},
        outputs={"features": ("n", 12), "probs": ("n", classes)},
        weights={name: values.astype(np.float32) for name, values in weights.items()},
    )


def write_text_model(path: Path, *, width: int = 4) -> Path:
    """Write ``input_ids``, ``attention_mask`` (n, t) int64 → ``last_hidden_state`` (n, t, width)."""
    table = np.sin(np.arange(len(WORDS) * width, dtype=np.float32)).reshape(len(WORDS), width)
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["real"]),
        helper.make_node("Gather", ["table", "real"], ["last_hidden_state"]),
    ]
    tokens = ("int64", ("n", "t"))
    return write_onnx(
        path,
        nodes=nodes,
        inputs={"input_ids": tokens, "attention_mask": tokens},
        outputs={"last_hidden_state": ("n", "t", width)},
        weights={"table": table},
    )


def write_tokenizer(path: Path) -> Path:
    """A ``tokenizer.json`` that knows ``WORDS``."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    places = {word: place for place, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(places, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return path
