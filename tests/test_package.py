"""What ``import alaas`` promises."""

from __future__ import annotations

import subprocess
import sys

import alaas

HEAVY = ("onnxruntime", "onnx", "scipy", "sklearn", "fastapi", "uvicorn", "PIL", "pydantic", "torch", "numpy")


def test_the_import_is_light() -> None:
    program = f"import sys, alaas; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_asking_arrays_loads_neither_an_engine_nor_a_server() -> None:
    program = (
        "import sys, alaas; alaas.query('random', budget=1, count=3); "
        "print(*[n for n in ('onnxruntime', 'scipy', 'sklearn', 'fastapi', 'pydantic') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_public_names_are_these() -> None:
    assert alaas.__all__ == [
        "AlaasError", "AsyncClient", "Batch", "Client", "Defer", "Item", "PoolSelection", "Project",
        "Selection", "Selector", "Server", "Signals", "Skip", "Status", "Strategy", "Stream", "Unsure",
        "query", "select",
    ]  # fmt: skip
    for name in alaas.__all__:
        assert getattr(alaas, name).__name__ == name
