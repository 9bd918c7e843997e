"""ONNX Runtime, the embedded engine: quick to load, and one model serves many threads."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numpy.typing import NDArray

from alaas.config import EngineSettings
from alaas.engines._base import Availability, Engine, EngineInfo, LoadedModel, TensorSpec
from alaas.engines._onnx_format import read_onnx_header
from alaas.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_LOG_FATAL_ONLY = 4
"""Everything less is raised as an error, which says it once."""


class Onnxruntime(Engine):
    """Runs ONNX files on the processor, in the precision that they are stored in.

    Args:
        threads: threads inside one call. One is right where calls run side by side on every core, which
            costs no waiting between operators.
    """

    name: ClassVar[str] = "onnxruntime"

    def __init__(self, *, threads: int = 1) -> None:
        self.threads = threads

    @classmethod
    def available(cls) -> Availability:
        return Availability(
            version=version("onnxruntime"), devices=("cpu",), precisions=("stored", "int8"), fast=("stored",)
        )

    @classmethod
    def open(cls, settings: EngineSettings, *, threads: int) -> Self:  # noqa: ARG003
        return cls(threads=threads)

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(name=self.name, version=version("onnxruntime"), precision="stored", device="cpu")

    def load(self, path: Path) -> LoadedModel:
        """Load the ONNX file at ``path``.

        Weights in other files are accepted only if they lie in the model's own folder: a model from
        elsewhere could otherwise name any file of this machine.

        Raises:
            ModelError: the file is missing, broken, or keeps weights outside its folder.
        """
        header = read_onnx_header(path)
        for location in header.external:
            _check_beside(path, location)
        return _Session(path, self._session(path), header.precision)

    def _session(self, path: Path) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _LOG_FATAL_ONLY
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        # A spinning thread would take the core on which the next call could run.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(f"ONNX Runtime cannot load the model {path}: {_first_line(error)}") from error


class _Session(LoadedModel):
    def __init__(self, path: Path, session: InferenceSession, precision: str) -> None:
        self.path = path
        self.session = session
        self.precision = precision
        self.inputs = tuple(_spec(value) for value in session.get_inputs())
        self.outputs = tuple(_spec(value) for value in session.get_outputs())
        self._names = [spec.name for spec in self.outputs]

    def run(self, batch: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        try:
            values = self.session.run(self._names, dict(batch))
        except Exception as error:
            got = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in batch.items())
            wanted = ", ".join(f"{spec.name} {spec.dtype} {spec.shape}" for spec in self.inputs)
            raise ModelError(
                f"the model {self.path.name} refuses its input: got {got or 'nothing'}, it takes {wanted} "
                f"({_first_line(error)})"
            ) from error
        return dict(zip(self._names, values, strict=True))


def _check_beside(path: Path, location: str) -> None:
    folder = path.parent.resolve()
    target = (folder / location).resolve()
    if not location or not target.is_relative_to(folder):
        raise ModelError(
            f"the model {path} keeps weights in {location!r}, outside its own folder; put them beside "
            "the model, or save it as one file"
        )
    if not target.is_file():
        raise ModelError(f"the model {path} keeps weights in {location!r}, which is missing beside it")


def _spec(value: Any) -> TensorSpec:
    names = {"float": "float32", "double": "float64"}
    dtype = value.type.removeprefix("tensor(").removesuffix(")")
    return TensorSpec(name=value.name, dtype=names.get(dtype, dtype), shape=tuple(value.shape))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
