"""A model file with its digest, and the int8 file that was made from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from alaas.encoders._packages import file_sha256
from alaas.errors import ModelError

_AGAIN = "make it again with `alaas models quantize`"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFile:
    """An ONNX file that is there, and its digest."""

    path: Path
    sha256: str


def quantized_file(path: Path, original: ModelFile) -> ModelFile:
    """The int8 file at ``path`` with its digest.

    One that ``alaas models quantize`` made has a note of what it was made from beside it, which must fit; a
    file from elsewhere has none and is taken as it is.

    Raises:
        ModelError: it was made from another model, or is damaged.
    """
    found = ModelFile(path=path, sha256=file_sha256(path))
    note = quantized_note(path)
    if not note.is_file():
        return found
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
        source, own = told["source"], told["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"cannot read {note}, which says what {path.name} was made from; {_AGAIN}"
        ) from error
    if source != original.sha256:
        raise ModelError(f"{path} was made from another model than {original.path} is now; {_AGAIN}")
    if own != found.sha256:
        raise ModelError(f"{path} is damaged: its digest is not the one noted beside it; {_AGAIN}")
    return found


def quantized_note(path: Path) -> Path:
    """``model.int8.onnx`` → ``model.int8.json`` beside it."""
    return path.with_suffix(".json")
