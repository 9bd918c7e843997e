"""Reads what an ONNX file says about itself, without loading it and without the onnx package.

An ONNX file is one protocol buffer (https://protobuf.dev/programming-guides/encoding/) whose weights are by
far its largest part. This reader steps over them, so it takes milliseconds. It exists to answer two questions
before an engine touches the file: what goes in and out, and which other files the engine would open.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from alaas.engines._base import ModelHeader, TensorSpec
from alaas.errors import ModelError

# Field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
_MODEL_GRAPH, _MODEL_FUNCTIONS = 7, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SPARSE = 1, 5, 11, 12, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _FUNCTION_NODE = 4, 5, 7
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = (5, 10), (6, 11), (22, 23)
_TENSOR_DTYPE, _TENSOR_NAME, _TENSOR_EXTERNAL = 2, 8, 13
_DTYPES: Final = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "bfloat16",
}  # fmt: skip
_INTEGER_OPERATORS: Final = frozenset(
    {
        "QLinearConv",
        "QLinearMatMul",
        "ConvInteger",
        "MatMulInteger",
        "QuantizeLinear",
        "DynamicQuantizeLinear",
    }
    | {"DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "QAttention", "MatMulIntegerToFloat"}  # Microsoft's
)
_DEEPEST = 64
"""Graphs inside graphs beyond which a file is taken for an attack."""


def read_onnx_header(path: Path) -> ModelHeader:
    """Read the header of the ONNX file at ``path``.

    Raises:
        ModelError: the file is missing, empty or not ONNX.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _Survey(content).header()
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error
    except (ValueError, IndexError, UnicodeDecodeError, RecursionError) as error:
        raise ModelError(f"{path} is not an ONNX model: {error}; export it again") from error


class _Survey:
    """One walk over a file. A span is a pair of offsets: where a message begins and ends."""

    def __init__(self, content: mmap.mmap) -> None:
        self.content = content
        self.operators: set[str] = set()
        self.weights: dict[str, int] = {}
        self.external: dict[str, None] = {}
        self.initialised: set[str] = set()

    def header(self) -> ModelHeader:
        graph = None
        for field, span in self.fields((0, len(self.content))):
            if field == _MODEL_GRAPH:
                graph = span
            elif field == _MODEL_FUNCTIONS:
                for inner, node in self.fields(span):
                    if inner == _FUNCTION_NODE:
                        self.node(node, 0)
        if graph is None:
            raise ValueError("it holds no graph")
        self.graph(graph, 0)
        inputs = tuple(self.value(span) for span in self.all(graph, _GRAPH_INPUT))
        outputs = tuple(self.value(span) for span in self.all(graph, _GRAPH_OUTPUT))
        if not outputs:
            raise ValueError("its graph has no output")
        return ModelHeader(
            # Old exporters list the weights among the inputs.
            inputs=tuple(spec for spec in inputs if spec.name not in self.initialised),
            outputs=outputs,
            precision=self.precision(),
            external=tuple(self.external),
        )

    def precision(self) -> str:
        if self.operators & _INTEGER_OPERATORS:
            return "int8"
        kinds = {"float32": "fp32", "float64": "fp32", "float16": "fp16", "bfloat16": "bf16"}
        seen = {kinds[name]: count for name, count in self.weights.items() if name in kinds}
        return max(seen, key=lambda kind: seen[kind]) if seen else "fp32"

    def graph(self, span: tuple[int, int], depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError(f"its graphs are nested more than {_DEEPEST} deep")
        for field, part in self.fields(span):
            if field == _GRAPH_NODE:
                self.node(part, depth)
            elif field == _GRAPH_INITIALIZER:
                self.initialised.add(self.tensor(part))
            elif field == _GRAPH_SPARSE:
                self.sparse(part)

    def node(self, span: tuple[int, int], depth: int) -> None:
        for field, part in self.fields(span):
            if field == _NODE_OPERATOR:
                self.operators.add(self.text(part))
            elif field == _NODE_ATTRIBUTE:
                for kind, value in self.fields(part):
                    if kind in _ATTRIBUTE_TENSORS:
                        self.tensor(value)
                    elif kind in _ATTRIBUTE_GRAPHS:
                        self.graph(value, depth + 1)
                    elif kind in _ATTRIBUTE_SPARSE:
                        self.sparse(value)

    def sparse(self, span: tuple[int, int]) -> None:
        for field, part in self.fields(span):
            if field in (1, 2):  # values and indices
                self.tensor(part)

    def tensor(self, span: tuple[int, int]) -> str:
        """Count a tensor's bytes by type, note what it keeps elsewhere, and return its name."""
        name, dtype = "", ""
        for field, part in self.fields(span):
            if field == _TENSOR_NAME:
                name = self.text(part)
            elif field == _TENSOR_DTYPE:
                dtype = _DTYPES.get(part[0], "")
            elif field == _TENSOR_EXTERNAL:
                entry = {inner: self.text(value) for inner, value in self.fields(part)}
                if entry.get(1) == "location":
                    self.external[entry.get(2, "")] = None
        self.weights[dtype] = self.weights.get(dtype, 0) + span[1] - span[0]
        return name

    def value(self, span: tuple[int, int]) -> TensorSpec:
        """Read a ValueInfoProto: name, and type → tensor → element type and shape → dimensions."""
        parts = dict(self.fields(span))
        tensors = self.all(parts[2], 1) if 2 in parts else []
        if 1 not in parts or not tensors:
            raise ValueError("an input or output of its graph is not a tensor")
        inner = dict(self.fields(tensors[0]))
        dimensions = self.all(inner[2], 1) if 2 in inner else []
        return TensorSpec(
            name=self.text(parts[1]),
            dtype=_DTYPES.get(inner.get(1, (0, 0))[0], "unknown"),
            shape=tuple(self.dimension(span) for span in dimensions),
        )

    def dimension(self, span: tuple[int, int]) -> int | str | None:
        for field, part in self.fields(span):
            if field == 1:
                return part[0]
            if field == 2:
                return self.text(part)
        return None

    def all(self, span: tuple[int, int], wanted: int) -> list[tuple[int, int]]:
        return [part for field, part in self.fields(span) if field == wanted]

    def text(self, span: tuple[int, int]) -> str:
        return self.content[span[0] : span[1]].decode()

    def fields(self, span: tuple[int, int]) -> Iterator[tuple[int, tuple[int, int]]]:
        """Each field's number with its span; a number stands in place of the span's beginning."""
        at, end = span
        while at < end:
            tag, at = self.number(at, end)
            field, wire = tag >> 3, tag & 7
            if wire == 0:
                value, at = self.number(at, end)
                yield field, (value, value)
                continue
            if wire == 2:
                size, at = self.number(at, end)
            elif wire in (1, 5):
                size = 8 if wire == 1 else 4
            else:
                raise ValueError("its bytes are not a protocol buffer")
            if field == 0 or at + size > end:
                raise ValueError("it is cut off or damaged")
            yield field, (at, at + size)
            at += size

    def number(self, at: int, end: int) -> tuple[int, int]:
        value = shift = 0
        while at < end and shift < 70:
            byte = self.content[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
            shift += 7
        raise ValueError("it is cut off or damaged")
