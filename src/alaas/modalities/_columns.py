"""What a table's columns are like: learnt in one pass, in memory that does not grow with the rows."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.errors import DecodeError
from alaas.types import Cell

MOST_CATEGORIES: Final = 64
"""Categories of a column with a place of their own, the most frequent; all others share one."""
_COUNTED: Final = 4096
"""Different categories counted at a time (see ``Observed``)."""
_LONGEST: Final = 64
"""Characters of a category; a longer one is known by its start and a digest."""
_MISSING: Final = frozenset({"", "na", "n/a", "nan", "null"})
_MOSTLY: Final = 0.9
"""A column is of numbers if at least this share of its cells are; a word among them counts as missing."""
_LARGEST: Final = 1e150
"""Beyond it the square of a number is infinite."""
_FARTHEST: Final = 1e6
"""Standard deviations; in a pool of n rows none can be further than √n from the mean."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberColumn:
    """Standardised, missing ones at the mean; with ``gaps`` a second place says that it is missing."""

    name: str
    mean: float
    std: float
    gaps: bool

    @property
    def width(self) -> int:
        """Places it takes in the vector."""
        return 1 + self.gaps

    def write(self, cell: Cell, out: NDArray[np.float64]) -> None:
        """Fill its places, which are zero beforehand."""
        number = as_number(cell)
        if number is not None:
            out[0] = min(_FARTHEST, max(-_FARTHEST, (number - self.mean) / self.std))
        elif self.gaps:
            out[1] = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryColumn:
    """One place for each of ``values``, one for all others, one for missing if there are ``gaps``."""

    name: str
    values: Mapping[str, int]
    gaps: bool

    @property
    def width(self) -> int:
        """Places it takes in the vector."""
        return len(self.values) + 1 + self.gaps

    def write(self, cell: Cell, out: NDArray[np.float64]) -> None:
        """Fill its places, which are zero beforehand."""
        if not is_missing(cell):
            out[self.values.get(as_category(cell), len(self.values))] = 1.0
        elif self.gaps:
            out[len(self.values) + 1] = 1.0


Column: TypeAlias = NumberColumn | CategoryColumn


@dataclass(slots=True)
class Observed:
    """Running counts of one column.

    Mean and variance as in Welford, 1962, https://doi.org/10.1080/00401706.1962.10490022. Categories as in
    Misra and Gries, 1982, https://doi.org/10.1016/0167-6423(82)90012-0: when too many are counted, all counts
    go down together, so that every category of more than two cells in ``_COUNTED`` stays.
    """

    present: int = 0
    numbers: int = 0
    finite: int = 0
    mean: float = 0.0
    squares: float = 0.0
    categories: dict[str, int] = field(default_factory=dict)
    crowded: bool = False

    def add(self, cell: Cell) -> None:
        """Count one cell."""
        if is_missing(cell):
            return
        self.present += 1
        number = as_number(cell)
        if number is not None:
            self.numbers += 1
            if abs(number) <= _LARGEST:
                self.finite += 1
                step = number - self.mean
                self.mean += step / self.finite
                self.squares += step * (number - self.mean)
        category = as_category(cell)
        self.categories[category] = self.categories.get(category, 0) + 1
        if len(self.categories) > _COUNTED:
            self.crowded = True
            middle = sorted(self.categories.values())[_COUNTED // 2]
            self.categories = {name: n - middle for name, n in self.categories.items() if n > middle}

    def learn(self, name: str, rows: int) -> Column | None:
        """What the column is, after ``rows`` rows; None if it holds nothing."""
        if not self.present:
            return None
        if self.numbers >= _MOSTLY * self.present:
            std = math.sqrt(self.squares / self.finite) if self.finite else 0.0
            varies = std > 1e-9 * abs(self.mean)  # less is rounding in a constant column
            gaps = self.numbers < rows
            return NumberColumn(name=name, mean=self.mean, std=std if varies else 1.0, gaps=gaps)
        frequent = sorted(self.categories.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_CATEGORIES]
        if self.crowded or len(self.categories) > MOST_CATEGORIES:
            # One seen once, as in a column of names, tells nothing.
            frequent = [entry for entry in frequent if entry[1] > 1]
        values = {value: place for place, value in enumerate(sorted(value for value, _ in frequent))}
        return CategoryColumn(name=name, values=values, gaps=self.present < rows)


def is_missing(cell: Cell) -> bool:
    """None, NaN, and the empty cell or one of NA, N/A, NaN, null in any case."""
    if isinstance(cell, str):
        return cell.isspace() or (len(cell) <= 8 and cell.strip().lower() in _MISSING)
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def as_number(cell: Cell) -> float | None:
    """The number that a cell holds or spells, perhaps infinite; None if it is none or missing."""
    if cell is None or isinstance(cell, bool) or (isinstance(cell, str) and "_" in cell):
        return None  # Python would read 1_2 as 12
    try:
        number = float(cell)
    except (TypeError, ValueError):  # a nested list or the like is refused by ``Table.decode``
        return None
    except OverflowError:
        return math.inf
    return None if math.isnan(number) else number


def as_category(cell: Cell) -> str:
    """The name under which a cell is counted."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int) and abs(cell) > _LARGEST:
        return "huge"  # Python refuses to spell numbers of thousands of digits
    text = str(cell).strip()
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST] + hashlib.blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()


def refuse_cell(name: str, cell: Cell, *, spelt: bool) -> None:
    """Refuse what can be in no row: an infinite number, or something that is not a cell at all.

    Args:
        name: the column's.
        cell: as it came from JSON.
        spelt: whether a text may spell the number, as in a column of numbers.

    Raises:
        DecodeError: with the column's name.
    """
    if isinstance(cell, (list, dict)):
        raise DecodeError(f"column {name!r} holds a {type(cell).__name__}, not a number or text")
    number = as_number(cell) if spelt or isinstance(cell, (int, float)) else None
    if number is not None and abs(number) > _LARGEST:
        raise DecodeError(f"column {name!r} holds {_short(cell)}, which is infinite; leave the cell empty")


def _short(cell: Cell) -> str:
    text = str(cell)
    return text if len(text) <= 24 else text[:24] + "…"
