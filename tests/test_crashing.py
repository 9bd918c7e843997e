from __future__ import annotations

import signal
import subprocess
import sys

import pytest

CHILD = """
from alaas.crashing import crash_point
for turn in range(3):
    crash_point("tell.before-commit")
    crash_point("tell.after-commit")
    print(turn, flush=True)
"""


@pytest.mark.parametrize(
    ("wanted", "printed", "code"),
    [
        ("tell.before-commit", "", -signal.SIGKILL),
        ("tell.after-commit:3", "0\n1\n", -signal.SIGKILL),
        ("hand-out.before-commit", "0\n1\n2\n", 0),
        ("", "0\n1\n2\n", 0),
    ],
)
def test_the_process_dies_at_the_named_passage_only(wanted: str, printed: str, code: int) -> None:
    environment = {"ALAAS_CRASH": wanted, "PYTHONPATH": ":".join(sys.path)}
    child = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True)
    assert (child.stdout, child.returncode) == (printed, code)
