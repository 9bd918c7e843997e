"""What can be said of fine-tuning where torch is not installed."""

import sys

import numpy as np
import pytest

from alaas.errors import ConfigError, MissingExtraError
from alaas.learners import ItemLesson
from alaas.learners.fine_tune import FineTune


def test_without_torch_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    learner = FineTune(module="somewhere:network")
    lesson = ItemLesson(kind="multi-class", classes=("a",), inputs=lambda _: {}, targets=np.array([0]))
    with pytest.raises(MissingExtraError, match=r"alaas\[torch\]"):
        learner.fit_items(lesson, np.random.default_rng(0))
    with pytest.raises(MissingExtraError, match=r"alaas\[torch\]"):
        learner.restore(b"")


def test_the_parameter_that_names_code_is_declared():
    assert FineTune.code == {"module"}
    assert FineTune.wants == "items"


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", 0), ("batch_size", 0), ("learning_rate", 0.0), ("held_out", 1.0), ("weight_decay", -1.0)],
)
def test_parameters_out_of_range_are_refused(name, value):
    with pytest.raises(ConfigError, match=name):
        FineTune(module="somewhere:network", **{name: value})
