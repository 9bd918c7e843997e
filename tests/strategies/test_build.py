"""Names, parameters and descriptions."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest
import yaml

from alaas.errors import ConfigError, UnknownNameError
from alaas.strategies import Family, ParameterInfo, build, describe, registry
from alaas.strategies.k_means import KMeans

BUILT_IN = {"random", "least_confidence", "margin", "ratio", "entropy", "k_center", "k_means", "badge"}


def test_names() -> None:
    assert set(registry.names()) >= BUILT_IN


@pytest.mark.parametrize("name", ["k_center", "K-Center", " k_CENTER "])
def test_spelling_does_not_matter(name: str) -> None:
    assert build(name).name == "k_center"
    assert describe(name).name == "k_center"


@pytest.mark.parametrize(
    ("name", "meant"), [("k_centre", "k_center"), ("bagde", "badge"), ("entropie", "entropy")]
)
def test_unknown_name_names_the_nearest(name: str, meant: str) -> None:
    for call in (build, describe):
        with pytest.raises(UnknownNameError, match=f"did you mean '{meant}'"):
            call(name)


def test_parameters_from_yaml() -> None:
    settings = yaml.safe_load("{name: k_means, parameters: {iterations: 3}}")
    assert build(settings["name"], settings["parameters"]) == KMeans(iterations=3)


def test_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no parameter 'iteration'; did you mean 'iterations'"):
        build("k_means", {"iteration": 3})
    with pytest.raises(ConfigError, match="'margin' has no parameter 'beta'"):
        build("margin", {"beta": 1})


@pytest.mark.parametrize("name", registry.names())
def test_every_strategy_is_described(name: str) -> None:
    info = describe(name)
    assert info.name == name
    assert info.summary.endswith(".")
    assert len(info.summary) < 120
    assert set(info.needs) == registry.get(name)().needs
    assert all(parameter.summary for parameter in info.parameters)
    assert info.family in get_args(Family)
    assert info.cost.endswith(".")
    assert info.when.endswith(".")
    assert info.reference is None or "https://" in info.reference
    assert info.reference or info.family in ("baseline", "combination")


def test_parameters_are_described() -> None:
    assert describe("k_means").parameters[0] == ParameterInfo(
        name="iterations",
        type="int",
        default=10,
        summary="most iterations of Lloyd's algorithm; it stops earlier when little improves.",
    )
    assert describe("k_center").accepts == ("labelled_embeddings",)


def test_no_strategy_loads_a_heavy_package() -> None:
    code = (
        "import sys; from alaas.strategies import describe, registry\n"
        "for name in registry.names(): describe(name)\n"
        "heavy = {'sklearn', 'scipy', 'onnxruntime', 'fastapi', 'torch', 'pandas'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
