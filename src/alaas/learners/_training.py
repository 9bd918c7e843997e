"""The training of a torch network with a head: steps, early stopping, temperature."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from alaas.errors import LearnerError
from alaas.learners._fine_tuned import FineTuned, make, placed, run
from alaas.learners._items import ItemLesson
from alaas.types import Indices

if TYPE_CHECKING:
    from alaas.learners.fine_tune import FineTune

_FEWEST_TO_HOLD_OUT: Final = 10
_TEMPERATURES: Final = np.geomspace(0.25, 8.0, 41)
_ONE_AT_A_TIME: Final = threading.Lock()
"""Torch's random state belongs to the process: two fits side by side would draw each other's numbers."""


def train(learner: FineTune, lesson: ItemLesson, rng: np.random.Generator) -> FineTuned:
    """Fit as the learner's parameters say."""
    import torch

    device = placed(learner.device)
    # Networks draw their first weights and dropout from torch's own state, which is put back afterwards.
    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(int(rng.integers(2**63)))
        return _Training(learner, lesson, device).run(rng)


class _Training:
    def __init__(self, learner: FineTune, lesson: ItemLesson, device: Any) -> None:
        import torch

        self.learner, self.lesson, self.device = learner, lesson, device
        self.network = make(learner.module).to(device)
        self.network.train()
        self.targets = torch.as_tensor(np.array(lesson.targets))
        with torch.no_grad():
            width = self.features(np.arange(1), train=False).shape[1]
        self.head = torch.nn.Linear(width, len(lesson.classes)).to(device)
        torch.nn.init.zeros_(self.head.weight)  # nothing is said before anything is learnt
        torch.nn.init.zeros_(self.head.bias)
        learning = [p for p in self.network.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": learning, "lr": learner.learning_rate},
                {"params": self.head.parameters(), "lr": learner.head_learning_rate},
            ],
            weight_decay=learner.weight_decay,
        )

    def run(self, rng: np.random.Generator) -> FineTuned:
        import torch

        held, rest = self.split(rng)
        best, best_loss, since = self.state(), np.inf, 0
        for _epoch in range(self.learner.epochs):
            for places in self.batches(rng.permutation(rest)):
                self.step(places)
            if not len(held):
                continue
            loss = float(self.loss(self.scores(held), held, smoothing=0.0))
            if loss < best_loss:
                best, best_loss, since = self.state(), loss, 0
            else:
                since += 1
            if since == self.learner.patience:
                break
        if len(held):
            self.network.load_state_dict(best[0])
            self.head.load_state_dict(best[1])
        layer = torch.cat([self.head.weight, self.head.bias[:, None]], dim=1).detach().cpu().numpy()
        return FineTuned(
            kind=self.lesson.kind,
            classes=self.lesson.classes,
            module=self.learner.module,
            network=self.network,
            layer=np.asarray(layer / self.temperature(held if len(held) else rest), dtype=np.float32),
        )

    def split(self, rng: np.random.Generator) -> tuple[Indices, Indices]:
        """What is held out, and what is learnt from."""
        order = rng.permutation(len(self.targets))
        enough = len(order) >= _FEWEST_TO_HOLD_OUT and self.learner.held_out > 0
        count = max(1, round(self.learner.held_out * len(order))) if enough else 0
        return np.sort(order[:count]), np.sort(order[count:])

    def batches(self, places: Indices) -> list[NDArray[np.int64]]:
        """Batches of like length: a last one of a single item would mislead batch normalisation."""
        return np.array_split(places, -(-len(places) // self.learner.batch_size))

    def features(self, places: Indices, *, train: bool) -> Any:
        self.network.train(train)
        return run(self.network, self.lesson.inputs(places))

    def step(self, places: Indices) -> None:
        import torch

        # The statistics of one item alone are none.
        scores = self.head(self.features(places, train=len(places) > 1))
        loss = self.loss(scores, places, smoothing=self.learner.smoothing)
        if not torch.isfinite(loss):
            raise LearnerError(
                f"fine_tune: the loss is {float(loss.detach())}; set learning_rate below "
                f"{self.learner.learning_rate}"
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()

    def scores(self, places: Indices) -> Any:
        import torch

        with torch.inference_mode():
            parts = [self.head(self.features(batch, train=False)) for batch in self.batches(places)]
            return torch.cat(parts)

    def loss(self, scores: Any, places: Indices, *, smoothing: float) -> Any:
        import torch
        from torch.nn import functional

        wanted = self.targets[torch.as_tensor(places)].to(scores.device)
        if self.lesson.kind == "multi-class":
            return functional.cross_entropy(scores, wanted.long(), label_smoothing=smoothing)
        softened = wanted.float() * (1 - smoothing) + smoothing / 2
        return functional.binary_cross_entropy_with_logits(scores, softened)

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The weights as they are now, in memory of their own."""
        network, head = (
            {name: value.detach().clone() for name, value in module.state_dict().items()}
            for module in (self.network, self.head)
        )
        return network, head

    def temperature(self, places: Indices) -> float:
        """What the scores are divided by so that the probabilities of these items fit best.

        Even of items that were learnt from, the smoothed labels say how sure one may be at most.
        """
        scores, smoothing = self.scores(places), self.learner.smoothing
        losses = [float(self.loss(scores / t, places, smoothing=smoothing)) for t in _TEMPERATURES]
        return float(_TEMPERATURES[int(np.argmin(losses))])
