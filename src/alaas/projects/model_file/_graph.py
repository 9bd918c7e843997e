"""An ONNX model that operators are added to. The onnx package is needed here and in the files beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import onnx
from google.protobuf.message import DecodeError, EncodeError
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from alaas.engines import read_onnx_header
from alaas.errors import ModelError
from alaas.projects.model_file._surgery import prune, rename
from alaas.types import JSON

OPSET: Final = 20
_IR_VERSION: Final = 9
"""What ONNX Runtime 1.17 and later read."""
_OLDEST_OPSET: Final = 8
"""The first in which shapes are broadcast everywhere that this room relies on it."""
_FIRST_IR_WITH_OWN_WEIGHTS: Final = 4
"""Before it, every weight had to be listed among the inputs."""
LARGEST: Final = 2**31 - 1
"""Bytes of a protocol buffer, and so of an ONNX file without files beside it."""
_AXES_ARE_INPUTS: Final = {"ReduceSum": 13, "ReduceMean": 18, "ReduceL2": 18}
"""From which version of the standard on."""

Attribute = int | float | str | Sequence[int]


class Graph:
    """A model in the making; every method that adds something returns the name of what it made."""

    def __init__(self, model: Any, name: str) -> None:
        self.model = model
        self.name = name
        self._renamed: set[str] = set()
        self.opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)

    @classmethod
    def empty(cls) -> Self:
        """A model without operators."""
        opset = helper.make_opsetid("", OPSET)
        return cls(
            helper.make_model(
                helper.make_graph([], "head", [], []),
                opset_imports=[opset],
                ir_version=_IR_VERSION,
                producer_name="alaas",
            ),
            "head",
        )

    @classmethod
    def read(cls, path: Path, *, name: str) -> Self:
        """The model at ``path`` with the weights that lie beside it, if one file can hold them.

        Raises:
            ModelError: it cannot be read, is too large, or of a version that is too old.
        """
        size = _size(path, name)
        if size > LARGEST:
            raise ModelError(
                f"{name} has {size / 1e9:.1f} GB of weights, but one ONNX file holds at most 2 GB; "
                "take the learner's weights and run the model beside them"
            )
        try:
            graph = cls(onnx.load(str(path)), name)
        except (OSError, DecodeError, ValueError, onnx.checker.ValidationError) as error:
            raise ModelError(f"cannot read the model {path}: {error}") from error
        if graph.opset < _OLDEST_OPSET:
            raise ModelError(
                f"{name} is written in version {graph.opset} of the ONNX operators, from which nothing can "
                f"be exported; convert it to version {_OLDEST_OPSET} or later, {OPSET} is best"
            )
        return graph

    def free(self, *names: str) -> None:
        """Give other names to what the graph calls by one of ``names``, which outputs are going to need.

        Raises:
            ModelError: one of its inputs has that name, which its users know it by.
        """
        graph = self.model.graph
        for value in graph.input:
            if value.name in names:
                raise ModelError(
                    f"{self.name} has an input {value.name!r}, but the exported model's output would be "
                    "called so; give the input another name"
                )
        self._renamed.update(names)
        rename(graph, self.called)

    def called(self, name: str) -> str:
        """What a value of the graph that was read is called now."""
        return own(name) if name in self._renamed else name

    def input(self, name: str, dtype: str, shape: Sequence[str | int]) -> str:
        """Declare an input, unless the graph has one of that name."""
        if name not in {value.name for value in self.model.graph.input}:
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            self.model.graph.input.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Attribute) -> str:
        """Apply an operator of the ONNX standard to named values; attributes as the standard names them."""
        made = output or own(f"{operator}_{len(self.model.graph.node)}")
        self.model.graph.node.append(
            helper.make_node(operator, list(inputs), [made], name=own(made), **attributes)
        )
        return made

    def reduce(self, operator: str, value: str, axes: Sequence[int], *, keep: bool) -> str:
        """``ReduceSum``, ``ReduceMean`` or ``ReduceL2`` over axes, as the graph's version writes it."""
        if self.opset < _AXES_ARE_INPUTS[operator]:
            return self.add(operator, value, axes=list(axes), keepdims=int(keep))
        return self.add(operator, value, self.weight(np.array(axes), "int64"), keepdims=int(keep))

    def weight(self, values: NDArray[Any] | float, dtype: str = "float32") -> str:
        """Store an array."""
        initialisers = self.model.graph.initializer
        name = own(f"weight_{len(initialisers)}")
        initialisers.append(numpy_helper.from_array(np.asarray(values, dtype=dtype, order="C"), name))
        return name

    def note(self, facts: Mapping[str, JSON]) -> None:
        """Write ``facts`` into the metadata as JSON, each under ``alaas.`` and its name."""
        kept = {entry.key: entry.value for entry in self.model.metadata_props}
        kept |= {f"alaas.{name}": json.dumps(fact, ensure_ascii=False) for name, fact in facts.items()}
        del self.model.metadata_props[:]
        helper.set_model_props(self.model, kept)

    def finish(self, outputs: Mapping[str, int]) -> bytes:
        """The file: ``outputs`` name → width, float32, and nothing that they do not need. Uses the graph up.

        Raises:
            ModelError: it would be too large, or breaks the standard.
        """
        graph = self.model.graph
        del graph.output[:]
        graph.output.extend(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ("n", width))
            for name, width in outputs.items()
        )
        prune(graph)
        self.model.ir_version = max(self.model.ir_version, _FIRST_IR_WITH_OWN_WEIGHTS)
        try:
            content: bytes = self.model.SerializeToString(deterministic=True)
        except (EncodeError, ValueError) as error:
            raise ModelError(f"{self.name} does not fit into one ONNX file of 2 GB: {error}") from error
        del graph, self.model  # the checker reads the bytes into a copy of its own
        try:
            onnx.checker.check_model(content)
        except (ValueError, onnx.checker.ValidationError) as error:
            raise ModelError(f"{self.name} cannot be exported, the file would be broken: {error}") from error
        return content


def own(name: str) -> str:
    """A name that no other writer of graphs gives."""
    return f"alaas/{name}"


def within(prefix: str) -> Callable[[str], str]:
    """Names below ``prefix``; the empty name, which says that an input is left out, stays."""
    return lambda name: f"{own(prefix)}/{name}" if name else name


def _size(path: Path, name: str) -> int:
    """Bytes of a model with the weights beside it.

    Raises:
        ModelError: some lie elsewhere, or are missing.
    """
    folder = path.parent.resolve()
    total = path.stat().st_size if path.is_file() else 0
    for location in read_onnx_header(path).external:
        target = (folder / location).resolve()
        if not target.is_relative_to(folder) or not target.is_file():
            raise ModelError(f"{name} keeps weights in {location!r}, which is not a file beside {path.name}")
        total += target.stat().st_size
    return total
