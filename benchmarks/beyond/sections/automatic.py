"""Engine auto with bf16 allowed, against the original's server and the engine alone."""

from __future__ import annotations

from typing import ClassVar

from alaas.engines import forget_trials
from benchmarks.beyond._rows import EngineLimit, Ours
from benchmarks.beyond._words import Found, at_least, lines, rates
from benchmarks.beyond.sections._base import Run, Section
from benchmarks.peers import ENVIRONMENTS
from benchmarks.round.rows.original import Original
from benchmarks.round.rows.ours import MODEL

_ORIGINAL = "original ALaaS 0.2.1, HTTP"
_EXACT, _AUTO, _AUTO_HTTP = "fp32, library", "auto with bf16, library", "auto with bf16, HTTP"
_ENGINE = {"name": "auto", "allow": ["bf16"]}
_TIMES = 18.0


class Automatic(Section):
    """The fastest that this machine gives without a further decision of the user than to allow bf16."""

    name: ClassVar[str] = "auto"

    def measure(self, run: Run) -> Found:
        forget_trials()  # what was found on a busy machine must not decide here
        original, model = Original(), {"name": MODEL, "engine": _ENGINE}
        rows = [
            Ours(label=_EXACT),
            Ours(label=_AUTO, changes={"model": model}),
            Ours(label=_AUTO_HTTP, changes={"model": model}, over_http=True),
            EngineLimit(label="limit", model=model),
        ]
        if not ENVIRONMENTS["original"].ready(run.peers):
            run.skip("the original: make its environment with python -m benchmarks.peers original")
        elif reason := original.refusal(run.task):
            run.skip(f"the original: {reason}")
        else:
            rows.append(original)
        found = lines(run.turns(rows, slow=[original]), _EXACT)
        name = f"engine auto with bf16 allowed / the original's server, images/s, both over HTTP, {MODEL}"
        return Found(
            title="The fastest engine, against the original",
            text=f"Choose {run.task.budget:,} of {len(run.task.pool):,} images of {run.dataset.name} with "
            f"`{run.task.strategy}`, cold. `overlap` is the share of the picks at fp32 that are picked here "
            "too. The limits are the decoder alone and the engine alone with all cores.",
            tables=(rates(found, _ORIGINAL, f"overlap at {run.task.budget}"),),
            requirements=(at_least(name, found, row=_AUTO_HTTP, base=_ORIGINAL, bound=_TIMES),),
        )
