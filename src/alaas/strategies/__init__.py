"""Query strategies: one file each, found by file name or by the entry point group ``alaas.strategies``."""

from alaas.strategies._base import Family, Strategy, checked_budget
from alaas.strategies._build import build, registry
from alaas.strategies._describe import ParameterInfo, StrategyInfo, describe, parameter_values
from alaas.strategies._query import array_of, query
from alaas.strategies._scores import ScoreStrategy, UncertaintyStrategy
from alaas.strategies._utilities import check_alone, utilities

__all__ = [
    "Family",
    "ParameterInfo",
    "ScoreStrategy",
    "Strategy",
    "StrategyInfo",
    "UncertaintyStrategy",
    "array_of",
    "build",
    "check_alone",
    "checked_budget",
    "describe",
    "parameter_values",
    "query",
    "registry",
    "utilities",
]
