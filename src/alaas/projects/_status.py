"""How a project stands."""

from __future__ import annotations

import threading

import numpy as np

from alaas.config import Config
from alaas.metrics import krippendorff_alpha
from alaas.projects._rounds import round_of
from alaas.projects._training import balance_of
from alaas.projects._words import Disagreement, Status
from alaas.stores import AnswerRow, Store, Value

_PAGE = 5000


def status_of(config: Config, store: Store, agreement: Agreement) -> Status:
    """The project at this moment."""
    name = config.name
    counts = store.counts(name)
    last = store.last_round(name)
    states = counts.states
    spent = sum(states.get(state, 0) for state in ("labelled", "partial", "conflict"))
    free = sum(states.get(state, 0) for state in ("new", "pool", "partial"))
    return Status(
        name=name,
        labels=states.get("labelled", 0),
        budget=config.budget,
        remaining=None if config.budget is None else max(0, config.budget - spent),
        pool=free,
        held=counts.held,
        items=counts.items,
        states=states,
        validation=counts.validation,
        batches=counts.batches,
        cost=counts.cost,
        balance=balance_of(store.decided(name)),
        agreement=agreement.alpha(),
        behind=counts.sequence - (0 if last is None else last.through),
        round=None if last is None else round_of(last),
    )


def current_answers(answers: list[AnswerRow]) -> dict[str, dict[str, AnswerRow]]:
    """Item → annotator → the answer that counts; a ``defer`` counts for nothing."""
    current: dict[str, dict[str, AnswerRow]] = {}
    for answer in answers:
        if answer.kind != "defer":
            current.setdefault(answer.item, {})[answer.annotator] = answer
    return current


class Agreement:
    """Krippendorff's alpha over all labels; reads only what came since it was last asked."""

    def __init__(self, project: str, store: Store) -> None:
        self._project, self._store = project, store
        self._current: dict[int, dict[str, Value]] = {}
        self._sequence = 0
        self._lock = threading.Lock()

    def alpha(self) -> float | None:
        """None where no item has labels of two annotators."""
        with self._lock:
            while page := self._store.answers(self._project, after=self._sequence, limit=_PAGE):
                for answer in page:
                    self._take(answer)
                self._sequence = page[-1].sequence
            several = [said for said in self._current.values() if len(said) > 1]
            return krippendorff_alpha(_table(several)) if several else None

    def _take(self, answer: AnswerRow) -> None:
        said = self._current.setdefault(answer.number, {})
        if answer.kind == "label" and answer.value is not None:
            said[answer.annotator] = answer.value
        elif answer.kind != "defer":
            said.pop(answer.annotator, None)


def _table(several: list[dict[str, Value]]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """One row an item, one column an annotator, -1 where one said nothing."""
    people = {name: place for place, name in enumerate(sorted({name for said in several for name in said}))}
    values: dict[Value, int] = {}
    table = np.full((len(several), len(people)), -1, dtype=np.int64)
    for row, said in enumerate(several):
        for name, value in said.items():
            table[row, people[name]] = values.setdefault(value, len(values))
    return table


def disagreements(project: str, store: Store) -> list[Disagreement]:
    """Every item in conflict, with who says what."""
    found: list[Disagreement] = []
    after = -1
    while page := store.items(project, after=after, limit=1000, states={"conflict"}):
        answers = current_answers(store.answers(project, items=[item.id for item in page], limit=100_000))
        for item in page:
            said = {
                name: answer.value
                for name, answer in answers.get(item.id, {}).items()
                if answer.value is not None
            }
            found.append(Disagreement(id=item.id, uri=item.uri, text=item.text, answers=said))
        after = page[-1].number
    return found
