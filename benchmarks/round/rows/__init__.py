"""The rows of the table, one file each."""

from benchmarks.round.rows._base import Place, Round, Row, Task
from benchmarks.round.rows.baseline import Baseline
from benchmarks.round.rows.limit import Limit
from benchmarks.round.rows.loader import Loader
from benchmarks.round.rows.original import Original
from benchmarks.round.rows.ours import OursLibrary, OursServer

ROWS: dict[str, Row] = {
    row.name: row for row in (Limit(), OursLibrary(), OursServer(), Baseline(), Loader(), Original())
}
"""In the order in which a repeat measures them."""

__all__ = ["ROWS", "Place", "Round", "Row", "Task"]
