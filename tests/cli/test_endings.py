"""How the command ends when it is interrupted, when nobody reads it, and when it breaks."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from alaas.cli import _main, select


@pytest.fixture
def silent_server():
    """Takes requests for pictures and never answers; says when the first has come."""
    asked, over = threading.Event(), threading.Event()

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.set()
            over.wait(30)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_within_seconds_and_leaves_the_cache_intact(
    run, photos, model, tmp_path, silent_server, sent
):
    address, asked = silent_server
    uris = [*sorted(map(str, photos.iterdir())), f"{address}/late.png"]
    process = subprocess.Popen(
        [sys.executable, "-m", "alaas", "select", *uris, "-b", "2", *model, "-s", "k_means"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "ALAAS_EGRESS_ALLOW": "127.0.0.1"},
    )
    assert asked.wait(30)
    time.sleep(0.5)
    process.send_signal(sent)
    began = time.monotonic()
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert (process.returncode, out) == (130, "")
    assert err == "alaas: interrupted; what was computed so far is in the cache\n"
    body = json.loads(run("select", *uris[:-1], "-b", 2, *model, "-s", "k_means", "--json").out)
    assert len(body["selected"]) == 2
    assert body["failed"] == []


def test_an_interrupt_before_the_work_begins(run, photos, monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(select, "load", interrupted)
    ended = run("select", "photos", "-b", 2)
    assert (ended.code, ended.out) == (130, "")
    assert "interrupted" in ended.sentence


def test_nobody_reading_is_quiet(photos, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "alaas", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 141


def test_a_bug_is_one_sentence_that_says_how_to_see_more(run, photos, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr(select, "load", broken)
    ended = run("select", "photos", "-b", 2)
    assert ended.code == 1
    assert ended.sentence == (
        "unexpected ZeroDivisionError: division by zero; ALAAS_DEBUG=1 shows where it came from"
    )


def test_the_traceback_is_there_for_who_asks(shell, photos):
    ended = shell("select", "photos", "-b", 0, environ={"ALAAS_DEBUG": "1"})
    assert ended.code == 2
    assert "Traceback" in ended.err
    assert ended.err.splitlines()[-1].startswith("alaas: budget: expected")


def test_main_is_what_the_installed_command_runs():
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="alaas")
    assert script.load() is _main.main
