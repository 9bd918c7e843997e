"""One offer: items of a stream, each taken into the pool or let go at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from alaas.budgets import Gate, Terms
from alaas.budgets import build as build_manager
from alaas.config import Config
from alaas.errors import ConflictError, LimitError, StoreError, UsageError, VersionError
from alaas.fetching import is_remote
from alaas.pipeline import Record
from alaas.projects._deciding import Arrival, Deciding
from alaas.projects._features import FeatureTable
from alaas.projects._importing import sound
from alaas.projects._knowledge import Known
from alaas.projects._learning import Learning
from alaas.projects._scoring import Scoring, stream_strategy
from alaas.projects._words import Offered
from alaas.selecting import Selector
from alaas.stores import Store, StreamRow
from alaas.streaming import Recent
from alaas.types import Item

_TRIES = 200
"""Decisions that may meet another process's before an offer gives up; each waits a little longer."""
_LONGEST_WAIT = 0.05


class Offering:
    """Decides of the items of a project's stream. Safe to use from several threads and processes.

    A decision counts when its state is in the store. It is made on the state that was read, and written only
    if nobody has written another one since; otherwise it is made anew.

    Args:
        config: the project's whole configuration.
        store: where its stream is.
        selector: reads and encodes items.
        learning: what the project has learned.

    Raises:
        ConfigError: the stream's budget or manager cannot be followed.
        UsageError: its strategy needs a pool.
    """

    def __init__(self, config: Config, store: Store, selector: Selector, learning: Learning) -> None:
        self._config, self._store = config, store
        self._selector, self._learning = selector, learning
        self._turn = threading.Lock()
        check_stream(config)

    def offer(self, items: Sequence[Item], *, actor: str, cancel: threading.Event) -> Offered:
        """See ``Project.offer``."""
        wanted = [replace(sound(item), label=None) for item in items]
        if not wanted:
            row = self._store.streams.read(self._config.name)
            gate, _ = self._resumed(row, None)
            return Offered(decisions=(), arrived=gate.arrived, taken=gate.taken)
        scoring = self._scoring(cancel)
        arrivals = self._looked_at(wanted, scoring.table, cancel)
        # One decision at a time: two at once would be made on one state, and one of them in vain.
        with self._turn:
            return self._decided(arrivals, scoring, actor)

    def _decided(self, arrivals: Sequence[Arrival], scoring: Scoring, actor: str) -> Offered:
        name = self._config.name
        for attempt in range(_TRIES):
            row = self._store.streams.read(
                name,
                ids={one.item.id for one in arrivals},
                digests={one.digest for one in arrivals if one.digest},
            )
            gate, recent = self._resumed(row, scoring.name)
            deciding = Deciding(row, gate, recent, scoring)
            decisions = deciding.run(arrivals)
            if deciding.changed:
                self._check_room(len(deciding.taken))
                state = written(gate, recent, scoring.name)
                try:
                    numbers = self._store.streams.advance(
                        name, state, deciding.items(), version=row.version, actor=actor
                    )
                except VersionError:
                    time.sleep(min(0.001 * attempt, _LONGEST_WAIT))
                    continue
                if numbers:
                    rows = [one.embeddings for one, _ in deciding.taken if one.embeddings is not None]
                    scoring.table.keep(numbers, rows)
            return Offered(decisions=tuple(decisions), arrived=gate.arrived, taken=gate.taken)
        raise ConflictError(
            f"the stream of project {name!r} moved {_TRIES} times while this offer was decided; offer again, "
            "in larger lots or from fewer places at once"
        )

    def _resumed(self, row: StreamRow, scored_by: str | None) -> tuple[Gate, Recent]:
        gate = open_gate(self._config)
        if row.state is None:
            return gate, Recent(2 * self._config.stream.remember)
        try:
            said = json.loads(row.state)
            gate.restore(said["gate"], memory=scored_by in (None, said["scored_by"]))
            return gate, Recent(2 * self._config.stream.remember, said["recent"])
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"the stream of project {self._config.name!r} cannot be read ({error}); is it damaged?"
            ) from error

    def _scoring(self, cancel: threading.Event) -> Scoring:
        table, known = self._knowing(cancel)
        return Scoring(config=self._config, store=self._store, table=table, known=known)

    def _knowing(self, cancel: threading.Event) -> tuple[FeatureTable, Known | None]:
        """Features and the learner that goes with them."""
        pool = self._learning.pool
        table = pool.table
        if table is None:
            self._check_beginning()
        # A feed must not stand still while somebody's hundred thousand new items are encoded, so that a table
        # is brought up to date only where it has to be.
        if table is None or not table.ready or self._learning.knowledge.of_items:
            table = pool.features(cancel, wait=False)
        known = self._learning.known(table)
        if known is None and self._is_behind(table):
            table = pool.features(cancel, wait=False)
            known = self._learning.known(table)
        return table, known

    def _is_behind(self, table: FeatureTable) -> bool:
        """Whether there is a learner of other features, or what another process took is not in the table."""
        name = self._config.name
        if self._store.last_round(name, fitted=True) is not None:
            return True
        numbers = np.array([row.number for row in self._store.streams.taken(name)], dtype=np.int64)
        return not table.has(numbers).all()

    def _check_beginning(self) -> None:
        """Refuse to guess what a stream brings into an empty project."""
        config = self._config
        if self._store.counts(config.name, holds=False).items:
            return
        if config.modality is None and config.model.name is None:
            raise UsageError(
                f"project {config.name!r} has no items yet and does not say what its stream brings; set "
                "`modality` or `model`, or add some items first"
            )
        if self._selector.encoder(None, config.modality).modality.prepares:
            raise UsageError(
                f"project {config.name!r} has no items yet, and a table's columns are learnt from rows; add "
                "some rows first, as many as show what the columns hold"
            )

    def _looked_at(
        self, items: Sequence[Item], table: FeatureTable, cancel: threading.Event
    ) -> list[Arrival]:
        """Fetch, decode and encode, with the cache's help."""
        found: dict[int, Arrival] = {}

        def take(records: list[Record]) -> None:
            for record in records:
                features = record.features
                found[record.row] = Arrival(
                    item=record.item,
                    digest=record.digest or b"",
                    embeddings=None if features is None else features.embeddings,
                    failure=None if record.failure is None else record.failure.reason,
                )

        remote = any(item.uri is not None and is_remote(item.uri) for item in items)
        line = self._selector.line(table.encoder, remote=remote, cancel=cancel)
        feed: Iterator[Record] = (Record(row=row, item=item) for row, item in enumerate(items))
        self._selector.runtime().run(feed, line.stages(), take, total=len(items), cancel=cancel)
        return [found.get(row, Arrival(item=item, failure="no features")) for row, item in enumerate(items)]

    def _check_room(self, more: int) -> None:
        most = self._config.limits.max_items
        if more and self._store.counts(self._config.name, holds=False).items + more > most:
            raise LimitError(
                f"project {self._config.name!r} would hold more than {most} items; raise limits.max_items"
            )


def check_stream(config: Config) -> None:
    """Refuse at once what would fail with the first item.

    Raises:
        ConfigError: the stream's budget or manager cannot be followed.
        UsageError: its strategy needs a pool, or a signal that the project does not have.
    """
    stream_strategy(config)
    open_gate(config)


def open_gate(config: Config) -> Gate:
    """A gate that has seen nothing, by the project's settings.

    Raises:
        ConfigError: they cannot be followed.
    """
    stream = config.stream
    terms = Terms(
        budget=stream.budget,
        burst=stream.burst,
        most=config.budget if stream.most is None else stream.most,
        period=stream.period,
        most_per_period=stream.most_per_period,
    )
    return Gate(build_manager(stream.manager, stream.parameters), terms, seed=config.seed)


def written(gate: Gate, recent: Recent, scored_by: str) -> str:
    """The state of a stream as the store keeps it."""
    return json.dumps({"gate": gate.state(), "recent": recent.pack(), "scored_by": scored_by})
