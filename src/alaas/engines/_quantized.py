"""Where the int8 version of a model lies, and what it was made from."""

from __future__ import annotations

from pathlib import Path


def quantized_path(path: Path) -> Path:
    """``model.onnx`` → ``model.int8.onnx`` beside it."""
    return path.with_name(f"{path.stem}.int8.onnx")
