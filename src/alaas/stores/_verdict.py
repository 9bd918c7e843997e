"""How an item stands, from what its annotators say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from alaas.stores._words import AnswerKind, ItemState, Rule, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    """One annotator's current answer."""

    kind: AnswerKind
    value: Value | None = None
    final: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The state that follows, and the label if there is one."""

    state: ItemState
    label: Value | None = None


def verdict(votes: Sequence[Vote], rule: Rule) -> Verdict:
    """Judge the current answers of an item that is sound, latest last.

    The last ``final`` answer decides alone. Otherwise a ``skip`` takes the item out until somebody gives a
    label. Labels decide once ``rule.annotators`` of them are there; labels that differ are a conflict as
    soon as no further answer can make them agree: at once where all must, at the end where most must.
    ``unsure`` counts as begun, ``defer`` not at all.
    """
    counted = [vote for vote in votes if vote.kind != "defer"]
    finals = [vote for vote in counted if vote.final]
    if finals:
        last = finals[-1]
        return (
            Verdict(state="labelled", label=last.value) if last.kind == "label" else Verdict(state="skipped")
        )
    labels = [vote.value for vote in counted if vote.kind == "label"]
    if not labels:
        if any(vote.kind == "skip" for vote in counted):
            return Verdict(state="skipped")
        return Verdict(state="partial" if counted else "pool")
    common, most = Counter(labels).most_common(1)[0]
    if rule.decide == "unanimous" and most < len(labels):
        return Verdict(state="conflict")
    if len(labels) < rule.annotators:
        return Verdict(state="partial")
    if 2 * most > len(labels):
        return Verdict(state="labelled", label=common)
    return Verdict(state="conflict")
