"""OpenVINO's Python bindings, made safe for calls from many threads."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from alaas.errors import MissingExtraError

_lock = threading.Lock()
_called = False


def bindings() -> Any:
    """The package ``openvino``, after one call of everything that a model's run calls.

    The bindings fill static tables when they are first used. Two threads that come first together can wait
    for ever: one holds the table and wants the interpreter, the other holds the interpreter and wants the
    table (seen with 2026.4). So one thread goes through them before anybody else may.

    Raises:
        MissingExtraError: it is not installed.
    """
    global _called
    try:
        import openvino
    except ImportError as error:
        raise MissingExtraError("the engine openvino", "openvino") from error
    with _lock:
        if not _called:
            _call(openvino)
            _called = True
    return openvino


def _call(openvino: Any) -> None:
    """Compile and run a model of one addition."""
    shape = openvino.PartialShape([-1, 2])
    given = openvino.opset13.parameter(shape, openvino.Type.f32, name="given")
    sums = openvino.opset13.add(given, openvino.opset13.constant(np.ones((1, 2), np.float32)))
    compiled = openvino.Core().compile_model(openvino.Model([sums], [given], "sum"), "CPU")
    request = compiled.create_infer_request()
    request.infer({0: np.zeros((1, 2), np.float32)}, share_inputs=True, share_outputs=True)
    for tensor in request.output_tensors:
        tensor.data.copy()
