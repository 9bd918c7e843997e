"""The page on strategies speaks of every strategy, and its examples work."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from alaas.strategies import describe, registry

PAGE = (Path(__file__).parents[2] / "docs" / "strategies.md").read_text(encoding="utf-8")


def paragraph(name: str) -> str:
    found = re.search(rf"^### {name}\n(.+?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("name", registry.names())
def test_every_strategy_has_its_paragraph(name: str) -> None:
    info, text = describe(name), paragraph(name)
    assert text, f"docs/strategies.md lacks '### {name}'"
    for word in ("**Needs**", "**Cost**", "**Score**"):
        assert word in text
    for used in (*info.needs, *info.accepts, *(parameter.name for parameter in info.parameters)):
        assert f"`{used}`" in text
    if info.reference:
        assert re.findall(r"https://[^\s;,]+", info.reference)[-1] in text


@pytest.mark.parametrize("name", registry.names())
def test_every_strategy_is_in_the_table(name: str) -> None:
    table = PAGE.split("## Which one?")[1].split("##")[0]
    assert f"| `{name}` |" in table


def test_no_paragraph_without_a_strategy() -> None:
    assert set(re.findall(r"^### (\S+)$", PAGE, re.MULTILINE)) == set(registry.names())


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
