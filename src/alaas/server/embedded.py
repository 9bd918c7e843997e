"""A server inside this process: for notebooks, tests, and scripts of ALaaS 0.2."""

from __future__ import annotations

import atexit
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from alaas.config import Config, StoreSettings
from alaas.errors import ServerError
from alaas.server.keys import show_first_key
from alaas.server.listen import address_of, bind
from alaas.server.original_start import original_config
from alaas.server.services import open_services
from alaas.server.serving import Listener, require_grpc
from alaas.settings import load_config

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


class Server:
    """Serves from a thread of this process; ``url`` says where, and ``grpc_address`` if it answers gRPC.

    Where keys are wanted and there was none yet, ``key`` is the first one, which is also shown on stderr.

    Args:
        config: settings; the defaults if left out. Where they name no store, projects and jobs end with the
            process.

    Example:
        >>> from alaas import Client, Server
        >>> with Server() as server:  # doctest: +SKIP
        ...     chosen = Client(server.url).select(texts=["a", "b", "c"], budget=1, strategy="random")
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = _in_memory(config or Config())
        self.url = ""
        self.grpc_address: str | None = None
        self.key: str | None = None
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Server:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def open(self) -> None:
        """Begin to serve; returns when requests are taken.

        Raises:
            UsageError: the address cannot be had.
            MissingExtraError: gRPC is wanted and not installed.
            ServerError: it did not start.
        """
        require_grpc(self.config.server)
        bound = bind(self.config.server)
        self.url = address_of(bound)
        ready = threading.Event()
        with ExitStack() as undo:
            undo.callback(bound.close)
            services = open_services(self.config)
            undo.callback(services.close)
            self.key = show_first_key(services.admission, self.url)
            self._listener = listener = Listener(services, ready.set)
            undo.pop_all()
        self._thread = threading.Thread(
            target=listener.run, kwargs={"sockets": [bound]}, name="alaas-server", daemon=True
        )
        self._thread.start()
        if not ready.wait(_START_SECONDS):
            self.stop()
            raise ServerError(
                f"the server did not start within {_START_SECONDS:.0f} seconds; its log says more"
            )
        self.grpc_address = None if listener.rpc is None else listener.rpc.address

    def stop(self) -> None:
        """End streams, hand jobs back and stop serving; doing it again does nothing."""
        if self._listener is not None and self._thread is not None:
            self._listener.should_exit = True
            self._thread.join(_STOP_SECONDS)
        self._listener = self._thread = None

    def wait(self) -> None:
        """Go on serving until Ctrl-C or until another thread stops the server."""
        thread = self._thread
        try:
            while thread is not None and thread.is_alive():
                thread.join(0.2)
        except KeyboardInterrupt:
            self.stop()

    @classmethod
    def start(
        cls,
        proto: str = "http",
        port: int = 8081,
        host: str = "127.0.0.1",
        job_name: str = "default_app",
        model_hub: str | None = None,  # noqa: ARG003
        model_name: str | None = None,
        device: str = "cpu",
        strategy: str = "LeastConfidence",
        batch_size: int = 8,
        replica: int = 1,  # noqa: ARG003
        tokenizer: str | None = None,  # noqa: ARG003
        transformers_task: str | None = None,  # noqa: ARG003
        *,
        allow_remote: bool = False,
    ) -> Server:
        """Serve in the background, with the arguments of ALaaS 0.2.

        A script that ends after this call goes on serving until Ctrl-C; a notebook goes on working.

        Args:
            proto: ``http``; nothing else is served.
            port: where to listen; 0 takes any free port.
            host: where to listen; beyond this machine callers must show a key, unless ``allow_remote``.
            job_name: what to call the server.
            model_hub: kept for 0.2; the model's name says where it comes from.
            model_name: a name from ``alaas models list``; by default the one for the items sent.
            device: ``cpu``.
            strategy: a name of 0.2 or of ours.
            batch_size: items a call of the model.
            replica: kept for 0.2; every core is used anyway.
            tokenizer: kept for 0.2; our text models bring theirs.
            transformers_task: kept for 0.2; has no meaning here.
            allow_remote: let whoever reaches this machine in without a key, as 0.2 did.

        Raises:
            UsageError: an argument cannot be followed; the message says how to ask instead.
        """
        config = original_config(
            proto=proto,
            host=host,
            port=port,
            allow_remote=allow_remote,
            name=job_name,
            model=model_name,
            device=device,
            strategy=strategy,
            batch_size=batch_size,
        )
        return cls._begin(config)

    @classmethod
    def start_by_config(cls, config_path: str | Path) -> Server:
        """Serve in the background from a YAML file, ours or that of ALaaS 0.2; see ``start``.

        Raises:
            ConfigError: the file is missing or a setting is wrong.
        """
        return cls._begin(load_config(Path(config_path)))

    @classmethod
    def _begin(cls, config: Config) -> Server:
        server = cls(config)
        server.open()
        if not _is_interactive():
            atexit.register(server.wait)
        return server


def _is_interactive() -> bool:
    return hasattr(sys, "ps1") or bool(sys.flags.interactive) or "ipykernel" in sys.modules


def _in_memory(config: Config) -> Config:
    """Two servers of one script must not take each other's jobs from the user's own store."""
    if config.store.url is not None:
        return config
    return config.model_copy(update={"store": StoreSettings(url="memory:")})
