"""The Ray runtime on a cluster of this machine: the promises of every runtime, and the same choices."""

from __future__ import annotations

import os
import socket
import time

import pytest

from alaas.config import PipelineSettings, RayGroupSettings, RaySettings
from alaas.errors import ClusterError, ConfigError, UsageError
from alaas.pipeline import Record, Stage
from alaas.runtimes import Runtime, registry
from alaas.runtimes.ray._connection import _check_reachable
from alaas.testing.runtimes import ConcurrentRuntimeSuite, RuntimeSuite, double, records, stage

pytest.importorskip("ray")
pytestmark = [
    pytest.mark.ray,
    pytest.mark.usefixtures("ray_cluster"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def made(**changes: object) -> Runtime:
    return registry.get("ray")(PipelineSettings(ray=RaySettings(block=64, **changes)))  # type: ignore[arg-type]


class TestOneGroup(ConcurrentRuntimeSuite):
    def make(self) -> Runtime:
        return made()


TWO = [RayGroupSettings(stages=["work"], max_workers=1), RayGroupSettings(max_workers=1)]


class TestTwoGroups(RuntimeSuite):
    def make(self) -> Runtime:
        return made(groups=TWO)


def test_records_go_from_group_to_group() -> None:
    def where(batch: list[Record]) -> None:
        for record in batch:
            record.digest = str(os.getpid()).encode()

    def there(batch: list[Record]) -> None:
        for record in batch:
            record.content = (record.digest or b"") + f" {os.getpid()}".encode()

    out: list[Record] = []
    made(groups=TWO).run(records(500), [stage(where), stage(there, name="next")], out.extend)
    first, second = zip(*((record.content or b"").split() for record in out), strict=True)
    assert sorted(record.row for record in out) == list(range(500))
    assert set(first).isdisjoint(second)


def test_more_actors_are_started_while_blocks_wait() -> None:
    def slow(batch: list[Record]) -> None:
        time.sleep(0.005 * len(batch))
        for record in batch:
            record.content = str(os.getpid()).encode()

    out: list[Record] = []
    made().run(records(2000), [stage(slow, workers=1)], out.extend)
    assert len({record.content for record in out}) == 2


def test_groups_that_do_not_follow_the_line_are_refused() -> None:
    groups = [RayGroupSettings(stages=["next"]), RayGroupSettings(stages=["work"])]
    with pytest.raises(ConfigError, match="do not follow"):
        made(groups=groups).run(records(3), [stage(double), stage(double, name="next")], lambda _: None)


def test_a_cluster_without_room_says_what_was_asked_for() -> None:
    runtime = made(groups=[RayGroupSettings(gpus=4)], patience=1.0)
    with pytest.raises(ClusterError, match=r"wants 1 CPU, 4 GPU; it has 2 CPU"):
        runtime.run(records(3), [stage(double)], lambda _: None)


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "ray://127.0.0.1:{}"])
def test_an_address_where_nothing_answers_is_said_at_once(address: str) -> None:
    import ray

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        _check_reachable(ray, address.format(port))
    began = time.monotonic()
    with pytest.raises(ClusterError, match=rf"nothing answers at the Ray cluster .*{port}.*pipeline\.ray"):
        _check_reachable(ray, address.format(port))
    assert time.monotonic() - began < 15  # Ray by itself goes on for minutes


def test_what_cannot_be_sent_is_said_before_anything_runs() -> None:
    import threading

    lock = threading.Lock()

    def locked(batch: list[Record]) -> None:
        with lock:
            double(batch)

    with pytest.raises(UsageError, match=r"cannot send work to another process: .*lock"):
        made().run(records(3), [stage(locked)], lambda _: None)


def test_threads_are_counted_on_the_cores_that_an_actor_was_given() -> None:
    from alaas.cores import available_cores

    stages = [
        Stage(name="wide", run=double, workers=8, batch=4, linger=0.0, capacity=64, count=available_cores),
        stage(double, name="told", workers=5),
    ]
    stats = made(groups=[RayGroupSettings(cpus=1, max_workers=1)]).run(records(100), stages, lambda _: None)
    assert [counts.workers for counts in stats] == [1, 5]
