"""What the figures were measured on: the machine, the system and the versions."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from alaas.cores import available_cores
from benchmarks._worker import ROOT

_PACKAGES = ("alaas", "numpy", "onnxruntime", "pillow", "scikit-learn", "httpx2", "uvicorn")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The machine, as far as a reader needs it to compare."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    packages: dict[str, str]
    commit: str


def describe_machine(packages: Sequence[str] = ()) -> Machine:
    """Look around; ``packages`` are named with their versions as well."""
    return Machine(
        processor=f"{_processor()}{_vector_units()}",
        cores=available_cores(),
        memory_gb=round(_memory() / 1e9, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: _version(name) for name in (*_PACKAGES, *packages)},
        commit=_commit(),
    )


def _cpuinfo(field: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _vector_units() -> str:
    flags = set(_cpuinfo("flags").split())
    known = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_vnni": "VNNI", "amx_tile": "AMX"}
    units = [name for flag, name in known.items() if flag in flags]
    return f" ({', '.join(units)})" if units else ""


def _memory() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal")), 0)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
