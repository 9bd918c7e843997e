"""Engines made up for tests: fast or slow, broken or whole, in what precision one likes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from alaas.engines import Availability, Engine, EngineInfo, LoadedModel, read_onnx_header
from alaas.errors import UnknownNameError


class FakeModel(LoadedModel):
    def __init__(self, header, *, seconds, precision, outputs):
        self.inputs, self.outputs = header.inputs, header.outputs
        self.precision = precision
        self.seconds, self.make = seconds, outputs

    def run(self, batch):
        time.sleep(self.seconds)
        return self.make(batch)


def honest(batch):
    weight = np.arange(9, dtype=np.float32).reshape(3, 3) / 7 - 1
    features = batch["images"].mean(axis=(2, 3))
    return {"features": features, "logits": features @ weight}


def fake_engine(
    label: str,
    *,
    seconds: float = 0.002,
    precisions: tuple[str, ...] = ("stored",),
    quick: dict[str, float] | None = None,
    computes: str | None = None,
    outputs: Callable = honest,
    fails: Exception | None = None,
    missing: str | None = None,
    onnx: bool = True,
    release: str = "1",
) -> type[Engine]:
    """An engine class; ``quick`` says how long a call takes at other precisions."""

    class Fake(Engine):
        name = label
        runs_onnx = onnx
        loads = 0

        def __init__(self, precision, threads):
            self.precision, self.threads = precision, threads

        @classmethod
        def available(cls):
            return Availability(version=release, devices=("cpu",), precisions=precisions, missing=missing)

        @classmethod
        def open(cls, settings, *, threads):
            return cls(settings.precision, threads)

        @property
        def info(self):
            return EngineInfo(name=label, version=release, precision=self.precision, device="cpu")

        def load(self, path):
            type(self).loads += 1
            if fails is not None:
                raise fails
            header = read_onnx_header(path)
            said = header.precision if self.precision == "stored" else self.precision
            return FakeModel(
                header,
                seconds=(quick or {}).get(self.precision, seconds),
                precision=computes or said,
                outputs=outputs,
            )

    return Fake


@dataclass
class FakeRegistry:
    """Stands for the registry of engines."""

    kinds: dict[str, type[Engine]] = field(default_factory=dict)

    def names(self):
        return sorted(self.kinds)

    def get(self, name):
        if name not in self.kinds:
            raise UnknownNameError("engine", name, self.names())
        return self.kinds[name]
