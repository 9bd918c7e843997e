"""Which steps of a graph stay in floating point when the rest becomes int8."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

_FIRST = 3
"""Convolutions at the beginning that stay as they are, out of many: what they lose, all others work with."""

_ENDS: Final = frozenset({"Flatten", "Reshape", "Squeeze", "Softmax", "Gemm", "MatMul", "Add"})
"""The last steps before an output stay as they are: they cost little, and by the output items are chosen."""


def kept_exact(path: Path) -> list[str]:
    """The names of the nodes that stay as they are; a node without a name is given one in the file."""
    import onnx

    model = onnx.load(str(path))
    for place, node in enumerate(model.graph.node):
        node.name = node.name or f"unnamed/{place}"
    onnx.save(model, str(path))
    convolutions = [node.name for node in model.graph.node if node.op_type == "Conv"]
    return convolutions[: min(_FIRST, len(convolutions) // 8)] + _ends(model.graph)


def _ends(graph: Any) -> list[str]:
    """The names of the nodes from each output back to the first that is worth int8."""
    maker = {output: node for node in graph.node for output in node.output}
    found: dict[str, None] = {}
    waiting = [output.name for output in graph.output]
    while waiting:
        node: Any = maker.get(waiting.pop())
        if node is not None and node.name not in found:
            found[node.name] = None
            if node.op_type in _ENDS and len(found) < len(graph.node) // 2:
                waiting.extend(node.input)
    return list(found)
