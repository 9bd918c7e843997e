"""A stream whose process is killed: no acknowledged decision is lost, nothing is spent twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alaas.stores import open_store

pytestmark = pytest.mark.slow

SETTINGS = """
name: trees
modality: table
source: trees.csv
task: {classes: [ash, beech]}
stream: {budget: 0.3, burst: 3, strategy: margin}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trees.yaml").write_text(SETTINGS)
    rows = "".join(f"t{n},{n % 7},{n % 5}\n" for n in range(30))
    (tmp_path / "trees.csv").write_text("id,height,girth\n" + rows)
    feed = [{"id": f"f{n}", "row": {"height": n / 3, "girth": n % 4}} for n in range(80)]
    (tmp_path / "feed.jsonl").write_text("".join(json.dumps(item) + "\n" for item in feed))
    return tmp_path


def stream(folder: Path, crash: str | None = None) -> tuple[int, dict[str, bool]]:
    """Stream the feed; how the process ended, and the decisions that it told."""
    done = subprocess.run(
        [sys.executable, "-m", "alaas", "stream", "trees.yaml", "feed.jsonl", "--lot", "7"],
        cwd=folder,
        env={
            **os.environ,
            "ALAAS_STORE_URL": f"sqlite:///{folder / 'alaas.db'}",
            **({} if crash is None else {"ALAAS_CRASH": crash}),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {one["id"]: one["taken"] for one in told}


def test_a_killed_stream_goes_on_where_it_was(folder: Path) -> None:
    told: dict[str, bool] = {}
    for crash in ("advance-stream.after-commit:3", "advance-stream.before-commit:2"):
        code, decisions = stream(folder, crash)
        assert code == -signal.SIGKILL
        assert decisions
        assert all(decisions[name] == taken for name, taken in told.items() if name in decisions)
        told |= decisions
    code, decisions = stream(folder)
    assert code == 0
    assert len(decisions) == 80
    assert told.items() <= decisions.items()
    with open_store(f"sqlite:///{folder / 'alaas.db'}") as store:
        taken = {row.number for row in store.streams.taken("trees")}
        ids = {row.id for row in store.items("trees") if row.number in taken}
        account = json.loads(store.streams.read("trees").state or "")["gate"]
    assert ids == {name for name, took in decisions.items() if took}
    assert account["arrived"] == 80
    assert account["taken"] == len(ids) <= 0.3 * 80 + 3
