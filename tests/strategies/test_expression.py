"""Strategies as expressions."""

from __future__ import annotations

import pytest

from alaas.errors import ConfigError, UnknownNameError
from alaas.strategies import build, parameter_values
from alaas.strategies.balanced import Balanced
from alaas.strategies.entropy import Entropy
from alaas.strategies.k_center import KCenter
from alaas.strategies.k_means import KMeans
from alaas.strategies.margin import Margin
from alaas.strategies.power import Power
from alaas.strategies.prefilter import Prefilter
from alaas.strategies.product import Product
from alaas.strategies.ratio import Ratio
from alaas.strategies.two_round import TwoRound

SAME = {
    "margin": Margin(),
    "k-center": KCenter(),
    "k_means(iterations=3)": KMeans(iterations=3),
    "power(margin)": Power(),
    "Power(entropy, beta=2.5)": Power(strategy=Entropy(), beta=2.5),
    "margin >> k-center": Margin() >> KCenter(),
    "margin >> k_means(sample=8) >> k_center": (Margin() >> KMeans(sample=8)) >> KCenter(),
    "margin >> (k_means >> k_center)": Margin() >> (KMeans() >> KCenter()),
    "prefilter(margin, k_center, factor=3)": Prefilter(first=Margin(), then=KCenter(), factor=3),
    "margin * k_center": Margin() * KCenter(),
    "margin ** 2": Margin() ** 2,
    "margin * ratio ** 0.5 * k_center ** 2": Margin() * Ratio() ** 0.5 * KCenter() ** 2,
    "(margin * k_center) ** 2": Product(strategies=(Margin(), KCenter()), weights=(2.0, 2.0)),
    "product([margin, ratio], weights=[1, 2])": Product(strategies=(Margin(), Ratio()), weights=(1, 2)),
    "product(margin, ratio, weights=[1, 2])": Product(strategies=(Margin(), Ratio()), weights=(1, 2)),
    "balanced(margin >> k_center, shares=[1, 2])": Balanced(strategy=Margin() >> KCenter(), shares=(1, 2)),
    "two_round(power(ratio, beta=0), shards=2)": TwoRound(strategy=Power(strategy=Ratio(), beta=0), shards=2),
    "cost_aware(margin, limit=none)": build("cost_aware"),
}


@pytest.mark.parametrize("text", SAME)
def test_an_expression_makes_the_strategy_and_the_strategy_the_expression(text: str) -> None:
    strategy = build(text)
    assert strategy == SAME[text]
    assert build(str(strategy)) == strategy


def test_expressions_are_written_as_a_person_would() -> None:
    for text in ("margin >> k_center", "margin * k_center ** 0.5", "power(entropy, beta=2)", "k_means"):
        assert str(build(text)) == text
    assert str(build("power(beta=1.0)")) == "power(margin)"
    assert str(build("two_round(entropy >> k_center)")) == "two_round(entropy >> k_center)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("margin >>", "cannot be read"),
        ("margin + k_center", "operators are >>"),
        ("margin ** k_center", "not a value"),
        ("margin ** True", "not a number"),
        ("3 >> margin", "'3' is not a strategy"),
        ("power(margin, k_center)", "takes 1 strategies, got 2"),
        ("margin(k_center)", "takes no strategies"),
        ("power(**x)", "no meaning"),
        ("power(beta=[1](2))", "not a strategy"),
        ("__import__('os').system('true')", "not a strategy"),
        ("power(beta=lambda: 1)", "is not a value"),
        ("power(" * 60 + "margin" + ")" * 60, "nested"),
        ("power(k_center)", "scores items one by one"),
        ("margin * k_means", "no score of their own"),
        ("k_center * k_center", "once"),
        ("power(margin, gamma=2)", "no parameter 'gamma'"),
        ("prefilter(margin, k_center, factor=0)", "factor must be"),
        ("balanced(margin, shares=[0, 0])", "not all be 0"),
        ("two_round(k_center, shards=0)", "shards must be"),
        ("cost_aware(margin, limit=-1)", "limit must be"),
        ("product([margin], weights=[1, 2])", "1 strategies and 2 weights"),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        build(text)


def test_unknown_names_inside_get_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'margin'"):
        build("power(margn)")


def test_parameters_beside_an_expression_are_refused() -> None:
    with pytest.raises(ConfigError, match="write them into the expression"):
        build("margin >> k_center", {"factor": 2})


def test_yaml_names_inner_strategies_in_three_ways() -> None:
    for inner in ("entropy", {"name": "entropy"}, {"name": "entropy", "parameters": {}}):
        assert build("power", {"strategy": inner, "beta": 2}) == Power(strategy=Entropy(), beta=2)
    with pytest.raises(ConfigError, match="expected a name, an expression"):
        build("power", {"strategy": 3})


def test_parameters_are_recorded_as_json() -> None:
    assert parameter_values(build("margin >> k_means(sample=8)")) == {
        "first": "margin",
        "then": "k_means(sample=8)",
        "factor": 10.0,
    }
