"""From a model to its int8 version: weights of one byte, and ranges of activations from real items."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from alaas.encoders._base import Encoder
from alaas.encoders._model_file import ModelFile, quantized_note
from alaas.encoders._onnx import OnnxEncoder
from alaas.encoders._packages import file_sha256
from alaas.encoders._quantize_graph import kept_exact
from alaas.engines import Batch, quantized_path, read_onnx_header
from alaas.errors import ConfigError, ModelError
from alaas.processor import processor

Method = Literal["static", "dynamic"]

_STATIC: Final = ("Conv", "ConvTranspose", "MatMul", "Gemm", "Add", "Clip", "Relu", "MaxPool", "Concat")
"""What computes in int8. A softmax does not: its 256 steps would not sum to 1."""

_DYNAMIC: Final = ("MatMul", "Gemm")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantized:
    """An int8 file that was made.

    ``items`` were looked at for the ranges, none for a dynamic one; ``before`` and ``after`` are bytes.
    """

    path: Path
    method: Method
    items: int
    before: int
    after: int


def quantization_method(encoder: Encoder) -> Method:
    """How a model is quantised: of texts, whose activations have no fixed range, while it runs."""
    return "dynamic" if encoder.modality.name == "text" else "static"


def quantize(
    encoder: Encoder, batches: Iterable[Batch], *, on_batch: Callable[[int], None] = lambda _items: None
) -> Quantized:
    """Write the int8 version of the encoder's model beside it, in the place of an earlier one.

    Args:
        encoder: a model that is an ONNX file.
        batches: the model's inputs for real items, as the encoder's modality makes them; not read for texts.
        on_batch: called with the items of each batch that has been looked at.

    Raises:
        ConfigError: the encoder has no ONNX file.
        ModelError: the model cannot be had or quantised, is in int8 already, or there is no item.
    """
    if not isinstance(encoder, OnnxEncoder):
        raise ConfigError(f"{encoder.name} is not an ONNX file; only such a model has an int8 version")
    original, method = encoder.original(), quantization_method(encoder)
    if read_onnx_header(original.path).precision == "int8":
        raise ModelError(f"{encoder.name} is in int8 already")
    target = quantized_path(original.path)
    reader = _Reader(batches, on_batch)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".quantizing-") as name, _quiet():
            made = _made(original.path, Path(name), method, reader)
            if read_onnx_header(made).precision != "int8":
                raise ModelError(f"{encoder.name} has no operators that int8 would make faster")
            _publish(made, target, original, method=method, items=reader.items)
    except OSError as error:
        raise ModelError(f"cannot write {target}: {error.strerror or error}") from error
    return Quantized(
        path=target,
        method=method,
        items=reader.items,
        before=original.path.stat().st_size,
        after=target.stat().st_size,
    )


def _made(path: Path, folder: Path, method: Method, reader: _Reader) -> Path:
    from onnxruntime.quantization import (
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_dynamic,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    tidy, made = folder / "tidy.onnx", folder / "made.onnx"
    try:
        quant_pre_process(path, tidy, skip_symbolic_shape=True)
        exact = kept_exact(tidy)
        if method == "dynamic":
            quantize_dynamic(
                tidy,
                made,
                op_types_to_quantize=list(_DYNAMIC),
                per_channel=True,
                reduce_range=_narrow(),
                weight_type=QuantType.QInt8,
            )
            return made
        quantize_static(
            tidy,
            made,
            reader,
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(_STATIC),
            nodes_to_exclude=exact,
            per_channel=True,
            reduce_range=_narrow(),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
    except OSError:
        raise
    except Exception as error:
        if reader.items == 0 and method == "static":
            raise ModelError("no item could be looked at, so that the ranges are not known") from error
        raise ModelError(f"cannot quantise {path}: {str(error).strip()[:300]}") from error
    return made


def _narrow() -> bool:
    """Whether weights get 7 bits: without VNNI, sums of pairs of products would saturate at 16 bits."""
    units = processor().units
    return "AVX2" in units and "VNNI" not in units


def _publish(made: Path, target: Path, original: ModelFile, *, method: Method, items: int) -> None:
    note = quantized_note(target)
    told = {"source": original.sha256, "sha256": file_sha256(made), "method": method, "items": items}
    written = made.with_suffix(".json")
    written.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for file in (made, written):
        with file.open("rb") as content:
            os.fsync(content.fileno())
    note.unlink(missing_ok=True)  # so that no reader meets the new file with the old note
    made.replace(target)
    written.replace(note)


class _Reader:
    """Hands the batches to the library, which calls ``get_next`` until there is none."""

    def __init__(self, batches: Iterable[Batch], on_batch: Callable[[int], None]) -> None:
        self.items = 0
        self._batches = iter(batches)
        self._on_batch = on_batch

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self._batches, None)
        if batch is None:
            return None
        count = len(next(iter(batch.values())))
        self.items += count
        self._on_batch(count)
        return dict(batch)


@contextmanager
def _quiet() -> Iterator[None]:
    """The library gives its advice to the root logger, which is the caller's."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)
