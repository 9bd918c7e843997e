"""The page on learners: its blocks run, and its example passes the suite."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml

from alaas.config import Config
from alaas.learners import build, registry

PAGE = (Path(__file__).parents[2] / "docs" / "learners.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def world(monkeypatch):
    page = ModuleType("my_module")
    monkeypatch.setitem(sys.modules, "my_module", page)  # dataclasses look their module up
    for block in BLOCKS:
        exec(compile(block, "docs/learners.md", "exec", dont_inherit=True), vars(page))
    return vars(page)


def test_python_blocks_run(world, capsys):
    assert len(BLOCKS) == 5
    assert world["unseen"].shape == (60, 3)
    assert np.mean(world["probs"].argmax(axis=1) == world["kinds"][60:]) > 0.7


def test_yaml_blocks_are_settings(world):
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    for block in blocks:
        chosen = Config.model_validate(yaml.safe_load(block)).learner
        assert build(chosen.name, chosen.parameters)


def test_the_example_passes_the_suite(tmp_path):
    (tmp_path / "test_page.py").write_text("\n".join(BLOCKS), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 25


def test_every_learner_is_on_the_page():
    assert all(f"`{name}`" in PAGE for name in registry.builtin_names())
