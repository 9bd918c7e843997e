"""Growth from one process to eight where stages wait: a local server answers each object after 50 ms."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

from alaas.config import EgressSettings, LimitSettings, PipelineSettings, RayGroupSettings, RaySettings
from alaas.features.null import NoDigests
from alaas.fetching import open_fetcher
from alaas.modalities.image import Image as ImageModality
from alaas.pipeline import Line, Record
from alaas.runtimes import registry
from alaas.types import Item

DELAY = 0.05
_DOWNLOADS = 2
"""At the same time in one process: what is measured is the processes, not the threads in them."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Items a second with so many processes, from the first fifth of the items to the last tenth."""

    workers: int
    rate: float


def measure_growth(workers: tuple[int, ...] = (1, 2, 4, 8), items: int = 300) -> list[Growth]:
    """One run for each number of processes, with ``items`` for each process."""
    import ray

    from alaas.config import PreprocessSettings

    if not ray.is_initialized():  # more processes than cores: they wait
        cpus = max(workers) + 1
        ray.init(num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    modality = ImageModality(preprocess=PreprocessSettings(size=8), limits=LimitSettings())
    found = []
    with _slow_server() as address:
        for count in workers:
            group = RayGroupSettings(min_workers=count, max_workers=count)
            settings = PipelineSettings(
                download_workers=_DOWNLOADS, ray=RaySettings(block=8, idle=60, groups=[group])
            )
            line = Line(
                modality=modality,
                fetcher=open_fetcher(EgressSettings(allow=["127.0.0.1"]), LimitSettings(), trusted=True),
                digests=NoDigests(),
                cache=None,
                encoder=None,
                wanted=frozenset(),
                settings=settings,
                remote=True,
            )
            found.append(Growth(workers=count, rate=_rate(line, settings, address, items * count)))
    return found


def _rate(line: Line, settings: PipelineSettings, address: str, items: int) -> float:
    feed = (Record(row=row, item=Item(id=str(row), uri=f"{address}/{row}.png")) for row in range(items))
    times: list[float] = []

    def sink(records: list[Record]) -> None:
        times.extend([time.perf_counter()] * len(records))
        if any(record.failure for record in records):
            raise RuntimeError("an item failed, so nothing was measured")

    registry.get("ray")(settings).run(feed, line.stages(), sink)
    first, last = items // 5, items * 9 // 10
    return (last - first) / max(times[last] - times[first], 1e-9)


@contextmanager
def _slow_server() -> Iterator[str]:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    picture = buffer.getvalue()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            time.sleep(DELAY)
            self.send_response(200)
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
