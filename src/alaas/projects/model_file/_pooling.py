"""From an encoder's raw output to embeddings, inside the graph; the twin of ``encoders/_readout.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto

from alaas.encoders import EncoderGraph
from alaas.errors import ModelError
from alaas.projects.model_file._graph import Graph

_NAME = "embeddings"


def append_pooling(graph: Graph, source: EncoderGraph) -> tuple[str, int | None]:
    """Make ``embeddings`` (n, D), float32, of the output that holds them.

    Returns:
        Their name, and D where the graph says it.

    Raises:
        ModelError: the graph lacks the output, or does not say its shape, or it is no vector an item.
    """
    output = graph.called(source.embeddings)
    shape = _shape(graph, output, source.embeddings)
    value = graph.add("Cast", output, to=TensorProto.FLOAT)
    if len(shape) == 2:
        width = shape[1]
    elif len(shape) == 3 and source.pooling == "cls":
        value = graph.add("Gather", value, graph.weight(np.array(0), "int64"), axis=1)
        width = shape[2]
    elif len(shape) == 3 and source.pooling == "mean":
        value = _mean(graph, value, source.mask)
        width = shape[2]
    elif len(shape) == 4 and source.pooling == "mean":
        value = graph.reduce("ReduceMean", value, [2, 3], keep=False)
        width = shape[1]
    else:
        raise ModelError(
            f"{graph.name}: output {source.embeddings!r} has {len(shape)} axes, which pooling "
            f"{source.pooling!r} does not turn into one vector an item"
        )
    if source.normalise:
        length = graph.reduce("ReduceL2", value, [1], keep=True)
        value = graph.add("Div", value, graph.add("Max", length, graph.weight(1e-12)))
    return graph.add("Identity", value, output=_NAME), width


def _mean(graph: Graph, value: str, mask: str | None) -> str:
    """The mean over real tokens, or over all without a mask: (n, t, D) and (n, t) to (n, D)."""
    if mask is None:
        return graph.reduce("ReduceMean", value, [1], keep=False)
    real = graph.add("Cast", graph.input(mask, "int64", ("n", "t")), to=TensorProto.FLOAT)
    # 0 copies a length; Reshape is written alike in every version, Unsqueeze is not.
    weights = graph.add("Reshape", real, graph.weight(np.array([0, -1, 1]), "int64"))
    total = graph.reduce("ReduceSum", graph.add("Mul", value, weights), [1], keep=False)
    count = graph.reduce("ReduceSum", weights, [1], keep=False)
    return graph.add("Div", total, graph.add("Max", count, graph.weight(1e-9)))


def _shape(graph: Graph, output: str, known_as: str) -> list[int | None]:
    """The lengths of the output's axes, None where they are free."""
    found = _declared(graph.model.graph, output)
    if found is None:
        inferred = onnx.shape_inference.infer_shapes(graph.model)
        found = _declared(inferred.graph, output)
    if found is None:
        raise ModelError(
            f"{graph.name} does not say the shape of its output {known_as!r}, so it cannot be told whether "
            "it has to be pooled; export the model again with shapes"
        )
    return found


def _declared(graph: Any, name: str) -> list[int | None] | None:
    for value in (*graph.output, *graph.value_info):
        if value.name == name and value.type.tensor_type.HasField("shape"):
            axes = value.type.tensor_type.shape.dim
            return [axis.dim_value if axis.HasField("dim_value") else None for axis in axes]
    return None
