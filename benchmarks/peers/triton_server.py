"""The image model behind a real Triton, for an environment that has nvidia-pytriton and onnxruntime.

Run as ``python benchmarks/peers/triton_server.py --model model.onnx --port N``. Prints a line that begins
with ``ready`` once it answers, and ends on SIGTERM. The model has the inputs and outputs of the file; each of
``--instances`` runs it with one thread, as ALaaS does.

Triton's Python backend needs the system's Python, and ``LD_LIBRARY_PATH`` set to that Python's ``LIBDIR``;
where it is not set, this program starts itself again with it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import sysconfig
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    arguments = _arguments()
    libraries = str(sysconfig.get_config_var("LIBDIR"))
    if libraries not in os.environ.get("LD_LIBRARY_PATH", "").split(":"):
        os.environ["LD_LIBRARY_PATH"] = ":".join([libraries, os.environ.get("LD_LIBRARY_PATH", "")]).rstrip(
            ":"
        )
        os.execv(sys.executable, [sys.executable, *sys.argv])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(arguments, stop)


def serve(arguments: argparse.Namespace, stop: threading.Event) -> None:
    """Answer until told to stop."""
    from pytriton.model_config import DynamicBatcher, ModelConfig
    from pytriton.triton import Triton, TritonConfig

    calls = [Call(arguments.model) for _ in range(arguments.instances)]
    inputs, outputs = calls[0].tensors
    config = TritonConfig(
        http_port=arguments.port,
        http_address="127.0.0.1",
        allow_grpc=bool(arguments.grpc_port),
        grpc_port=arguments.grpc_port or None,
        grpc_address="127.0.0.1" if arguments.grpc_port else None,
        allow_metrics=False,
        log_verbose=0,
    )
    with Triton(config=config) as triton:
        triton.bind(
            model_name=arguments.name,
            infer_func=[call.run for call in calls],
            inputs=inputs,
            outputs=outputs,
            config=ModelConfig(
                max_batch_size=arguments.batch, batcher=DynamicBatcher(max_queue_delay_microseconds=0)
            ),
        )
        triton.run()
        print(f"ready http://127.0.0.1:{arguments.port}", flush=True)
        stop.wait()


class Call:
    """One session of the model, and what Triton is told of it."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._names = [value.name for value in self._session.get_outputs()]

    @property
    def tensors(self) -> tuple[list[Any], list[Any]]:
        """Inputs and outputs without the batch."""
        return (
            [_tensor(value) for value in self._session.get_inputs()],
            [_tensor(value) for value in self._session.get_outputs()],
        )

    @property
    def run(self) -> Callable[..., Any]:
        """What Triton calls with a batch."""
        from pytriton.decorators import batch

        @batch
        def infer(**arrays: Any) -> list[Any]:
            return list(self._session.run(self._names, arrays))

        return infer


def _tensor(value: Any) -> Any:
    import numpy as np
    from pytriton.model_config import Tensor

    kind = value.type.removeprefix("tensor(").removesuffix(")")
    dtype = {"float": "float32", "double": "float64"}.get(kind, kind)
    shape = tuple(size if isinstance(size, int) else -1 for size in value.shape[1:])
    return Tensor(name=value.name, dtype=np.dtype(dtype).type, shape=shape)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="an ONNX file")
    parser.add_argument("--name", default="efficientnet-lite0", help="what clients call the model")
    parser.add_argument("--port", type=int, required=True, help="of HTTP")
    parser.add_argument("--grpc-port", type=int, default=0, help="of gRPC; 0: none")
    parser.add_argument(
        "--instances", type=int, default=len(os.sched_getaffinity(0)), help="at the same time"
    )
    parser.add_argument("--batch", type=int, default=16, help="items that Triton puts together at most")
    return parser.parse_args()


if __name__ == "__main__":
    main()
