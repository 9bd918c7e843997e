"""The rows of the table, one file each."""

from benchmarks.rows._base import Place, Round, Row, Task
from benchmarks.rows.baseline import Baseline
from benchmarks.rows.limit import Limit
from benchmarks.rows.loader import Loader
from benchmarks.rows.original import Original
from benchmarks.rows.ours import OursLibrary, OursServer

ROWS: dict[str, Row] = {
    row.name: row for row in (Limit(), OursLibrary(), OursServer(), Baseline(), Loader(), Original())
}
"""In the order in which a repeat measures them."""

__all__ = ["ROWS", "Place", "Round", "Row", "Task"]
