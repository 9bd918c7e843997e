"""The page on learners: its blocks run, and its example passes the suite."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml

from alaas.config import Config
from alaas.learners import Learner, build, registry
from alaas.testing.learners import LearnerSuite

PAGE = (Path(__file__).parents[2] / "docs" / "learners.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def page(monkeypatch):
    module = ModuleType("my_module")
    monkeypatch.setitem(sys.modules, "my_module", module)  # dataclasses look their module up
    for block in BLOCKS:
        exec(compile(block, "docs/learners.md", "exec", dont_inherit=True), vars(module))
    return module


def test_python_blocks_run(page):
    assert len(BLOCKS) == 5
    assert page.unseen.shape == (60, 3)
    assert np.mean(page.probs.argmax(axis=1) == page.kinds[60:]) > 0.7
    assert issubclass(page.TestNearestMean, LearnerSuite)


class TestTheExample(LearnerSuite):
    @pytest.fixture(autouse=True)
    def _from_the_page(self, page):
        self.example = page.TestNearestMean()

    def make(self) -> Learner:
        return self.example.make()


def test_yaml_blocks_are_settings(page):
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    for block in blocks:
        chosen = Config.model_validate(yaml.safe_load(block)).learner
        assert build(chosen.name, chosen.parameters)


def test_every_learner_is_on_the_page():
    assert all(f"`{name}`" in PAGE for name in registry.builtin_names())
