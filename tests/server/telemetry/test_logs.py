"""Lines of a process that is ours: one form for everybody's, without keys, whatever becomes of stderr."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest

from alaas.config import LogSettings
from alaas.server.telemetry.logs import logging_to_stderr
from alaas.server.telemetry.request_id import current


def written(tmp_path, act, **settings) -> str:
    path = tmp_path / "log"
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        with logging_to_stderr(LogSettings(**settings), file=file):
            act()
    finally:
        os.close(file)
    return path.read_text("utf-8")


def test_a_line_is_one_json_object_with_what_was_given_beside_it(tmp_path):
    def act() -> None:
        logging.getLogger("alaas.jobs").info(
            "job begun", extra={"job": "j1", "attempt": 2, "kind": None, "_mark_of_a_library": 7}
        )
        logging.getLogger("uvicorn.error").warning("odd %s", "request\nof two lines")

    first, second = map(json.loads, written(tmp_path, act).splitlines())
    assert first.pop("timestamp").endswith("Z")
    assert first == {"event": "job begun", "level": "info", "logger": "alaas.jobs", "job": "j1", "attempt": 2}
    assert second["event"] == "odd request\nof two lines"
    assert second["logger"] == "uvicorn.error"


def test_a_line_names_the_request_during_which_it_was_written(tmp_path):
    token = current.set("r1")
    try:
        line = written(tmp_path, lambda: logging.getLogger("alaas.stores").warning("slow"))
    finally:
        current.reset(token)
    assert json.loads(line)["request_id"] == "r1"


def test_a_trace_stays_in_its_line(tmp_path):
    def act() -> None:
        try:
            raise ZeroDivisionError("a bug")
        except ZeroDivisionError:
            logging.getLogger("alaas").exception("broke")

    [line] = written(tmp_path, act).splitlines()
    assert "ZeroDivisionError: a bug" in json.loads(line)["exception"]


def test_the_level_is_that_of_the_settings_and_others_only_warn(tmp_path):
    def act() -> None:
        for name in ("alaas", "somebody"):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING):
                logging.getLogger(name).log(level, "%s %s", name, level)

    def told(level: str) -> list[str]:
        (tmp_path / "log").unlink(missing_ok=True)
        return [json.loads(line)["event"] for line in written(tmp_path, act, level=level).splitlines()]

    assert told("info") == ["alaas 20", "alaas 30", "somebody 30"]
    assert told("warning") == ["alaas 30", "somebody 30"]
    assert len(told("debug")) == 6


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_key_is_never_written(tmp_path, style):
    key = "alaas_k1_" + "s3cret-" * 6

    def act() -> None:
        logging.getLogger("alaas").info("got %s", key, extra={"header": f"Bearer {key}"})

    line = written(tmp_path, act, format=style)
    assert "s3cret" not in line
    assert line.count("alaas_k1_…") == 2


def test_lines_for_people_have_no_colours_in_a_file(tmp_path):
    line = written(tmp_path, lambda: logging.getLogger("alaas").info("hello"), format="console")
    assert "hello" in line
    assert "\x1b" not in line


def test_what_is_left_behind_is_as_it_was(tmp_path):
    before = [*logging.getLogger().handlers]
    written(tmp_path, lambda: None)
    assert logging.getLogger().handlers == before
    assert logging.getLogger("alaas").level == logging.NOTSET


def test_a_reader_that_went_away_and_a_full_disk_stop_nothing():
    reading, writing = os.pipe()
    os.close(reading)
    with logging_to_stderr(LogSettings(), file=writing):
        logging.getLogger("alaas").info("to nobody")
    os.close(writing)
    full = os.open("/dev/full", os.O_WRONLY)
    with logging_to_stderr(LogSettings(), file=full):
        logging.getLogger("alaas").info("no room")
    os.close(full)


PROGRAM = """
import logging, sys
from alaas.config import LogSettings
from alaas.server.telemetry.logs import logging_to_stderr
with open({path!r}, "w") as file:  # may get the descriptor of a stderr that is closed
    with logging_to_stderr(LogSettings()):
        logging.getLogger("alaas").warning("hello")
print("still here")
"""


@pytest.mark.parametrize("redirection", ["", "2>&-", "2>/dev/full", "2> >(exit)"])
def test_a_process_survives_without_its_stderr(tmp_path, redirection):
    path = tmp_path / "data"
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(path=str(path)))
    command = ["bash", "-c", f"{sys.executable} {program} {redirection}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("still here\n", 0)
    assert path.read_text() == ""
    if not redirection:
        assert json.loads(done.stderr)["event"] == "hello"


def test_a_library_writes_nothing_by_itself():
    program = "import logging, alaas; logging.getLogger('alaas.jobs').warning('hello')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
