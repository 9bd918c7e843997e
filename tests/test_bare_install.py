"""The wheel as a stranger gets it: in an environment of its own, with no extra and none of our tools."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

AWAY = ("alaas.testing.", "alaas.server.rpc", "alaas.v1.alaas_pb2_grpc")
"""Modules that are nothing without an extra."""

pytestmark = [pytest.mark.slow, pytest.mark.external, pytest.mark.timeout(400)]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("alaas-*.whl"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a program of an environment that has the wheel and what it cannot do without."""
    home = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
    programs = home / "venv" / "bin"
    constraints = ROOT / "constraints.txt"
    command = [programs / "python", "-m", "pip", "install", "--quiet", "--constraint", constraints, wheel]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    (home / "reviews.txt").write_text("good value\nbroke at once\narrived late\n", encoding="utf-8")

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(programs / program), *arguments], cwd=home, capture_output=True, text=True, check=False
        )

    return run


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"alaas"}
    sources = {f"alaas/{path.relative_to(ROOT / 'src/alaas')}" for path in (ROOT / "src").rglob("*.py")}
    assert sources <= set(names)
    assert {
        "alaas/py.typed",
        *(f"alaas/v1/alaas{end}" for end in (".proto", "_pb2.py", "_pb2.pyi", "_pb2_grpc.py")),
        *(f"alaas/templates/{kind}.yaml" for kind in ("image", "text", "table")),
    } <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_every_module_imports_without_an_extra(bare: Run) -> None:
    program = f"""
import importlib, importlib.util, pkgutil, alaas
for extra in ("pyarrow", "grpc", "s3fs", "gcsfs", "mlxtend", "torch", "pytest"):
    assert importlib.util.find_spec(extra) is None, extra
for module in pkgutil.walk_packages(alaas.__path__, "alaas."):
    if "__main__" not in module.name and not module.name.startswith({AWAY!r}):
        importlib.import_module(module.name)
print(alaas.query("random", budget=2, count=2).shape)
"""
    done = bare("python", "-c", program)
    assert done.stdout == "(2,)\n", done.stderr


def test_the_command_chooses(bare: Run) -> None:
    assert "select" in bare("alaas", "--help").stdout
    done = bare("alaas", "select", "reviews.txt", "--budget", "2", "--strategy", "random", "--json")
    assert done.returncode == 0, done.stderr
    assert '"selected"' in done.stdout


def test_what_needs_an_extra_names_it(bare: Run) -> None:
    done = bare("alaas", "select", "s3://bucket/pool/", "--budget", "2")
    assert done.returncode != 0
    assert done.stderr.rstrip().endswith('run pip install "alaas[s3]"')
