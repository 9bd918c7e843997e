"""An ONNX Runtime that says it has a GPU, and computes on the processor."""

from types import SimpleNamespace

import onnxruntime

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"


class FakeRuntime(SimpleNamespace):
    """Stands in for the module: ``asked`` are the providers of each session in the order of their making.

    ``broken`` are providers that it has but cannot start, which the library answers with a quiet fall-back.
    """

    def __init__(self, *providers, broken=()):
        super().__init__(asked=[], sessions=[], broken=set(broken), providers=[*providers, CPU])
        self.SessionOptions = onnxruntime.SessionOptions
        self.GraphOptimizationLevel = onnxruntime.GraphOptimizationLevel

    def get_available_providers(self):
        return self.providers

    def InferenceSession(self, path, options, providers):
        asked = [entry if isinstance(entry, tuple) else (entry, {}) for entry in providers]
        self.asked.append(asked)
        session = FakeSession(path, options, [name for name, _ in asked if name not in self.broken])
        self.sessions.append(session)
        return session


class FakeSession:
    def __init__(self, path, options, started):
        self._real = onnxruntime.InferenceSession(path, options, providers=[CPU])
        self._started = started
        self.calls = 0
        self.fails = False

    def get_providers(self):
        return self._started

    def get_inputs(self):
        return self._real.get_inputs()

    def get_outputs(self):
        return self._real.get_outputs()

    def run(self, names, feed):
        self.calls += 1
        if self.fails:
            raise RuntimeError("CUDA failure 700: an illegal memory access was encountered")
        return self._real.run(names, feed)
