"""The same model in this process and in a Triton server on the same cores."""

from __future__ import annotations

from typing import ClassVar

from alaas.encoders import pull
from benchmarks._worker import ROOT, Worker, WorkerError
from benchmarks.beyond._rows import Ours
from benchmarks.beyond._words import Found, at_least, lines, rates
from benchmarks.beyond.sections._base import Run, Section
from benchmarks.peers import ENVIRONMENTS
from benchmarks.round.rows import Round
from benchmarks.round.rows.ours import MODEL, free_port

_SCRIPT = ROOT / "benchmarks" / "peers" / "triton_server.py"
_HERE, _THERE = "ONNX Runtime in process", "ONNX Runtime in Triton"
_SHARE = 0.75
_OWN_PACKAGES = {"PYTHONPATH": ""}
"""Ours must not be in the way of those of its environment."""


class Remote(Section):
    """A serving engine over the network, in the pipeline that would otherwise run the model itself."""

    name: ClassVar[str] = "remote"

    def measure(self, run: Run) -> Found:
        found = lines(self._rounds(run), _HERE)
        return Found(
            title="A serving engine",
            text="The same file by ONNX Runtime, in process and behind Triton's Open Inference Protocol over "
            "HTTP on the same machine; the pool and the question as above, cold, as a library.",
            tables=(rates(found, _HERE, "same picks"),) if found else (),
            requirements=(
                at_least(
                    "remote Triton / the same model in process, images/s",
                    found,
                    row=_THERE,
                    base=_HERE,
                    bound=_SHARE,
                ),
            ),
        )

    def _rounds(self, run: Run) -> list[Round]:
        environment = ENVIRONMENTS["triton"]
        if not environment.ready(run.peers):
            run.skip("Triton: make its environment with python -m benchmarks.peers triton")
            return []
        python, port = environment.python(run.peers), free_port()
        folder = pull(MODEL)
        assert folder is not None
        command = [str(python), str(_SCRIPT), "--model", str(folder / "model.onnx"), "--port", str(port)]
        engine = {"name": "open_inference", "url": f"http://127.0.0.1:{port}", "model": MODEL}
        rows = [
            Ours(label=_HERE),
            Ours(label=_THERE, changes={"model": {"name": MODEL, "engine": engine}}),
        ]
        try:
            with Worker(command, environment=_OWN_PACKAGES, ready="ready"):
                return run.turns(rows)
        except WorkerError as error:
            run.skip(f"Triton: {str(error).splitlines()[-1][:200]}")
            return []
