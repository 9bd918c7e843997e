"""From names to learners."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from alaas.config import Config, LearnerSettings
from alaas.errors import ConfigError, UnknownNameError
from alaas.learners import build, describe, registry
from alaas.learners.linear import Linear


@dataclass(frozen=True, kw_only=True)
class Mine(Linear):
    """A learner of my own."""

    name = "mine"
    layers: tuple[int, ...] = (1,)


@pytest.fixture
def my_module(monkeypatch):
    module = ModuleType("my_learners")
    module.Mine, module.number = Mine, 3
    monkeypatch.setitem(sys.modules, "my_learners", module)


def test_the_default_of_the_settings_can_be_built():
    settings = Config().learner
    assert build(settings.name, settings.parameters) == Linear()
    assert build(LearnerSettings().name) == Linear()


def test_parameters_are_given_by_name():
    assert build("linear", {"members": 2, "regularisation": 1}) == Linear(members=2, regularisation=1)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown learner 'liner'; did you mean 'linear'\?"):
        build("liner")


def test_an_unknown_parameter_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match=r"'linear' has no parameter 'member'; did you mean 'members'\?"):
        build("linear", {"member": 2})


def test_a_value_without_a_meaning_is_refused():
    with pytest.raises(ConfigError, match="members must be"):
        build("linear", {"members": "five"})


def test_a_required_parameter_that_is_missing_is_refused():
    with pytest.raises(ConfigError, match="module"):
        build("fine_tune")


def test_a_class_of_ones_own(my_module):
    assert build("my_learners:Mine", {"layers": [2, 3]}) == Mine(layers=(2, 3))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module:Mine", "cannot be imported: No module named 'no_such_module'"),
        ("my_learners:Yours", "Yours"),
        ("my_learners:number", "not a class that extends alaas.learners.Learner"),
        (":Mine", "cannot be imported"),
        ("my_learners:", "cannot be imported"),
    ],
)
def test_what_is_no_learner_is_refused(my_module, name, message):
    with pytest.raises(ConfigError, match=message):
        build(name)


def test_anothers_class_is_refused_before_it_is_imported():
    with pytest.raises(ConfigError, match="only the server's own configuration may name one"):
        build("antigravity:Learner", own=False)
    assert "antigravity" not in sys.modules


def test_anothers_parameter_that_names_code_is_refused():
    with pytest.raises(ConfigError, match="'module' of learner 'fine_tune' names code"):
        build("fine_tune", {"module": "antigravity:fly"}, own=False)
    assert build("fine_tune", {"module": "antigravity:fly"}).name == "fine_tune"


@pytest.mark.parametrize("name", registry.builtin_names())
def test_every_learner_describes_itself(name):
    info = describe(name)
    assert info.name == name
    assert info.summary.endswith(".")
    assert info.parameters
    assert all(parameter.summary and parameter.type for parameter in info.parameters)


def test_a_description_says_what_is_required():
    required = {parameter.name for parameter in describe("fine_tune").parameters if parameter.required}
    assert required == {"module"}
