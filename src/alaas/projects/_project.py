"""A project: what ``ask`` and ``tell`` act on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from alaas.config import Config, SourceSettings
from alaas.errors import (
    AlaasError,
    BatchNotFoundError,
    BudgetSpentError,
    NothingLeftError,
    SourceError,
    UsageError,
)
from alaas.projects._asking import Ask, Asking, checked_k, checked_lease, numbers_of, strategy_of
from alaas.projects._candidates import Candidates
from alaas.projects._choosing import check_strategy
from alaas.projects._features import FeatureTable
from alaas.projects._importing import Import
from alaas.projects._learning import Learning
from alaas.projects._offering import Offering
from alaas.projects._opening import config_of, settle_definition, store_of
from alaas.projects._predicting import predict
from alaas.projects._provenance import BatchProvenance
from alaas.projects._replaying import replay
from alaas.projects._rounds import round_of
from alaas.projects._showing import show
from alaas.projects._status import Agreement, disagreements, status_of
from alaas.projects._telling import Telling, checked_annotator, tell_all
from alaas.projects._tuned import round_behind
from alaas.projects._words import (
    Answer,
    Batch,
    Disagreement,
    Offered,
    Prediction,
    Replayed,
    Round,
    Status,
    Told,
)
from alaas.runtimes import OnProgress
from alaas.selecting import Selector
from alaas.sources import ItemsSource, Source
from alaas.stores import Added, ItemRole, Rule, Store
from alaas.strategies import build
from alaas.types import JSON, Item

Oracle: TypeAlias = Callable[[Batch], Mapping[str, Answer]]
"""Who labels: takes a batch, gives answers by item id; what it leaves out goes back to the pool."""

ME = "me"
"""The annotator where nobody else is named."""


class Project:
    """A pool, its labels, its rounds and its learner. Safe to use from several threads.

    Made by ``Project.open``; use as a context manager, or call ``close``.

    Args:
        config: the project's whole configuration.
        store: where it lives; it is there already.
        selector: reads, remembers and encodes its items.
        retrains: whether ``ask`` retrains first when labels have come; a server has jobs that do.
        own: what to close with the project.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        selector: Selector,
        *,
        retrains: bool = False,
        own: Sequence[Store | Selector] = (),
    ) -> None:
        self.config, self.store = config, store
        self.name = config.name
        self._selector, self._retrains, self._own = selector, retrains, own
        self._rule = Rule(annotators=config.labelling.annotators, decide=config.labelling.decide)
        self._strategy = strategy_of(config)
        check_strategy(self._strategy, config.task.kind)
        self._warm_up = build("k_means")
        self._learning = Learning(config, store, selector)
        self._pool = self._learning.pool
        self._agreement = Agreement(self.name, store)
        self._offering = Offering(config, store, selector, self._learning)
        self._choosing = threading.Lock()

    @classmethod
    def open(
        cls, config: str | Path | Config, *, store: Store | str | None = None, actor: str = ME
    ) -> Project:
        """Open a project on this machine; one that is not there yet is made, with the items of its source.

        Args:
            config: the path of a YAML file, or a configuration.
            store: where projects are kept; by default what the configuration says, else ``alaas.db`` beside
                the YAML file.
            actor: who does it, for the log.

        Raises:
            ConfigError: a setting cannot be followed.
            ProjectConflictError: a project of that name is there, and has another source.
            StoreError: the store cannot be opened.

        Example:
            >>> import alaas
            >>> project = alaas.Project.open("flowers.yaml")  # doctest: +SKIP
            >>> batch = project.ask(40)  # doctest: +SKIP
            >>> project.tell(batch.id, {batch.items[0].id: "tulip"})  # doctest: +SKIP
        """
        settled = config_of(config)
        opened = store if isinstance(store, Store) else store_of(settled, store)
        selector = Selector(settled)
        own: list[Store | Selector] = [selector, *([] if opened is store else [opened])]
        try:
            fresh = settle_definition(settled, opened, actor)
            project = cls(settled, opened, selector, retrains=True, own=own)
            if fresh or opened.counts(settled.name, holds=False).items == 0:
                project._fill(actor)
        except BaseException:
            for part in own:
                part.close()
            raise
        return project

    def close(self) -> None:
        """Let go of files and connections; the project stays in its store."""
        self._pool.close()
        for part in self._own:
            part.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Ask and tell

    def ask(
        self,
        k: int | None = None,
        *,
        annotator: str = ME,
        pin: Sequence[str] = (),
        exclude: Sequence[str] = (),
        lease: float | None = None,
        batch_id: str | None = None,
        cancel: threading.Event | None = None,
        on_progress: OnProgress | None = None,
    ) -> Batch:
        """Choose items jointly and hand them to an annotator until the lease ends.

        Args:
            k: how many; 10 by default. Fewer are given where the pool or the budget has fewer.
            annotator: who will label them.
            pin: ids that must be among them.
            exclude: ids that must not.
            lease: seconds that they are held; by default what the configuration says.
            batch_id: a name for the batch; asking again with it gives the same batch.
            cancel: set it from another thread to stop.
            on_progress: told how far new items are.

        Raises:
            BudgetSpentError, NothingLeftError: there is nothing to hand out; the message says why.
            TakenError: a pinned item is with somebody else, or labelled.
            ItemNotFoundError: a pinned or excluded id is not in the project.
        """
        wanted = checked_k(k, self.config.budget)
        known = self._handed_out(batch_id)
        if known is not None:
            return known
        cancelled = cancel or threading.Event()
        table = self._pool.features(cancelled, on_progress, wait=self._retrains)
        if self._retrains:
            self.retrain(actor=annotator, cancel=cancelled)
            table = self._pool.features(cancelled, on_progress)  # the new round may have features of its own
        ask = Ask(
            k=max(wanted, len(set(pin))),
            annotator=checked_annotator(annotator),
            lease=self.config.labelling.lease if lease is None else checked_lease(lease),
            pinned=numbers_of(self.store, self.name, pin) if pin else (),
            excluded=numbers_of(self.store, self.name, exclude) if exclude else (),
            batch_id=batch_id,
        )
        # One choice at a time: two at once would choose the same items, and one of them in vain.
        with self._choosing:
            row = self._asking(table).hand_out(ask)
        return show(self.name, row, self.store, table, self._learning.known(table))

    def tell(
        self,
        batch_id: str | None,
        answers: Mapping[str, Answer],
        *,
        annotator: str = ME,
        final: bool = False,
    ) -> Told:
        """Say what items are; when it returns, the answers are kept for good.

        Some of a batch, late ones, and the same ones again are all fine. An answer that cannot be taken is
        refused by itself, with the reason, and the others are kept.

        Args:
            batch_id: the batch that they answer; None for answers from elsewhere.
            answers: by item id: a class (several for a multi-label task), ``Skip``, ``Unsure`` or ``Defer``.
            annotator: who says so.
            final: settles a conflict: the label stands whatever others said.

        Raises:
            BatchNotFoundError: there is no such batch.
        """
        telling = Telling(batch_id=batch_id, answers=answers, annotator=annotator, final=final)
        told = self.tell_all([telling])[0]
        if isinstance(told, AlaasError):
            raise told
        return told

    def tell_all(self, tellings: Sequence[Telling]) -> list[Told | AlaasError]:
        """``tell`` for several annotators, one after another: what became of each, or why it was refused."""
        return tell_all(self.name, self.store, self.config.task, self._rule, tellings)

    def run(
        self,
        oracle: Oracle,
        *,
        rounds: int = 10,
        k: int | None = None,
        until: Callable[[Status], bool] | None = None,
        annotator: str = ME,
    ) -> Status:
        """Ask, have the oracle label, tell, retrain; again and again.

        It ends after ``rounds`` rounds, when ``until`` says so of the status, or when budget or pool have
        nothing left. Nothing is done here that ``ask``, ``tell`` and ``retrain`` do not do.

        Args:
            oracle: takes a batch and gives answers by item id.
            rounds: how many at most.
            k: items a round.
            until: looked at after every round.
            annotator: on whose behalf the oracle speaks.
        """
        for _ in range(rounds):
            try:
                batch = self.ask(k, annotator=annotator)
            except (BudgetSpentError, NothingLeftError):
                break
            self.tell(batch.id, oracle(batch), annotator=annotator)
            self.release(batch.id, actor=annotator)
            self.retrain(actor=annotator)
            if until is not None and until(self.status()):
                break
        return self.status()

    # Items

    def add(
        self,
        source: SourceSettings | Source | Iterable[Item] | str | None = None,
        *,
        role: ItemRole = "pool",
        actor: str = ME,
        cancel: threading.Event | None = None,
        on_progress: OnProgress | None = None,
    ) -> Added:
        """Add items, at any time; those whose ids are there already stay as they are.

        Args:
            source: where they are, or they themselves; by default the project's own source, read again.
            role: ``validation`` for items with known labels that measure the learner.
            actor: who does it, for the log.
            cancel: set it from another thread to stop; what was added stays.
            on_progress: told how far it is.

        Raises:
            SourceError: it cannot be read, or holds nothing.
            LimitError: the project would hold more items than it may.
        """
        work = Import(
            project=self.name,
            store=self.store,
            task=self.config.task,
            rule=self._rule,
            most=self.config.limits.max_items,
        )
        opened = self._source(source, role)
        return work.run(
            opened, role=role, actor=actor, cancel=cancel or threading.Event(), on_progress=on_progress
        )

    def offer(
        self, items: Iterable[Item], *, actor: str = ME, cancel: threading.Event | None = None
    ) -> Offered:
        """Offer items of a stream: each is taken into the pool at once, or let go, by the settings in
        ``stream``.

        What is taken is handed out by the next ``ask``, before anything else. An item that is offered again
        is answered the same: always if it was taken, and if it was let go as long as that is remembered.

        Args:
            items: in the order of their arrival; labels that they carry are not looked at.
            actor: who does it, for the log.
            cancel: set it from another thread to stop; then nothing was decided.

        Raises:
            UsageError: the project does not say what the stream brings.
            ModelError: the encoder cannot be had or run.
            ConflictError: others offered so much at the same time that this offer never had its turn.
            LimitError: the project would hold more items than it may.
        """
        return self._offering.offer(list(items), actor=actor, cancel=cancel or threading.Event())

    def prepare(
        self, *, cancel: threading.Event | None = None, on_progress: OnProgress | None = None
    ) -> None:
        """Look at the items that are new and compute their features; ``ask`` does it by itself."""
        self._pool.features(cancel or threading.Event(), on_progress)

    # Batches

    def batch(self, batch_id: str) -> Batch:
        """A batch as it is now.

        Raises:
            BatchNotFoundError: there is none of that id.
        """
        row = self.store.batch(self.name, batch_id)
        table = self._pool.table
        return show(self.name, row, self.store, table, None if table is None else self._learning.known(table))

    def batches(self, *, after: int = -1, limit: int = 100) -> list[Batch]:
        """Batches with an ordinal above ``after``, in their order; without guesses."""
        rows = self.store.batches(self.name, after=after, limit=limit)
        return [show(self.name, row, self.store, None, None) for row in rows]

    def release(self, batch_id: str, items: Sequence[str] | None = None, *, actor: str = ME) -> Batch:
        """Give a batch's open items back to the pool, all of them or those with these ids."""
        self.store.release(self.name, batch_id, items, actor=actor)
        return self.batch(batch_id)

    def extend(self, batch_id: str, lease: float | None = None, *, actor: str = ME) -> Batch:
        """Hold a batch's open items for ``lease`` seconds from now."""
        seconds = self.config.labelling.lease if lease is None else checked_lease(lease)
        self.store.extend(
            self.name, batch_id, seconds, rule=self._rule, budget=self.config.budget, actor=actor
        )
        return self.batch(batch_id)

    def replay(self, batch_id: str) -> Replayed:
        """Choose a batch again, from what was written down when it was handed out.

        Raises:
            BatchNotFoundError: there is none of that id.
        """
        row = self.store.batch(self.name, batch_id)
        number = BatchProvenance.read(row.provenance).round
        known = None if number is None else self._learning.knowledge.of(self._learning.round(number))
        table = self._pool.features(threading.Event())
        items = Candidates.unpack(self.store.candidates(self.name, batch_id)).items
        grown = table.encoder.modality.prepares and items != table.seen
        if self._learning.knowledge.of_items:
            behind = round_behind(table.encoder)
            if grown or number != (None if behind is None else behind.row.number):
                table = self._pool.as_it_was(items, known)
        elif grown:
            table = self._pool.as_it_was(items, None)
        return replay(self.name, row, store=self.store, known=known, table=table, warm_up=self._warm_up)

    # The learner

    def retrain(self, *, actor: str = ME, cancel: threading.Event | None = None) -> Round | None:
        """Let the learner learn from all labels; does nothing if nothing is new.

        Returns:
            The newest round; None if there has been none and there is nothing to learn from.

        Raises:
            LearnerError: the learner broke its contract.
            CancelledError: ``cancel`` was set; a round that was made by then stays.
        """
        return self._learning.retrain(actor=actor, cancel=cancel or threading.Event())

    def behind(self) -> int:
        """How many answers came after the newest round."""
        last = self.store.last_round(self.name)
        return self.store.counts(self.name, holds=False).sequence - (0 if last is None else last.through)

    def rounds(self, *, after: int = 0, limit: int = 1000) -> list[Round]:
        """Rounds numbered above ``after``, in their order."""
        return [round_of(row) for row in self.store.rounds(self.name, after=after, limit=limit)]

    def predict(self, items: Iterable[Item], *, round: int | None = None) -> list[Prediction]:  # noqa: A002
        """What the learner says of items, in the project or not; one prediction each, in their order.

        Raises:
            RoundNotFoundError: nothing has been learned yet, or not in that round.
        """
        table = self._pool.features(threading.Event(), wait=False)
        known = self._learning.known_in(round, table)
        return predict(
            items,
            selector=self._selector,
            encoder=self._learning.encoder_of(known, table),
            fitted=known.fitted,
            cancel=threading.Event(),
        )

    def model(self, round: int | None = None) -> bytes:  # noqa: A002
        """The encoder with the learner's head as one ONNX file, for use without ALaaS.

        Raises:
            RoundNotFoundError: nothing has been learned yet, or not in that round.
            UsageError: the learner trains a network of its own, which its framework exports.
            LearnerError: the learner cannot be written as ONNX.
        """
        from alaas.projects.model_file import export_onnx

        table = self._pool.features(threading.Event(), wait=False)
        known = self._learning.known_in(round, table)
        if self._learning.knowledge.of_items:
            raise UsageError(
                f"the learner {self._learning.learner.name} trains a network of its own; its framework "
                "exports it, see `Fine-tuning a whole network` in docs/exports.md"
            )
        about: dict[str, JSON] = {"project": self.name, "round": known.row.number}
        return export_onnx(table.encoder, known.fitted, about=about)

    # What there is to know

    def status(self) -> Status:
        """How the project stands."""
        return status_of(self.config, self.store, self._agreement)

    def conflicts(self) -> list[Disagreement]:
        """Items whose annotators disagree; ``tell(…, final=True)`` settles one."""
        return disagreements(self.name, self.store)

    def export(self, format: str = "jsonl") -> Iterator[str]:  # noqa: A002
        """All items with their labels and answers, piece by piece.

        Args:
            format: ``jsonl``, ``csv``, ``coco`` (for classification) or ``label-studio``.

        Raises:
            UnknownNameError: there is no such format.
        """
        from alaas.projects._exporting import export_project

        return export_project(format, self.config, self.store)

    # Inside

    def _fill(self, actor: str) -> None:
        """Read the sources that the configuration names."""
        if self.config.source is not None:
            self.add(actor=actor)
        if self.config.validation is not None:
            self.add(role="validation", actor=actor)

    def _source(
        self, source: SourceSettings | Source | Iterable[Item] | str | None, role: ItemRole
    ) -> Source:
        if isinstance(source, str):
            source = SourceSettings(uri=source)
        if source is None and role == "validation":
            source = self.config.validation
        if source is None and self.config.source is None:
            raise SourceError(
                f"project {self.name!r} has no source; name one in its configuration, or add items"
            )
        if source is not None and not isinstance(source, (Source, SourceSettings)):
            return ItemsSource(list(source))
        return self._selector.open_source(source, modality=self.config.modality)[1]

    def _handed_out(self, batch_id: str | None) -> Batch | None:
        if batch_id is None:
            return None
        try:
            return self.batch(batch_id)
        except BatchNotFoundError:
            return None

    def _asking(self, table: FeatureTable) -> Asking:
        return Asking(
            config=self.config,
            store=self.store,
            rule=self._rule,
            table=table,
            known=self._learning.known(table),
            strategy=self._strategy,
            warm_up=self._warm_up,
        )
