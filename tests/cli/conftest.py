"""The command in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alaas.cli import main
from alaas.testing.models import write_image_model


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """What was said on stderr, which must be one line."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("alaas: ")
        return self.err.removeprefix("alaas: ").strip()


Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``alaas`` in this process, in the test's folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ended(code=int(left.value.code or 0), out=said.out, err=said.err)

    return command


@pytest.fixture
def shell(tmp_path: Path) -> Run:
    """Run ``alaas`` as people do, in a process of its own, in the test's folder."""

    def command(*arguments: object, environ: dict[str, str] | None = None) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "alaas", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **(environ or {})},
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr or (environ or {}).get("ALAAS_DEBUG")
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    return command


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Eight small pictures in ``photos``, all different."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(8):
        Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def model(tmp_path: Path) -> list[str]:
    """Options that name a tiny model made on the spot."""
    path = write_image_model(tmp_path / "tiny.onnx")
    return ["--model", str(path), "--set", "model.preprocess.size=8"]
