"""Writes an ONNX graph step by step. The onnx package is needed here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_TYPES = {"uint8": TensorProto.UINT8, "int64": TensorProto.INT64, "float32": TensorProto.FLOAT}
_OPSET = 20
_IR_VERSION = 9
"""What ONNX Runtime 1.17 and later read."""

Attribute = int | float | str | Sequence[int]


class GraphWriter:
    """Collects operators and weights of one graph; every method returns the name of what it made."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[Any] = []
        self._weights: dict[str, Any] = {}

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Attribute) -> str:
        """Apply an operator of the ONNX standard to named values; attributes as the standard names them."""
        made = output or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [made], name=made, **attributes))
        return made

    def weight(self, values: NDArray[Any] | np.generic | float, dtype: str = "float32") -> str:
        """Store an array; equal small arrays are stored once."""
        array = np.asarray(values, dtype=dtype, order="C")
        key = (
            f"{array.dtype}{array.shape}{array.tobytes().hex()}"
            if array.size <= 4
            else str(len(self._weights))
        )
        if key not in self._weights:
            self._weights[key] = numpy_helper.from_array(array, f"weight_{len(self._weights)}")
        return str(self._weights[key].name)

    def save(
        self,
        path: Path,
        *,
        inputs: Mapping[str, tuple[str, Sequence[str | int]]],
        outputs: Mapping[str, Sequence[str | int]],
    ) -> None:
        """Check the graph and write it; ``inputs``: name → (dtype, shape), ``outputs``: name → shape."""
        graph = helper.make_graph(
            self._nodes,
            self.name,
            [helper.make_tensor_value_info(n, _TYPES[dtype], shape) for n, (dtype, shape) in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in outputs.items()],
            list(self._weights.values()),
        )
        opset = helper.make_opsetid("", _OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION, producer_name="alaas")
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, str(path))
