"""docs/projects.md says what is true: its file, commands, program and requests run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alaas import Server
from alaas.config import Config
from rows import rows

PAGE = (Path(__file__).parents[1] / "docs" / "projects.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8081"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LABELLER = """
import json, sys
print("item,label")
for item in json.load(open(sys.argv[1]))["items"]:
    print(item["id"], ("ash", "beech", "cedar")[int(item["id"][1:]) % 3], sep=",")
"""

pytestmark = pytest.mark.slow


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGE) if found == language]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the page's commands are typed."""
    (tmp_path / "trees.yaml").write_text(blocks("yaml")[0])
    lines = [f"{row['id']},{row['row']['height']},{row['row']['girth']}\n" for row in rows()]
    (tmp_path / "trees.csv").write_text("id,height,girth\n" + "".join(lines))
    (tmp_path / "label.py").write_text(LABELLER)
    return tmp_path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings = {"server": {"port": 0}, "store": "memory:", "cache": {"directory": str(tmp_path / "features")}}
    with Server(Config.model_validate(settings)) as running:
        yield running


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ALAAS_STORE_URL": f"sqlite:///{cwd / 'alaas.db'}",
    }
    return subprocess.run(
        ["bash", "-ec", command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_commands_run_one_after_another(folder):
    commands = [line[2:] for line in blocks("console")[0].splitlines() if line.startswith("$ ")]
    assert len(commands) == 9
    for command in commands:
        done = shell(command, folder)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    told = (folder / "labelled.csv").read_text()
    assert told.count(",labelled,") == 6


def test_the_program_runs(server, tmp_path):
    [program] = blocks("python")
    done = shell(f"{sys.executable} -c '{program.replace(ADDRESS, server.url)}'", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("7 []\n")


def test_every_request_is_answered_well(server, tmp_path):
    requests = [line.replace(ADDRESS, server.url) for line in blocks("console")[1].splitlines()]
    assert len(requests) > 20
    batch = "none"
    for request in requests:
        if " -N " in request:
            continue  # a stream that goes on
        command = request.replace("BATCH", batch).replace("curl ", "curl -s -f ", 1)
        done = shell(command, tmp_path)
        assert done.returncode == 0, f"{command}: {shell(command.replace(' -f ', ' '), tmp_path).stdout}"
        if request.endswith('"k": 3, "annotator": "ada"}\''):
            batch = re.findall(r'"id":"(\w+)"', done.stdout)[0]
            follow(server, batch, tmp_path)
        elif "/rounds'" in request and "POST" in request:
            follow(server, re.findall(r'"id":"(\w+)"', done.stdout)[0], tmp_path)


def follow(server: Server, job: str, cwd: Path) -> None:
    """Wait until a job has ended."""
    assert shell(f"curl -s -f -N {server.url}/v1/jobs/{job}/events", cwd).returncode == 0


def test_the_page_names_every_verb_of_the_client():
    from alaas.client import RemoteProject

    verbs = [name for name in vars(RemoteProject) if not name.startswith("_") and name != "name"]
    assert [verb for verb in verbs if f"{verb}(" not in PAGE] == []
