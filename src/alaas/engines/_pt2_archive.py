"""What stands in a ``.pt2`` file, looked at before torch opens it.

Such a file is a zip of JSON and raw tensors, but torch, when it opens one, also unpickles what the file
marks as pickled, evaluates the expressions in it as Python, and resolves names into its own modules. A model
that was saved with ``torch.export.save`` needs none of the dangerous part, so a file with any of it is
refused. This closes the ways in that are known; it is no sandbox: open models of people you trust.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from alaas.errors import ModelError

HOW_TO_SAVE: Final = (
    "save it with torch.export.save(torch.export.export(network.eval(), (example,), "
    "dynamic_shapes=({0: torch.export.Dim.AUTO},)), 'model.pt2')"
)

_OPERATORS: Final = re.compile(
    r"torch\.ops\.(aten|prims|quantized_decomposed|torchvision|higher_order)\.\w+(\.\w+)?"
    r"|_operator\.(add|sub|mul|mod|neg|pos|pow|floordiv|truediv|eq|ne|lt|le|gt|ge|and_|or_|not_|getitem)"
    r"|math\.\w+|torch\._?sym_\w+"
)
_FORBIDDEN_OPERATORS: Final = ("torch.ops.aten.from_file", "torch.ops.aten.save")
"""Operators that touch the disk."""

_FUNCTIONS: Final = frozenset(
    {
        "Symbol", "Integer", "Float", "Rational", "Add", "Mul", "Pow", "Min", "Max", "Mod", "PythonMod",
        "FloorDiv", "CeilDiv", "CleanDiv", "IntTrueDiv", "FloatTrueDiv", "ModularIndexing", "Where", "Abs",
        "ToFloat", "TruncToInt", "CeilToInt", "FloorToInt", "RoundToInt", "PowByNatural", "FloatPow",
        "Identity", "Equality", "Unequality", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "And", "Or", "Not",
        "StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan", "BooleanTrue", "BooleanFalse",
        "int_oo", "oo",
    }
)  # fmt: skip
_ATTRIBUTES: Final = frozenset({"size", "stride", "storage_offset"})
_NAME: Final = re.compile(r"[a-z]{1,3}\d+|L")
_HARMLESS: Final = (
    ast.Expression, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.Constant, ast.keyword,
    ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.Load,
)  # fmt: skip


def check_archive(path: Path) -> None:
    """Refuse a file that is not an exported program of tensors and known operators alone.

    Raises:
        ModelError: the file is missing, broken, of another format, or holds more than that.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _Archive(path, archive).check()
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{path} is not a .pt2 model, or damaged ({error}); {HOW_TO_SAVE}") from error


class _Archive:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self.archive = archive
        # Everything lies in one folder, which is named as the file was when it was saved.
        self.names = {name.partition("/")[2]: name for name in archive.namelist()}

    def check(self) -> None:
        if "data.pkl" in self.names:
            raise ModelError(
                f"{self.path} holds pickled Python objects or TorchScript, which can run any code when it is "
                f"opened, so it is not; {HOW_TO_SAVE}"
            )
        if "archive_format" not in self.names or self.read("archive_format") != b"pt2":
            raise ModelError(f"{self.path} is a zip, but not a .pt2 model; {HOW_TO_SAVE}")
        if any(name.startswith("data/aotinductor") for name in self.names):
            raise self.refusal("compiled code")
        programs = self.documents("models/", ".json")
        if len(programs) != 1:
            raise ModelError(f"{self.path} holds {len(programs)} models, expected one; {HOW_TO_SAVE}")
        for folder in ("data/weights/", "data/constants/"):
            for payloads in self.documents(folder, "_config.json"):
                if any(payload.get("use_pickle") for payload in payloads["config"].values()):
                    raise self.refusal("pickled objects")
        for part in _parts(programs[0]):
            self.check_part(part)
        for guard in programs[0].get("guards_code") or ():
            self.check_expression(guard)
        self.check_examples()

    def check_part(self, part: dict[str, Any]) -> None:
        if "expr_str" in part:
            self.check_expression(part["expr_str"])
        target = part.get("as_operator", part.get("target") if "inputs" in part else None)
        if target is not None and not (
            _OPERATORS.fullmatch(target) and not target.startswith(_FORBIDDEN_OPERATORS)
        ):
            raise self.refusal(f"the operator {target!r}")

    def check_expression(self, source: str) -> None:
        """Sizes and bounds: sums, products and comparisons of numbers and symbols."""
        for node in ast.walk(ast.parse(source, mode="eval")):
            if isinstance(node, ast.Name):
                fine = node.id in _FUNCTIONS or bool(_NAME.fullmatch(node.id))
            elif isinstance(node, ast.Attribute):
                fine = node.attr in _ATTRIBUTES
            elif isinstance(node, ast.Call):
                fine = isinstance(node.func, ast.Name | ast.Attribute)
            else:
                fine = isinstance(node, _HARMLESS)
            if not fine:
                raise self.refusal(f"the expression {source[:80]!r}")

    def check_examples(self) -> None:
        """Torch would fall back to a full unpickling of the example inputs; they are tensors or nothing."""
        import torch

        for name in self.names:
            if name.startswith("data/sample_inputs/") and self.names[name][-1] != "/":
                content = self.read(name)
                try:
                    if content:
                        torch.load(io.BytesIO(content), weights_only=True, map_location="meta")
                except Exception as error:
                    raise self.refusal("example inputs that are not plain tensors") from error

    def documents(self, folder: str, ending: str) -> list[Any]:
        found = (name for name in self.names if name.startswith(folder) and name.endswith(ending))
        return [json.loads(self.read(name)) for name in sorted(found)]

    def read(self, name: str) -> bytes:
        return self.archive.read(self.names[name])

    def refusal(self, what: str) -> ModelError:
        return ModelError(
            f"{self.path} holds {what}, by which opening it could run any code, so it is not opened; "
            "export the network with tensors as its only inputs and without operators of its own"
        )


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON document."""
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _parts(child)
