"""Every block of the README runs, in an empty directory, as a newcomer would type it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^```(\w+)( server)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
PORT = 8081

pytestmark = [pytest.mark.models, pytest.mark.slow]


def blocks(language: str, *, server: bool) -> list[str]:
    return [
        text
        for found, tag, text in BLOCK.findall(README.read_text("utf-8"))
        if found == language and bool(tag) == server
    ]


def commands(*, server: bool) -> list[list[str]]:
    lines = "\n".join(blocks("console", server=server)).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty directory with a few photographs, a few reviews and the files that the README shows."""
    home = tmp_path_factory.mktemp("newcomer")
    (home / "photos").mkdir()
    rng = np.random.default_rng(0)
    for number in range(8):
        pixels = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((320, 240)).save(home / "photos" / f"{number}.jpg")
    for text in blocks("yaml", server=False):
        name = text.partition("\n")[0].removeprefix("# ")
        (home / name).write_text(text, encoding="utf-8")
    (home / "labels.csv").write_text("item,label\n0.jpg,rose\n1.jpg,tulip\n", encoding="utf-8")
    (home / "reviews.txt").write_text("good value\nbroke at once\narrived late\n", encoding="utf-8")
    return home


def environment() -> dict[str, str]:
    """As a newcomer's: the command is found, and no store but the default is named."""
    kept = {name: value for name, value in os.environ.items() if name != "ALAAS_STORE_URL"}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def run(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_python_blocks_run_one_after_another(newcomer: Path) -> None:
    program = "\n".join(blocks("python", server=False))
    done = run(f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}", newcomer)
    assert done.returncode == 0, done.stderr
    assert "8 of 8 from the cache" in done.stdout


def test_the_commands_run(newcomer: Path) -> None:
    lines = commands(server=False)
    assert len(lines) >= 6
    for line in lines:
        done = run(line, newcomer)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout or ">" in line


def test_the_server_blocks_run(newcomer: Path) -> None:
    serve, *others = commands(server=True)
    assert serve.startswith("alaas serve")
    assert run("alaas init image > alaas.yaml", newcomer).returncode == 0
    server = subprocess.Popen(shlex.split(serve), cwd=newcomer, env=environment())
    try:
        wait_for(PORT)
        program = "import alaas\n" + "\n".join(blocks("python", server=True))
        done = run(f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}", newcomer)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
        for line in others:
            answer = run(line, newcomer)
            assert '"id"' in answer.stdout, answer.stdout + answer.stderr
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on port {port}")


def test_every_page_that_the_readme_names_exists() -> None:
    named = re.findall(r"\]\(([^)#]+)\)", README.read_text("utf-8"))
    missing = [page for page in named if "://" not in page and not (README.parent / page).exists()]
    assert missing == []
