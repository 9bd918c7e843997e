"""The store in memory beside a naive one, driven at random; and the machine notices a store that errs."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from naive_store import Naive

from alaas.stores.memory import Memory
from alaas.testing.store_machine import StoreMachine


class MemoryMachine(StoreMachine):
    def make(self, clock):
        return Memory(clock=clock)

    def reference(self, clock):
        return Naive(clock)


TestMemoryMachine = MemoryMachine.TestCase
TestMemoryMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


class Forgetful(Memory):
    """Keeps an answer and loses the next."""

    def tell(self, project, answers, *, rule):
        receipts = super().tell(project, answers, rule=rule)
        if len(answers) > 1:
            for record in self._projects.values():
                record.answers[:] = record.answers[:-1]
        return receipts


class Generous(Memory):
    """Knows no budget."""

    def hand_out(self, project, batch, *, rule, budget):
        return super().hand_out(project, batch, rule=rule, budget=None)


class Timeless(Memory):
    """Lets no lease end."""

    def hand_out(self, project, batch, *, rule, budget):
        made = super().hand_out(project, batch, rule=rule, budget=budget)
        for record in self._projects.values():
            record.batches[batch.id].until += 1e9
        return made


@pytest.mark.parametrize("wrong", [Forgetful, Generous, Timeless])
def test_the_machine_notices(wrong):
    class Machine(StoreMachine):
        def make(self, clock):
            return wrong(clock=clock)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=100,
                stateful_step_count=20,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                derandomize=True,
                print_blob=False,
            ),
        )
