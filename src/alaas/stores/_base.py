"""The contract of a store: what a project is must outlive the process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import ClassVar, Self

from alaas.errors import BatchNotFoundError
from alaas.stores._jobs import JobTable
from alaas.stores._keys import KeyTable
from alaas.stores._streams import StreamTable
from alaas.stores._words import (
    Added,
    AnswerRow,
    BatchRow,
    Counts,
    Decided,
    Finding,
    ItemRole,
    ItemRow,
    ItemState,
    LogEntry,
    NewAnswer,
    NewBatch,
    NewItem,
    NewRound,
    ProjectRow,
    Receipt,
    RoundRow,
    Rule,
    Snapshot,
)


class Store(ABC):
    """Keeps projects, items, batches, answers, rounds and the log. Called from many threads at once.

    Every method is one transaction: it happens as a whole or not at all, and what has returned survives
    ``kill -9``. Calls by several processes on one store behave as if they came one after another for each
    project. Every method that names a project raises ``ProjectNotFoundError`` when there is none of that
    name, except ``log`` and ``note``: a project's log outlives it. A store that cannot be reached, or
    cannot write, raises ``StoreError`` with the reason; asking again later may help, and then nothing is
    doubled, because batches have the caller's ids and answers are compared with what is there.

    A call that changes something writes one line to the log in the same transaction, and one that changes
    nothing writes none:

        verb             subject             actor                   detail
        project.create   the name            who asks                version
        project.change   the name            who asks                version
        project.delete   the name            who asks
        items.add        the project         who asks                added, known
        items.settle     the project         alaas                   items
        batch.hand-out   the batch           its annotator           items
        batch.extend     the batch           who asks                items, until
        batch.release    the batch           who asks                items
        answers.tell     the project         the annotators, by      kept, revised, refused
                                             name, with commas
        round.add        the round's number  who asks                through, labels, fitted

    ``alaas.testing.stores`` holds the suite that every implementation passes.
    """

    schemes: ClassVar[tuple[str, ...]] = ()
    """The URL schemes that it is opened by."""

    @classmethod
    @abstractmethod
    def from_url(cls, url: str) -> Self:
        """Open the store that ``url`` names; it is made if it is new.

        Raises:
            ConfigError: the URL is malformed.
            StoreError: the store cannot be opened; the message holds no password.
        """

    @property
    @abstractmethod
    def shared(self) -> bool:
        """Whether other processes can use it too."""

    @abstractmethod
    def now(self) -> float:
        """The time by the store's own clock, which leases are measured by.

        It never goes backwards within a process: it is the latest time that the process has seen.
        """

    @property
    @abstractmethod
    def jobs(self) -> JobTable:
        """The jobs of this store."""

    @property
    @abstractmethod
    def keys(self) -> KeyTable:
        """The API keys of this store."""

    @property
    @abstractmethod
    def streams(self) -> StreamTable:
        """The streams of this store's projects."""

    # Projects

    @abstractmethod
    def create_project(self, name: str, definition: str, *, actor: str, key: str | None = None) -> ProjectRow:
        """Begin a project at version 1.

        ``key`` stands in the ``detail`` of the log's line ``project.create`` if there is one: whoever makes
        the project again because the answer was lost knows it by that.

        Raises:
            ProjectConflictError: the name is taken.
        """

    @abstractmethod
    def project(self, name: str) -> ProjectRow:
        """The project as it is now."""

    @abstractmethod
    def projects(self, *, after: str = "", limit: int = 100) -> list[ProjectRow]:
        """Projects whose names sort after ``after`` (by code point), in the order of their names."""

    @abstractmethod
    def change_project(self, name: str, definition: str, *, version: int, actor: str) -> ProjectRow:
        """Replace the definition; the version goes up by one.

        Raises:
            VersionError: the project is not at ``version`` any more.
        """

    @abstractmethod
    def delete_project(self, name: str, *, actor: str) -> None:
        """Delete a project with all it holds; its log stays."""

    # Items

    @abstractmethod
    def add_items(self, project: str, items: Sequence[NewItem], *, actor: str) -> Added:
        """Add items at the end, in their order, in state ``new``.

        An id that is there already, or earlier in the call, is left as it is and counted as known. Thousands
        at once are taken fast.
        """

    @abstractmethod
    def items(
        self,
        project: str,
        *,
        after: int = -1,
        limit: int = 1000,
        states: Collection[ItemState] | None = None,
        ids: Sequence[str] | None = None,
        numbers: Sequence[int] | None = None,
        role: ItemRole | None = None,
    ) -> list[ItemRow]:
        """Items numbered above ``after``, ascending; of the given states, ids, numbers or role only.

        Ids and numbers that are not there are left out; at most 10,000 of them are given at once.
        """

    @abstractmethod
    def settle(self, project: str, findings: Sequence[Finding]) -> None:
        """Write down what a look at items' contents found.

        Of items in state ``new``: one with a digest goes to ``pool`` (``labelled`` in the role
        ``validation``), or to ``duplicate`` if an item of the same role in any other state than ``new``,
        ``failed`` and ``duplicate``, or an earlier one of this call, has that digest; one with a failure goes
        to ``failed``. An item in another state keeps it and gets the digest; one in state ``failed`` is
        treated like a new one. Findings about numbers that are not there are passed over. ``reason`` is
        the failure, ``duplicate_of`` the lowest numbered item that has the digest, and None in the other
        states.
        """

    @abstractmethod
    def snapshot(self, project: str, annotator: str, *, rule: Rule) -> Snapshot:
        """What may be handed out, and what has been spent; a million items take a second or two."""

    # Batches

    @abstractmethod
    def hand_out(self, project: str, batch: NewBatch, *, rule: Rule, budget: int | None) -> BatchRow:
        """Hand a batch to its annotator: every pick is held by them for ``batch.lease`` seconds.

        A batch id that was handed out already gives that batch again and changes nothing.

        Raises:
            TakenError: a pick is not free for this annotator any more: not in the pool, wanted by
                nobody more, or touched by them (see ``Snapshot``).
            BudgetSpentError: the picks that are not counted as spent yet would exceed ``budget``.
        """

    @abstractmethod
    def batch(self, project: str, batch_id: str) -> BatchRow:
        """A batch with the state of its picks.

        Raises:
            BatchNotFoundError: there is none of that id.
        """

    @abstractmethod
    def candidates(self, project: str, batch_id: str) -> bytes:
        """The candidates that came with the batch.

        Raises:
            BatchNotFoundError: there is none of that id.
        """

    @abstractmethod
    def batches(
        self, project: str, *, after: int = -1, limit: int = 100, annotator: str | None = None
    ) -> list[BatchRow]:
        """Batches with an ordinal above ``after``, ascending."""

    @abstractmethod
    def extend(
        self, project: str, batch_id: str, lease: float, *, rule: Rule, budget: int | None, actor: str
    ) -> BatchRow:
        """Let the batch's open picks be held ``lease`` seconds from now.

        A pick whose lease has run out is held again if it is still free for the annotator and the budget
        leaves room for it, the first picks first; otherwise it stays expired.

        Raises:
            BatchNotFoundError: there is none of that id.
        """

    @abstractmethod
    def release(
        self, project: str, batch_id: str, items: Sequence[str] | None = None, *, actor: str
    ) -> BatchRow:
        """Give the batch's open picks back to the pool, all of them or those with these ids.

        Picks that are not open and ids that are not in the batch are passed over.

        Raises:
            BatchNotFoundError: there is none of that id.
        """

    # Answers

    @abstractmethod
    def tell(self, project: str, answers: Sequence[NewAnswer], *, rule: Rule) -> list[Receipt]:
        """Keep answers; receipt i is about answer i.

        An annotator has at most one answer for an item at a time: the same again, by kind, value, reason and
        ``final``, changes nothing (``same``), another one replaces it and the old stays in the history
        (``revised``). Late answers, to a lease that has run out or was given back, count like any other. An
        answer ends the annotator's hold on the item: every pick of the item that was handed to them becomes
        ``answered``. Refused, each for itself: an unknown item, an item that is not in the batch named, a
        ``validation`` item. A ``defer`` is an answer that takes back what the annotator said before: it
        makes their picks ``released``, stays in the history, and counts neither as answered nor as touched.

        An item's state and label follow from its current answers by ``alaas.stores.verdict``, also of one
        that is ``new``, ``failed`` or ``duplicate``. While none of them counts, an item in one of these
        states or in ``pool`` stays as it is; any other goes to ``pool`` if it has a digest, to ``new`` if
        not.

        Raises:
            BatchNotFoundError: an answer names a batch that is not there; nothing is written.
        """

    def tell_all(
        self, project: str, calls: Sequence[Sequence[NewAnswer]], *, rule: Rule
    ) -> list[list[Receipt] | BatchNotFoundError]:
        """``tell`` for several callers, one after another; outcome i is that of call i, or why it was
        refused.

        A store may do all of them in one transaction, which costs little more than one of them.
        """
        outcomes: list[list[Receipt] | BatchNotFoundError] = []
        for call in calls:
            try:
                outcomes.append(self.tell(project, call, rule=rule))
            except BatchNotFoundError as error:
                outcomes.append(error)
        return outcomes

    @abstractmethod
    def answers(
        self, project: str, *, after: int = 0, limit: int = 1000, items: Sequence[str] | None = None
    ) -> list[AnswerRow]:
        """The history: answers with a sequence above ``after``, ascending, replaced ones too."""

    @abstractmethod
    def decided(self, project: str, *, role: ItemRole = "pool") -> list[Decided]:
        """Every item of the role that has a label and a state of ``labelled``, by number."""

    @abstractmethod
    def counts(self, project: str, *, holds: bool = True) -> Counts:
        """The project in numbers; cheap enough to ask once a second.

        Without ``holds``, what is held is not counted and given as 0: cheap enough to ask with every answer.
        """

    # Rounds

    @abstractmethod
    def add_round(self, project: str, new: NewRound, *, actor: str) -> RoundRow:
        """Keep a round as the newest."""

    @abstractmethod
    def rounds(self, project: str, *, after: int = 0, limit: int = 1000) -> list[RoundRow]:
        """Rounds numbered above ``after``, ascending."""

    @abstractmethod
    def last_round(self, project: str, *, fitted: bool = False) -> RoundRow | None:
        """The newest round, or the newest that has a model; None before the first."""

    @abstractmethod
    def model(self, project: str, number: int) -> bytes:
        """The fitted learner of a round.

        Raises:
            RoundNotFoundError: there is no such round, or it has no model.
        """

    # The log

    @abstractmethod
    def log(self, project: str | None = None, *, after: int = 0, limit: int = 1000) -> list[LogEntry]:
        """Entries with a sequence above ``after``, ascending; of one project, or of all and none."""

    @abstractmethod
    def note(self, *, project: str | None, actor: str, verb: str, subject: str, detail: str = "{}") -> None:
        """Write one line to the log."""

    # The store itself

    @abstractmethod
    def check(self) -> None:
        """Return if the store can be read and written.

        Raises:
            StoreError: it cannot; the message says why and how to mend it.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of connections and files; what was kept stays."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
