"""docs/streaming.md says what is true: its program, file and commands run as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from alaas.budgets import registry

PAGE = (Path(__file__).parents[1] / "docs" / "streaming.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.slow


def block(language: str) -> str:
    [text] = [text for found, text in BLOCK.findall(PAGE) if found == language]
    return text


def shell(command: str, cwd: Path) -> str:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ALAAS_STORE_URL": f"sqlite:///{cwd / 'alaas.db'}",
    }
    done = subprocess.run(
        ["bash", "-ec", command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_runs(tmp_path: Path) -> None:
    arrived, taken = shell(f"{sys.executable} -c '{block('python')}'", tmp_path).split()
    assert arrived == "2000"
    assert 95 <= int(taken) <= 110


def test_the_file_and_the_commands_run(tmp_path: Path) -> None:
    (tmp_path / "flowers.yaml").write_text(block("yaml"))
    rows = "".join(f"r{n},{n % 7},{n % 5}\n" for n in range(30))
    (tmp_path / "rows.csv").write_text("id,length,width\n" + rows)
    feed = [{"id": f"f{n}", "row": {"length": n / 3, "width": n % 4}} for n in range(60)]
    (tmp_path / "feed.jsonl").write_text("".join(json.dumps(item) + "\n" for item in feed))
    streamed, asked = [line[2:] for line in block("console").splitlines()]
    decisions = [json.loads(line) for line in shell(streamed, tmp_path).splitlines()]
    assert [one["id"] for one in decisions] == [item["id"] for item in feed]
    taken = [one["id"] for one in decisions if one["taken"]]
    shown = shell(asked, tmp_path)
    assert all(f" {name} " in shown for name in taken[:5])
    assert " stream " in shown


def test_the_page_names_every_manager() -> None:
    named = set(re.findall(r"^\| `(\w+)`(?: \(default\))? \|", PAGE, re.MULTILINE))
    assert set(registry.builtin_names()) <= named
