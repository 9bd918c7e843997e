"""Which replica gets which batch."""

import threading

import numpy as np
import pytest

from alaas.engines import LoadedModel
from alaas.engines._replicas import Replicas
from alaas.errors import ModelError


class Slow(LoadedModel):
    """Holds every batch until it is let go."""

    inputs = outputs = ()
    precision = "fp32"

    def __init__(self, number):
        self.number = number
        self.entered = threading.Semaphore(0)
        self.release = threading.Event()

    def run(self, batch):
        self.entered.release()
        assert self.release.wait(10)
        return {"who": np.array([self.number])}


def start(model, found):
    thread = threading.Thread(target=lambda: found.append(int(model.run({})["who"][0])))
    thread.start()
    return thread


def test_a_busy_replica_is_passed_over():
    first, second = Slow(0), Slow(1)
    model, found = Replicas([first, second]), []
    held = start(model, found)
    assert first.entered.acquire(timeout=10)
    second.release.set()
    for _ in range(3):
        start(model, found).join(10)
    assert found == [1, 1, 1]
    first.release.set()
    held.join(10)
    assert found == [1, 1, 1, 0]
    assert model.served == (1, 3)


def test_replicas_that_are_alike_take_turns():
    replicas = [Slow(number) for number in range(3)]
    for replica in replicas:
        replica.release.set()
    model = Replicas(replicas)
    assert [int(model.run({})["who"][0]) for _ in range(6)] == [0, 1, 2, 0, 1, 2]


def test_a_replica_that_failed_is_not_thought_busy():
    class Broken(Slow):
        def run(self, batch):
            raise ModelError("it failed")

    good = Slow(1)
    good.release.set()
    model = Replicas([Broken(0), good])
    for _ in range(4):
        with pytest.raises(ModelError):
            model.run({})
        assert int(model.run({})["who"][0]) == 1
