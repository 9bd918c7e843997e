"""What is killed in mid-job: an actor, a machine, the driver; and the item that kills whoever takes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from noting import notes, run

from alaas.config import PipelineSettings, RaySettings
from alaas.pipeline import Record
from alaas.runtimes import registry
from alaas.testing.runtimes import records, stage

pytest.importorskip("ray")
pytestmark = [
    pytest.mark.ray,
    pytest.mark.slow,
    pytest.mark.usefixtures("ray_cluster"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
HERE = Path(__file__).parent


def eventually(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not come to pass"
        time.sleep(0.02)


def left(folder: Path) -> set[str]:
    file = folder / "left"
    return {f"text {row}" for row in file.read_text().split()} if file.exists() else set()


def check(folder: Path, out: list[Record], count: int) -> None:
    """All are there, once, and right."""
    assert sorted(record.row for record in out) == list(range(count))
    for record in out:
        assert record.failure is None
        text = np.frombuffer(f"text {record.row}".encode(), dtype=np.uint8)
        assert record.features is not None
        np.testing.assert_array_equal(record.features.embeddings, [len(text), text.sum()])


def test_an_actor_that_is_killed_costs_only_what_it_had_in_work(tmp_path: Path) -> None:
    finished: set[str] = set()

    def kill() -> None:
        eventually(lambda: len(left(tmp_path)) > 100)
        finished.update(left(tmp_path))
        os.kill(notes(tmp_path)[-1][0], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    out = run(tmp_path, count=1500, settings=RaySettings(block=32))
    killer.join()
    check(tmp_path, out, 1500)
    times = Counter(text for _, text in notes(tmp_path))
    assert finished
    assert all(times[text] == 1 for text in finished)
    assert sum(times.values()) - 1500 <= 3 * 32  # three blocks were in work at most
    assert len({number for number, _ in notes(tmp_path)}) >= 2


def test_an_item_that_kills_fails_alone() -> None:
    def deadly(batch: list[Record]) -> None:
        for record in batch:
            if record.row == 77:
                os._exit(1)
            record.content = b"done"

    out: list[Record] = []
    runtime = registry.get("ray")(PipelineSettings(ray=RaySettings(block=16)))
    runtime.run(records(200), [stage(deadly)], out.extend)
    assert sorted(record.row for record in out) == list(range(200))
    failed = [record for record in out if record.failure is not None]
    assert [record.row for record in failed] == [77]
    assert "died, several times" in failed[0].failure.reason  # type: ignore[union-attr]


def test_a_driver_that_is_killed_finds_what_was_finished(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
        "OMP_NUM_THREADS": "1",
    }
    environment.pop("RAY_ADDRESS", None)
    driver = subprocess.Popen(
        [sys.executable, str(HERE / "noting.py"), str(tmp_path), "3000"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        eventually(lambda: len(left(tmp_path)) > 100, 90)
    finally:
        driver.kill()
        driver.wait()
    finished = left(tmp_path)
    eventually(lambda: all(not Path(f"/proc/{number}").exists() for number, _ in notes(tmp_path)))
    out = run(tmp_path, count=3000, settings=RaySettings(block=32), seconds=0.0)
    check(tmp_path, out, 3000)
    times = Counter(text for _, text in notes(tmp_path))
    assert all(times[text] == 1 for text in finished)
    assert all(record.cached for record in out if f"text {record.row}" in finished)


@pytest.mark.parametrize("names", ["one", "two"])
def test_a_machine_that_is_killed_costs_only_what_it_had(tmp_path: Path, names: str) -> None:
    script = f"""
import threading, time
from pathlib import Path
from ray.cluster_utils import Cluster
import ray
from noting import groups, run, notes
from test_ray_faults import check, eventually, left

folder = Path({str(tmp_path)!r})
cluster = Cluster(initialize_head=True, head_node_args=dict(
    num_cpus=2, object_store_memory=100_000_000, resources=dict(load=1, model=1)))
second = cluster.add_node(num_cpus=2, object_store_memory=100_000_000, resources=dict(load=1, model=1))
ray.init(address=cluster.address, log_to_driver=False)
here = {{}}

def kill():
    eventually(lambda: len(left(folder)) > 300 and len({{number for number, _ in notes(folder)}}) > 1)
    cluster.remove_node(second, allow_graceful=False)
    print("killed after", len(left(folder)), flush=True)

from alaas.config import RaySettings
killer = threading.Thread(target=kill)
killer.start()
out = run(folder, count=4000, settings=RaySettings(block=32, groups=groups({names!r})), seconds=0.005)
killer.join()
check(folder, out, 4000)
ray.shutdown()
cluster.shutdown()
print("all there")
"""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
        "OMP_NUM_THREADS": "1",
    }
    environment |= {
        "RAY_AUTH_MODE": "disabled",
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_failure_threshold": "3",
    }
    environment.pop("RAY_ADDRESS", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert "all there" in done.stdout, done.stdout + done.stderr[-3000:]
    assert "killed after" in done.stdout


def test_a_cluster_outlives_the_thread_that_started_it() -> None:
    script = """
import threading, time
from alaas.config import PipelineSettings, RaySettings
from alaas.runtimes import registry
from alaas.testing.runtimes import double, records, stage

def run():
    out = []
    ray = RaySettings(address="local", object_store=100_000_000)
    registry.get("ray")(PipelineSettings(ray=ray)).run(records(50), [stage(double)], out.extend)
    print(len(out), flush=True)

if __name__ == "__main__":
    for _ in range(2):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        time.sleep(2)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    environment.pop("RAY_ADDRESS", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=80,
        check=False,
    )
    assert done.stdout.split() == ["50", "50"], done.stderr
    assert done.stderr == ""
