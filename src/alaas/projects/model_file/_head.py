"""The learner's part of the graph: from features to probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import version_converter

from alaas.errors import LearnerError
from alaas.learners import Fitted
from alaas.projects.model_file._graph import Graph, within
from alaas.projects.model_file._surgery import rename

FEATURES = "features"
PROBABILITIES = "probabilities"


def append_head(graph: Graph, fitted: Fitted, features: str) -> None:
    """Make ``probabilities`` (n, C) of ``features`` (n, D): by the learner's own graph, else its weights.

    Raises:
        LearnerError: it has neither, or what it has does not fit.
    """
    content = fitted.to_onnx()
    if content is not None:
        _append_graph(graph, _own_graph(fitted, content, graph.opset), features)
        return
    weights = fitted.weights
    if weights is None:
        raise LearnerError(
            f"{type(fitted).__name__} is not linear, so it cannot be written as an ONNX model; take another "
            "learner, such as linear, or give it a to_onnx() of its own"
        )
    expected = (len(fitted.classes), fitted.dimensions + 1)
    if weights.shape != expected:
        raise LearnerError(
            f"the weights of {type(fitted).__name__} have shape {weights.shape}, expected {expected}: "
            "one row a class, its bias in the last column"
        )
    layer, bias = (graph.weight(np.asarray(part)) for part in (weights[:, :-1], weights[:, -1]))
    logits = graph.add("Gemm", features, layer, bias, transB=1)
    if fitted.kind == "multi-class":
        graph.add("Softmax", logits, axis=1, output=PROBABILITIES)
    else:
        graph.add("Sigmoid", logits, output=PROBABILITIES)


def _own_graph(fitted: Fitted, content: bytes, opset: int) -> Any:
    """The learner's graph, checked and in the version of the graph that it goes into."""
    who = type(fitted).__name__
    try:
        model = onnx.load_from_string(content)
        onnx.checker.check_model(content)
    except (DecodeError, ValueError, onnx.checker.ValidationError) as error:
        raise LearnerError(f"what {who}.to_onnx() gave is not an ONNX model: {error}") from error
    weights = {weight.name for weight in model.graph.initializer}
    takes = [value.name for value in model.graph.input if value.name not in weights]
    gives = [value.name for value in model.graph.output]
    if takes != [FEATURES] or PROBABILITIES not in gives:
        raise LearnerError(
            f"the model of {who}.to_onnx() goes from {', '.join(takes)} to {', '.join(gives)}; expected one "
            f"input {FEATURES!r} and an output {PROBABILITIES!r}"
        )
    version = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), opset)
    if version == opset:
        return model
    try:
        return version_converter.convert_version(model, opset)
    except RuntimeError as error:  # the converter's own class derives from it
        raise LearnerError(
            f"the model of {who}.to_onnx() is in version {version} of the ONNX operators and cannot be "
            f"turned into version {opset}, that of the encoder: {error}"
        ) from error


def _append_graph(graph: Graph, model: Any, features: str) -> None:
    """Append the operators of ``model``, with its ``features`` in place of its input."""
    below = within("head")
    names = {FEATURES: features, PROBABILITIES: PROBABILITIES}
    rename(model.graph, lambda name: names.get(name) or below(name))
    whole = graph.model
    whole.graph.node.extend(model.graph.node)
    whole.graph.initializer.extend(model.graph.initializer)
    whole.graph.sparse_initializer.extend(model.graph.sparse_initializer)
    whole.graph.value_info.extend(model.graph.value_info)
    whole.functions.extend(model.functions)
    versions = {entry.domain: entry.version for entry in whole.opset_import}
    for entry in model.opset_import:
        if versions.setdefault(entry.domain, entry.version) == entry.version:
            if entry.domain not in {known.domain for known in whole.opset_import}:
                whole.opset_import.append(entry)
            continue
        raise LearnerError(
            f"the learner's graph uses version {entry.version} of the operators {entry.domain!r}, the "
            f"encoder's {versions[entry.domain]}; write both in one"
        )
