"""Trains a torch network of your own as a whole, with a new head for the project's classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from alaas.errors import ConfigError, LearnerError, MissingExtraError
from alaas.learners._items import ItemLearner, ItemLesson

if TYPE_CHECKING:
    from alaas.learners._fine_tuned import FineTuned


@dataclass(frozen=True, kw_only=True)
class FineTune(ItemLearner):
    """Fits the network that ``module`` makes, and a linear head on its output, with AdamW.

    Every fit begins with the network as ``module`` makes it, pretrained or not, so that a round depends on
    its labels alone and not on the rounds before. The network is called with the arrays that the encoder's
    modality makes: alone if there is one, by name if there are several. It gives features, shape (b, D).
    A share of the labels is held out: training stops when it gets no better on them, the best state is kept,
    and the head's temperature is set on them (on all labels where none is held out). Runs on a GPU if there
    is one.

    The same lesson and seed give the same network on one machine's processor; a GPU promises no such thing.

    Args:
        module: ``package.module:factory``; the factory takes nothing and gives a ``torch.nn.Module``.
        epochs: most passes over the labels.
        batch_size: items of one step.
        learning_rate: of the network.
        head_learning_rate: of the head, which starts from nothing.
        weight_decay: pulls weights towards 0.
        smoothing: what share of a label is spread over all classes, so that few labels give modest
            probabilities.
        held_out: the share of labels that is held out; with less than 10 labels none is.
        patience: passes without improvement after which training stops.
        device: ``auto``, or what torch calls one, such as ``cpu`` or ``cuda:1``.

    Raises:
        ConfigError: a parameter is out of its range.

    Cost: a forward and a backward pass of the network for each label and epoch, and after each round a
    forward pass over the pool, whose features the cache remembers.
    When: frozen features do not tell the classes apart, there are some hundred labels, and a GPU.

    Reference: Loshchilov and Hutter, 2019, https://arxiv.org/abs/1711.05101; why not to go on from the last
    round: Ash and Adams, 2020, https://arxiv.org/abs/1910.08475; temperature: Guo et al., 2017,
    https://arxiv.org/abs/1706.04599
    """

    name: ClassVar[str] = "fine_tune"
    code: ClassVar[frozenset[str]] = frozenset({"module"})

    module: str
    epochs: int = 20
    batch_size: int = 16
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-2
    weight_decay: float = 0.01
    smoothing: float = 0.1
    held_out: float = 0.2
    patience: int = 4
    device: str = "auto"

    def __post_init__(self) -> None:
        wrong = [name for name in ("epochs", "batch_size", "patience") if getattr(self, name) < 1]
        wrong += [name for name in ("learning_rate", "head_learning_rate") if not getattr(self, name) > 0]
        if self.weight_decay < 0:
            wrong.append("weight_decay")
        wrong += [name for name in ("smoothing", "held_out") if not 0 <= getattr(self, name) < 1]
        if wrong:
            raise ConfigError(f"fine_tune: {wrong[0]} is {getattr(self, wrong[0])}, out of its range")

    def fit_items(self, lesson: ItemLesson, rng: np.random.Generator) -> FineTuned:
        _check(lesson)
        _require_torch()
        from alaas.learners._training import train

        return train(self, lesson, rng)

    def restore(self, data: bytes) -> FineTuned:
        _require_torch()
        from alaas.learners._fine_tuned import FineTuned

        return FineTuned.restored(data, module=self.module, device=self.device)


def _require_torch() -> None:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("the learner fine_tune", "torch") from error


def _check(lesson: ItemLesson) -> None:
    count, targets = len(lesson.classes), lesson.targets
    axes, dtype = (1, np.integer) if lesson.kind == "multi-class" else (2, np.bool_)
    if targets.ndim != axes or not np.issubdtype(targets.dtype, dtype) or not len(targets):
        raise LearnerError(
            f"fine_tune: {lesson.kind} targets have shape {targets.shape}, {targets.dtype}; expected "
            f"{'(m,), int64' if axes == 1 else f'(m, {count}), bool'}, m at least 1"
        )
    fits = targets.shape[1] == count if axes == 2 else targets.min() >= 0 and targets.max() < count
    if not fits:
        raise LearnerError(f"fine_tune: the targets are not of the lesson's {count} classes")
