"""The connection to a cluster, one for the whole process."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from alaas.config import RaySettings
from alaas.cores import available_cores
from alaas.errors import ClusterError, MissingExtraError

_lock = threading.Lock()
_KNOCK_SECONDS = 5.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_QUIET = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_IGNORE_UNHANDLED_ERRORS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""No warnings of what Ray will change, none of errors that are handled here, nothing sent to its makers."""


def connect(settings: RaySettings) -> Any:
    """The package, imported and connected; what the process has connected itself is used as it is.

    A cluster takes seconds to start, so it stays for the process's next runs; Ray itself ends it with the
    process.

    Raises:
        MissingExtraError: Ray is not installed.
        ClusterError: there is no cluster at the address, or none can be started.
    """
    with _lock:
        address = settings.address or os.environ.get("RAY_ADDRESS") or "local"
        _prepare(address)
        try:
            import ray
        except ImportError as error:
            raise MissingExtraError("the runtime 'ray'", "ray") from error
        if ray.is_initialized():
            return ray
        _check_reachable(ray, address)
        logging.getLogger("ray").setLevel(logging.ERROR)
        try:
            _on_a_thread_that_stays(lambda: ray.init(**_options(settings, address)))
        except Exception as error:  # Ray raises nearly every built-in kind here
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ClusterError(
                f"cannot connect to the Ray cluster {address!r}: {reason}; see pipeline.ray.address, and "
                "RAY_AUTH_MODE if the cluster asks for a token"
            ) from error
        return ray


def _check_reachable(ray: Any, address: str) -> None:
    """Knock at HOST:PORT first: Ray itself would try for minutes, and write to the terminal meanwhile.

    Raises:
        ClusterError: nobody answers.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    host = host.strip("[]")
    # Ray asks for the machine's own address where a loopback one is named.
    hosts = [host, ray.util.get_node_ip_address()] if host in _LOOPBACK else [host]
    for place, one in enumerate(hosts):
        try:
            socket.create_connection((one, int(port)), timeout=_KNOCK_SECONDS).close()
        except OSError as error:
            if place + 1 < len(hosts):
                continue
            raise ClusterError(
                f"nothing answers at the Ray cluster {address!r}: {error.strerror or error}; see "
                "pipeline.ray.address, and that the cluster is up"
            ) from error
        return


def _on_a_thread_that_stays(start: Callable[[], object]) -> None:
    """Start a cluster so that it lives as long as this process.

    Linux tells a child that its parent has died when the *thread* that started it ends, and Ray's processes
    then end too; a server's job runs on a thread that does not last.
    """
    if threading.current_thread() is threading.main_thread():
        start()
        return
    outcome: Future[object] = Future()

    def stay() -> None:
        try:
            outcome.set_result(start())
        except BaseException as error:  # noqa: BLE001  (handed to the thread that waits)
            outcome.set_exception(error)
            return
        threading.Event().wait()

    threading.Thread(target=stay, name="alaas-ray", daemon=True).start()
    outcome.result()


def _prepare(address: str) -> None:
    """What Ray reads from the environment when it is imported."""
    if "ray" in sys.modules:
        return
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if address == "local" and "RAY_AUTH_MODE" not in os.environ:
        # A cluster listens on the machine's own address, where anybody could hand it programs to run.
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def _options(settings: RaySettings, address: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "address": address,
        "logging_level": logging.ERROR,
        "log_to_driver": False,
        "configure_logging": False,
    }
    if settings.runtime_env:
        options["runtime_env"] = settings.runtime_env
    if address == "local":
        options |= {
            "num_cpus": available_cores(),
            "object_store_memory": int(settings.object_store),
            "include_dashboard": False,
        }
    return options
