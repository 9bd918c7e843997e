"""From a ``.pt2`` file to a network and what it takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alaas.engines._base import ModelHeader, TensorSpec
from alaas.engines._pt2_archive import HOW_TO_SAVE, check_archive
from alaas.engines._torch_network import Network
from alaas.errors import MissingExtraError, ModelError


def open_program(path: Path) -> Network:
    """Open an exported program. Outputs have the names of the dict that it returns, else those of its graph.

    Raises:
        MissingExtraError: torch is not installed.
        ModelError: the file is missing, broken, or holds more than tensors and known operators.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError(f"the model {path}", "torch") from error
    check_archive(path)
    try:
        program = torch.export.load(path)
        module = program.module()
    except Exception as error:
        raise ModelError(f"torch {torch.__version__} cannot open {path}: {error}; {HOW_TO_SAVE}") from error
    # They compare types with those of the day of the export, and a lower precision has others.
    for node in list(module.graph.nodes):
        if node.target is torch.ops.aten._assert_tensor_metadata.default:
            module.graph.erase_node(node)
    module.recompile()
    header = _header(path, program)
    taken = program.call_spec.in_spec  # a pair: positional and keyword arguments
    first = (taken.child(0) if hasattr(taken, "child") else taken.children_specs[0]).num_leaves
    names = [spec.name for spec in header.outputs]

    def call(network: Any, tensors: dict[str, Any]) -> Mapping[str, Any]:
        given = list(tensors.items())
        found = network(*(tensor for _, tensor in given[:first]), **dict(given[first:]))
        return dict(zip(names, torch.utils._pytree.tree_leaves(found), strict=True))

    return Network(name=path.name, module=module, call=call, inputs=header.inputs, outputs=header.outputs)


def _header(path: Path, program: Any) -> ModelHeader:
    made = {node.name: node.meta.get("val") for node in program.graph.nodes}
    signature, returned = program.graph_signature, program.call_spec.out_spec.context
    inputs, outputs = list(signature.user_inputs), list(signature.user_outputs)
    tensors = [made.get(name) for name in (*inputs, *outputs)]
    if not all(hasattr(tensor, "dtype") for tensor in tensors):
        raise ModelError(f"{path} takes or gives something besides tensors; {HOW_TO_SAVE}")
    keyed = isinstance(returned, list) and len(returned) == len(outputs)
    names = [str(key) for key in returned] if keyed else outputs
    specs = [_spec(name, tensor) for name, tensor in zip((*inputs, *names), tensors, strict=True)]
    return ModelHeader(inputs=tuple(specs[: len(inputs)]), outputs=tuple(specs[len(inputs) :]))


def _spec(name: str, tensor: Any) -> TensorSpec:
    shape = tuple(size if isinstance(size, int) else None for size in tensor.shape)
    return TensorSpec(name=name, dtype=str(tensor.dtype).removeprefix("torch."), shape=shape)
