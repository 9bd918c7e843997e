"""What a project learns with: its learner, what that knows, and the features that it is taught on."""

from __future__ import annotations

import threading
from contextlib import closing

from alaas.config import Config
from alaas.encoders import Encoder
from alaas.errors import RoundNotFoundError
from alaas.learners import ItemLearner
from alaas.learners import build as build_learner
from alaas.projects._features import FeatureTable
from alaas.projects._knowledge import Knowledge, Known, taught_on
from alaas.projects._pool import PoolFeatures
from alaas.projects._reading import ItemReader
from alaas.projects._rounds import basis_of, fingerprint_of, round_of
from alaas.projects._teaching import FeatureTeaching, ItemTeaching, Teaching
from alaas.projects._training import Training, basis
from alaas.projects._tuned import TunedEncoder, base_of, round_behind
from alaas.projects._words import Round
from alaas.selecting import Selector
from alaas.stores import RoundRow, Store


class Learning:
    """The learner of a project, in this process.

    Args:
        config: the project's whole configuration.
        store: where its labels and rounds are.
        selector: reads and encodes its items.
    """

    def __init__(self, config: Config, store: Store, selector: Selector) -> None:
        self._config, self._store, self._selector = config, store, selector
        self._name = config.name
        self.learner = build_learner(config.learner.name, config.learner.parameters)
        self.knowledge = Knowledge(config.name, store, self.learner)
        self.pool = PoolFeatures(config, store, selector, self.knowledge)

    def retrain(self, *, actor: str, cancel: threading.Event) -> Round | None:
        """See ``Project.retrain``."""
        # Read before the labels: what is told meanwhile makes the next retraining, and is never passed over.
        counts = self._store.counts(self._name, holds=False)
        last = self._store.last_round(self._name)
        if counts.sequence == 0 and last is None:
            return None
        table = self.pool.features(cancel)
        on, known = basis(self._config), self.known(table)
        if last is not None and last.through == counts.sequence and self._stands(last, on, table, known):
            return round_of(last)
        with closing(self._teaching(table, known, cancel)) as teaching:
            training = Training(
                config=self._config,
                teaching=teaching,
                basis=on,
                decided=self._store.decided(self._name),
                validation=self._store.decided(self._name, role="validation"),
                through=counts.sequence,
                before=() if known is None else known.fitted.classes,
                number=1 if last is None else last.number + 1,
                cost=counts.cost,
            )
            made = self._store.add_round(self._name, training.run(), actor=actor)
        if made.fitted:
            self.knowledge.of(made)  # asked for next anyway; and a learner that cannot be read says so here
        self.pool.features(cancel)  # a network of the round's own gives all items other features
        return round_of(made)

    def known(self, table: FeatureTable) -> Known | None:
        """The learner that goes with these features."""
        return (
            round_behind(table.encoder) if self.knowledge.of_items else self.knowledge.latest(table.encoder)
        )

    def _stands(self, last: RoundRow, on: str, table: FeatureTable, known: Known | None) -> bool:
        """Whether the last round is what a retraining on the same labels would make, and can be read."""
        same = (basis_of(last), fingerprint_of(last)) == (on, taught_on(self.learner, table.encoder))
        return same and (not last.fitted or (known is not None and known.row.number == last.number))

    def _teaching(self, table: FeatureTable, known: Known | None, cancel: threading.Event) -> Teaching:
        if not isinstance(self.learner, ItemLearner):
            return FeatureTeaching(self.learner, table, None if known is None else known.fitted)
        reader = ItemReader(
            project=self._name,
            store=self._store,
            selector=self._selector,
            modality=table.encoder.modality,
            cancel=cancel,
        )
        return ItemTeaching(
            self.learner,
            reader,
            fingerprint=taught_on(self.learner, table.encoder),
            batch_size=self._config.model.batch_size,
        )

    def known_in(self, number: int | None, table: FeatureTable) -> Known:
        """The learner of a round, by default the newest.

        Raises:
            RoundNotFoundError: there is no such round, or nothing has been learned yet.
        """
        if number is not None:
            return self.knowledge.of(self.round(number))
        known = self.knowledge.latest(table.encoder)
        if known is None:
            raise RoundNotFoundError(
                f"project {self._name!r} has learned nothing yet; tell labels of two classes and retrain"
            )
        return known

    def round(self, number: int) -> RoundRow:
        """The round of that number.

        Raises:
            RoundNotFoundError: there is none.
        """
        rows = self._store.rounds(self._name, after=number - 1, limit=1)
        if not rows or rows[0].number != number:
            raise RoundNotFoundError(f"project {self._name!r} has no round {number}")
        return rows[0]

    def encoder_of(self, known: Known, table: FeatureTable) -> Encoder:
        """What makes the features that a learner is asked about."""
        return TunedEncoder(base_of(table.encoder), known) if self.knowledge.of_items else table.encoder
