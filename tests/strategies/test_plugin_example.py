"""The example plug-in: installed, found by name everywhere, and passing the contract suite."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"

pytestmark = [pytest.mark.slow, pytest.mark.external]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the package is installed, beside what is here."""
    target = tmp_path_factory.mktemp("plugin")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
    subprocess.run([*command, str(EXAMPLE)], check=True, capture_output=True)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PYTHONPATH": str(target), "PATH": path}


def run(command: list[str], environment: dict[str, str], cwd: Path) -> str:
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests_pass(installed: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests")]
    assert "2 passed" in run(command, installed, tmp_path)


def test_it_is_listed_described_and_chosen_by_name(installed: dict[str, str], tmp_path: Path) -> None:
    listed = json.loads(run(["alaas", "strategies", "--json"], installed, tmp_path))
    assert "far_out" in [info["name"] for info in listed]
    assert "parameter power" in run(["alaas", "strategies", "far_out"], installed, tmp_path)
    rows = np.random.default_rng(0).normal(size=(30, 2))
    rows[7] = 50.0
    (tmp_path / "rows.csv").write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows), encoding="utf-8")
    block = re.search(
        r"^```yaml\n(.*?)^```", (EXAMPLE / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert block is not None
    (tmp_path / "alaas.yaml").write_text(f"source: rows.csv\nmodality: table\n{block[1]}", encoding="utf-8")
    found = json.loads(
        run(["alaas", "select", "--config", "alaas.yaml", "--budget", "2", "--json"], installed, tmp_path)
    )
    assert found["selected"][0]["id"] == "row-8"
    assert found["provenance"]["parameters"] == {"power": 2}
    expression = ["--strategy", "far_out(power=2) >> k_center", "--budget", "2", "--json"]
    found = json.loads(
        run(["alaas", "select", "rows.csv", "--modality", "table", *expression], installed, tmp_path)
    )
    assert len(found["selected"]) == 2
