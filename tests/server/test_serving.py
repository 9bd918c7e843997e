"""The server as a process: how it starts, and that it stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from alaas.config import Config, ServerSettings, StoreSettings
from alaas.errors import UsageError
from alaas.server import Server, serve

from .conftest import texts

MEMORY = StoreSettings(url="memory:")
ALLOWED = 6.0
"""Seconds: two are promised on a machine that is idle, and CI runs tests side by side."""

PROGRAM = """
import json, sys
from alaas.config import Config
from alaas.server import serve
serve(Config.model_validate(json.loads(sys.argv[1])))
"""


@contextmanager
def process(settings: dict) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address."""
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        PROGRAM,
        json.dumps({"server": {"port": 0}, "store": "memory:", **settings}),
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = running.stdout.readline()
        assert line.startswith("ALaaS listening on http://127.0.0.1:"), (line, running.stderr.read())
        yield running, line.split()[-1]
    finally:
        running.kill()
        running.communicate()


def levels(written: str) -> set[str]:
    """Of the lines that a server has written."""
    return {json.loads(line)["level"] for line in written.splitlines()}


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_within_two_seconds_with_a_job_running_and_streams_open(stop, silent, tmp_path):
    settings = {
        "egress": {"allow": [silent.removeprefix("http://")]},
        "cache": {"directory": str(tmp_path)},
        "strategy": "random",
    }
    with process(settings) as (running, url), httpx2.Client(base_url=url, timeout=20) as http:
        body = {"items": [{"uri": f"{silent}/{n}.png"} for n in range(5)], "budget": 1}
        job = http.post("/v1/select", json=body).json()
        lines: list[list[str]] = [[], []]
        told = threading.Event()

        def follow(place: int) -> None:
            with httpx2.stream("GET", url + job["links"]["events"], timeout=20) as stream:
                for line in stream.iter_lines():
                    lines[place].append(line)
                    if line.startswith("event: progress"):
                        told.set()

        streams = [threading.Thread(target=follow, args=(place,)) for place in range(2)]
        for stream in streams:
            stream.start()
        assert told.wait(10)
        began = time.monotonic()
        running.send_signal(stop)
        status = running.wait(timeout=5)
        seconds = time.monotonic() - began
        for stream in streams:
            stream.join(5)
        assert seconds < ALLOWED
        assert status == 0
        assert levels(running.stderr.read()) == {"info"}
        assert all(seen and not stream.is_alive() for seen, stream in zip(lines, streams, strict=True))


def test_it_stops_within_two_seconds_with_an_original_call_waiting(silent, tmp_path):
    settings = {
        "egress": {"allow": [silent.removeprefix("http://")]},
        "cache": {"directory": str(tmp_path)},
        "strategy": "random",
    }
    with process(settings) as (running, url):
        answers: list[httpx2.Response] = []
        body = {"data": [{"uri": f"{silent}/1.png"}], "parameters": {"budget": 1}}
        thread = threading.Thread(
            target=lambda: answers.append(httpx2.post(f"{url}/post", json=body, timeout=20))
        )
        thread.start()
        while not httpx2.get(f"{url}/v1/jobs").json()["jobs"]:
            time.sleep(0.02)
        began = time.monotonic()
        running.terminate()
        assert running.wait(timeout=5) == 0
        assert time.monotonic() - began < ALLOWED
        thread.join(5)
        assert answers[0].status_code == 503
        assert answers[0].json()["code"] == "cancelled"


def test_a_port_in_use_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"port {port} of 127.0.0.1 is in use; .* --port"):
            serve(Config(store=MEMORY, server=ServerSettings(port=port)))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])
def test_a_host_beyond_this_machine_is_refused_where_nobody_has_to_show_a_key(host):
    with pytest.raises(UsageError, match=r"server\.allow_remote"):
        serve(Config(store=MEMORY, server=ServerSettings(host=host, port=0, keys="off")))


def test_a_host_that_does_not_exist_is_one_sentence():
    with pytest.raises(UsageError, match=r"check server\.host"):
        serve(Config(store=MEMORY, server=ServerSettings(host="192.0.2.7", port=0, allow_remote=True)))


def test_all_addresses_can_be_served_in_so_many_words():
    settings = ServerSettings(host="0.0.0.0", port=0, allow_remote=True)
    with Server(Config(store=MEMORY, server=settings)) as server:
        port = server.url.rpartition(":")[2]
        assert httpx2.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        assert httpx2.get(f"http://0.0.0.0:{port}/healthz").status_code == 200


def test_ready_is_called_with_the_address():
    program = PROGRAM.replace(")))", ")), on_ready=lambda url: print('ready at', url, flush=True))")
    settings = json.dumps({"server": {"port": 0}, "store": "memory:"})
    with subprocess.Popen(
        [sys.executable, "-c", program, settings], stdout=subprocess.PIPE, text=True
    ) as running:
        first, second = running.stdout.readline(), running.stdout.readline()
        running.terminate()
    assert first.split()[-1] == second.split()[-1]


def test_an_embedded_server_stops_at_the_end_of_its_block():
    with Server(Config(store=MEMORY, server=ServerSettings(port=0))) as server:
        assert httpx2.get(f"{server.url}/readyz").status_code == 200
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.url}/readyz")
    server.stop()


def test_starting_twice_on_one_port_is_one_sentence():
    with Server(Config(store=MEMORY, server=ServerSettings(port=0))) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(UsageError, match="in use"):
            Server.start(port=port, strategy="RandomSampling")


def test_the_original_two_lines_go_on_serving_after_the_script_ends(tmp_path):
    script = tmp_path / "serve.py"
    script.write_text(
        "from alaas.server import Server\n\n"
        "server = Server.start(port=0, strategy='RandomSampling')\n"
        "print(server.url, flush=True)\n"
    )
    environment = {**os.environ, "ALAAS_CACHE_DIRECTORY": str(tmp_path / "cache")}
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as running:
        try:
            url = running.stdout.readline().strip()
            time.sleep(0.5)  # by now the script itself has ended
            body = {"data": [{"text": "one"}, {"text": "two"}], "parameters": {"budget": 1}}
            answer = httpx2.post(f"{url}/post", json=body, timeout=20)
            assert len(answer.json()["data"]) == 1
            running.send_signal(signal.SIGINT)
            _, complaints = running.communicate(timeout=5)
        finally:
            running.kill()  # one that does not stop fails this test, and no other
        assert complaints == ""


def test_start_by_config_takes_our_yaml(tmp_path):
    path = tmp_path / "alaas.yaml"
    path.write_text(
        f"server: {{port: 0}}\nstrategy: random\nbudget: 1\ncache: {{directory: {tmp_path / 'cache'}}}\n"
    )
    server = Server.start_by_config(path)
    try:
        assert httpx2.post(f"{server.url}/v1/select", json={"items": texts(2)}).status_code == 202
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"proto": "grpc"}, "proto='http'"),
        ({"device": "cuda"}, "device='cpu'"),
    ],
)
def test_what_start_cannot_follow_is_one_sentence(arguments, words):
    with pytest.raises(UsageError, match=words):
        Server.start(port=0, **arguments)
