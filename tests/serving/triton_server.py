"""A real Triton with the model of the contract suite, for an environment that has nvidia-pytriton.

Run as ``python triton_server.py HTTP_PORT GRPC_PORT METRICS_PORT``; ends when its input does.
"""

import sys

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

WEIGHT = np.arange(9, dtype=np.float32).reshape(3, 3) / 7 - 1


@batch
def small(images):
    features = images.mean(axis=(2, 3), dtype=np.float32)
    return {"features": features, "logits": features @ WEIGHT}


@batch
def reverse(words):
    turned = [[bytes(word).decode()[::-1].encode()] for word in words[:, 0]]
    return {"back": np.array(turned, dtype=object)}


def main() -> None:
    http, grpc, metrics = (int(port) for port in sys.argv[1:4])
    three = (3,)
    config = TritonConfig(http_port=http, grpc_port=grpc, metrics_port=metrics, log_verbose=0)
    with Triton(config=config) as triton:
        triton.bind(
            model_name="small",
            infer_func=small,
            inputs=[Tensor(name="images", dtype=np.float32, shape=(3, 8, 8))],
            outputs=[Tensor(name=name, dtype=np.float32, shape=three) for name in ("features", "logits")],
            config=ModelConfig(max_batch_size=4),
        )
        triton.bind(
            model_name="reverse",
            infer_func=reverse,
            inputs=[Tensor(name="words", dtype=bytes, shape=(1,))],
            outputs=[Tensor(name="back", dtype=bytes, shape=(1,))],
            config=ModelConfig(max_batch_size=4),
        )
        triton.run()
        sys.stdin.read()


main()
