"""A sentence encoder of the BERT family as an ONNX graph, from the tensors of its state dict.

Pooling and normalisation are part of the graph: it gives one vector a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.encoders._graph import GraphWriter
from alaas.errors import ModelError

_EPSILON = 1e-12
_FAR_BELOW = -1e9
"""Added to the scores of padding: its weight becomes exactly 0, and no infinity can turn into NaN."""


def write_graph(tensors: Mapping[str, NDArray[Any]], path: Path, *, layers: int, heads: int) -> None:
    """Write the graph: ``input_ids`` and ``attention_mask`` (n, t) int64 to ``embeddings`` (n, D).

    The embedding is the mean over the real tokens of the last layer, scaled to length 1.

    Raises:
        ModelError: the state dict is of another network.
    """
    try:
        network = _Network(tensors, heads)
        value = network.embed()
        for layer in range(layers):
            value = network.layer(f"encoder.layer.{layer}", value)
        network.pool(value)
    except KeyError as error:
        raise ModelError(f"the weights lack the tensor {error}: they are not those of this model") from error
    tokens = ("int64", ("n", "t"))
    network.graph.save(
        path,
        inputs={"input_ids": tokens, "attention_mask": tokens},
        outputs={"embeddings": ("n", network.width)},
    )


class _Network:
    def __init__(self, tensors: Mapping[str, NDArray[Any]], heads: int) -> None:
        self.tensors = tensors
        self.width = int(tensors["embeddings.word_embeddings.weight"].shape[1])
        self.head = self.width // heads
        self.graph = graph = GraphWriter("bert_sentence_encoder")
        self.shape = graph.add("Shape", "input_ids")
        # (0, 0) copies the batch and the length, whatever they are.
        self.split = graph.weight(np.array([0, 0, heads, self.head]), "int64")
        self.flat = graph.weight(np.array([-1, self.width]), "int64")
        size = graph.weight(np.array([self.width]), "int64")
        self.whole = graph.add("Concat", self.shape, size, axis=0)
        mask = graph.add("Cast", "attention_mask", to=1)
        self.mask = graph.add("Unsqueeze", mask, graph.weight(np.array([2]), "int64"))
        hidden = graph.add("Mul", graph.add("Sub", graph.weight(1.0), mask), graph.weight(_FAR_BELOW))
        self.hidden = graph.add("Unsqueeze", hidden, graph.weight(np.array([1, 2]), "int64"))

    def embed(self) -> str:
        """Words, positions and the first token type, summed and normalised: (n·t, D)."""
        graph, tensors = self.graph, self.tensors
        # Every text is one segment, so the type's row can be added to the positions beforehand.
        places = tensors["embeddings.position_embeddings.weight"].astype(np.float64)
        places = places + tensors["embeddings.token_type_embeddings.weight"][0]
        first, second = (graph.weight(np.array([at]), "int64") for at in (0, 1))
        length = graph.add("Gather", self.shape, second, axis=0)
        at = graph.add("Slice", graph.weight(places), first, length, first)
        words = graph.add("Gather", graph.weight(tensors["embeddings.word_embeddings.weight"]), "input_ids")
        value = self.normalise("embeddings.LayerNorm", graph.add("Add", words, at))
        return graph.add("Reshape", value, self.flat)

    def layer(self, name: str, value: str) -> str:
        """One transformer layer, (n·t, D) to (n·t, D)."""
        graph = self.graph
        attended = self.linear(f"{name}.attention.output.dense", self.attend(f"{name}.attention.self", value))
        value = self.normalise(f"{name}.attention.output.LayerNorm", graph.add("Add", attended, value))
        wide = graph.add("Gelu", self.linear(f"{name}.intermediate.dense", value))
        narrow = self.linear(f"{name}.output.dense", wide)
        return self.normalise(f"{name}.output.LayerNorm", graph.add("Add", narrow, value))

    def attend(self, name: str, value: str) -> str:
        """Attention of every head: (n·t, D) to (n·t, D)."""
        graph = self.graph
        # The scores' factor goes into the queries' weights, where it costs nothing.
        query = self.heads(self.linear(f"{name}.query", value, factor=self.head**-0.5), [0, 2, 1, 3])
        key = self.heads(self.linear(f"{name}.key", value), [0, 2, 3, 1])
        content = self.heads(self.linear(f"{name}.value", value), [0, 2, 1, 3])
        scores = graph.add("Add", graph.add("MatMul", query, key), self.hidden)
        mixed = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), content)
        return graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), self.flat)

    def heads(self, value: str, order: list[int]) -> str:
        """(n·t, D) to (n, heads, t, D / heads) in the given order of axes."""
        whole = self.graph.add("Reshape", value, self.whole)
        return self.graph.add("Transpose", self.graph.add("Reshape", whole, self.split), perm=order)

    def pool(self, value: str) -> None:
        """The mean of the real tokens, scaled to length 1."""
        graph = self.graph
        tokens = graph.add("Mul", graph.add("Reshape", value, self.whole), self.mask)
        axis = graph.weight(np.array([1]), "int64")
        total = graph.add("ReduceSum", tokens, axis, keepdims=0)
        count = graph.add("ReduceSum", self.mask, axis, keepdims=0)
        mean = graph.add("Div", total, graph.add("Max", count, graph.weight(1e-9)))
        norm = graph.add("ReduceL2", mean, axis, keepdims=1)
        graph.add("Div", mean, graph.add("Max", norm, graph.weight(1e-12)), output="embeddings")

    def linear(self, name: str, value: str, *, factor: float = 1.0) -> str:
        """Multiply by the weights and add the bias in one operator."""
        weight = self.tensors[f"{name}.weight"].T.astype(np.float64) * factor
        bias = self.tensors[f"{name}.bias"].astype(np.float64) * factor
        return self.graph.add("Gemm", value, self.graph.weight(weight), self.graph.weight(bias))

    def normalise(self, name: str, value: str) -> str:
        gain, shift = (self.graph.weight(self.tensors[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.graph.add("LayerNormalization", value, gain, shift, axis=-1, epsilon=_EPSILON)
