"""The page on strategies speaks of every strategy, and its examples work."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from alaas.config import Config
from alaas.strategies import build
from alaas.strategies._catalogue import catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "strategies.md").read_text(encoding="utf-8")


def test_the_zoos_page_is_what_the_strategies_say() -> None:
    page = (Path(__file__).parents[2] / "docs" / "zoo.md").read_text(encoding="utf-8")
    assert page == catalogue(), "run python -m alaas.strategies > docs/zoo.md"


def test_what_the_page_recommends_can_be_built() -> None:
    named = re.findall(r"^\|[^|]*\| (.*) \|$", PAGE.split("## Which one?")[1].split("##")[0], re.MULTILINE)
    written = re.findall(r"^\| `(.+?)` \|", PAGE.split("## Combine them")[1].split("## ")[0], re.MULTILINE)
    expressions = [*re.findall(r"`(.+?)`", " ".join(named)), *written]
    assert len(expressions) >= 14
    for expression in expressions:
        assert build(str(build(expression))) == build(expression)


def test_yaml_blocks_are_settings() -> None:
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        chosen = Config.model_validate(yaml.safe_load(block)).strategy
        assert build(chosen.name, chosen.parameters)


def test_python_blocks_run(monkeypatch: pytest.MonkeyPatch) -> None:
    page = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", page)  # dataclasses look their module up
    world = vars(page)
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        exec(compile(block, "docs/strategies.md", "exec", dont_inherit=True), world)
    tests = [value for name, value in world.items() if name.startswith("test_") and callable(value)]
    assert len(tests) == 2
    for test in tests:
        test()
