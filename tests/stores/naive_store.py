"""A store that keeps plain sets and lists and works everything out anew: what the store in memory is held
against. Only what the state machine asks for; no speed, no threads."""

from __future__ import annotations

import json
import typing

import numpy as np

from alaas.errors import BatchNotFoundError, BudgetSpentError, RoundNotFoundError, TakenError
from alaas.stores import (
    Added,
    AnswerRow,
    BatchRow,
    Counts,
    Decided,
    ItemRow,
    ItemState,
    LogEntry,
    Pick,
    ProjectRow,
    Receipt,
    RoundRow,
    Snapshot,
)


def naive_verdict(votes, rule):
    """The state and the label, by counting."""
    votes = [vote for vote in votes if vote.kind != "defer"]
    for vote in reversed(votes):
        if vote.final:
            return ("labelled", vote.value) if vote.kind == "label" else ("skipped", None)
    labels = [vote.value for vote in votes if vote.kind == "label"]
    if not labels:
        kinds = {vote.kind for vote in votes}
        return ("skipped" if "skip" in kinds else "partial" if kinds else "pool"), None
    if rule.decide == "unanimous" and any(label != labels[0] for label in labels):
        return "conflict", None
    if len(labels) < rule.annotators:
        return "partial", None
    winners = {label for label in labels if labels.count(label) > len(labels) / 2}
    return ("labelled", winners.pop()) if winners else ("conflict", None)


class Naive:
    def __init__(self, clock):
        self.clock, self.time = clock, 0.0
        self.rows, self.told, self.trained, self.lines = [], [], [], []
        self.handed, self.until, self.standing = [], {}, {}

    def now(self):
        self.time = max(self.time, self.clock())
        return self.time

    def close(self):
        pass

    def line(self, actor, verb, subject, **detail):
        at = self.now()
        n = len(self.lines) + 1
        self.lines.append(
            LogEntry(
                sequence=n,
                at=at,
                project="flowers",
                actor=actor,
                verb=verb,
                subject=subject,
                detail=json.dumps(detail),
            )
        )

    def log(self):
        return list(self.lines)

    def create_project(self, name, definition, *, actor, key=None):
        self.line(actor, "project.create", name, version=1)
        now = self.now()
        return ProjectRow(name=name, definition=definition, version=1, created=now, changed=now)

    # Items

    def add_items(self, project, items, *, actor):
        added = 0
        for new in items:
            if all(row["id"] != new.item.id for row in self.rows):
                added += 1
                self.rows.append(
                    {
                        "number": len(self.rows),
                        "id": new.item.id,
                        "text": new.item.text,
                        "cost": new.item.cost,
                        "role": new.role,
                        "label": new.label,
                        "state": "new",
                        "digest": None,
                        "reason": None,
                    }
                )
        if added:
            self.line(actor, "items.add", project, added=added, known=len(items) - added)
        return Added(added=added, known=len(items) - added)

    def items(self, project):
        return [ItemRow(**row) for row in self.rows]

    def settle(self, project, findings):
        known = [finding for finding in findings if finding.number < len(self.rows)]
        for finding in known:
            row = self.rows[finding.number]
            waits = row["state"] in ("new", "failed")
            if finding.failure is not None:
                if waits:
                    row.update(state="failed", reason=finding.failure)
                continue
            row["digest"] = finding.digest
            if waits:
                twins = [
                    other["id"]
                    for other in self.rows
                    if other["digest"] == finding.digest
                    and other["role"] == row["role"]
                    and other["state"] in ("pool", "partial", "labelled", "conflict", "skipped")
                ]
                if twins:
                    row.update(state="duplicate", reason=f"the same content as {twins[0]!r}")
                else:
                    row.update(state="pool" if row["role"] == "pool" else "labelled", reason=None)
        if known:
            self.line("alaas", "items.settle", project, items=len(known))

    # What follows

    def current(self, number):
        last = {}
        for row in self.told:
            if row.number == number:
                last[row.annotator] = row
        return sorted(last.values(), key=lambda row: row.sequence)

    def state_of(self, batch_id, number):
        state = self.standing[batch_id, number]
        return "expired" if state == "open" and self.until[batch_id] <= self.now() else state

    def holders(self, number):
        return {
            batch.annotator
            for batch in self.handed
            if number in batch.numbers and self.state_of(batch.id, number) == "open"
        }

    def wanted(self, number, rule):
        labels = {row.annotator for row in self.current(number) if row.kind == "label"}
        return max(0, rule.annotators - len(labels) - len(self.holders(number)))

    def touchers(self, number):
        return {row.annotator for row in self.current(number) if row.kind != "defer"} | self.holders(number)

    def free(self, number, annotator, rule):
        return (
            number in self.open_numbers()
            and self.wanted(number, rule) > 0
            and annotator not in self.touchers(number)
        )

    def open_numbers(self):
        return [r["number"] for r in self.rows if r["role"] == "pool" and r["state"] in ("pool", "partial")]

    def spent(self):
        return {
            row["number"]
            for row in self.rows
            if row["role"] == "pool"
            and (row["state"] in ("labelled", "partial", "conflict") or self.holders(row["number"]))
        }

    def snapshot(self, project, annotator, *, rule):
        open_ = self.open_numbers()
        begun = [any(row.kind in ("label", "unsure") for row in self.current(n)) for n in open_]
        return Snapshot(
            numbers=np.array(open_),
            costs=np.array([self.rows[n]["cost"] for n in open_]),
            wanted=np.array([self.wanted(n, rule) for n in open_]),
            touched=np.array([annotator in self.touchers(n) for n in open_], bool),
            begun=np.array(begun, bool),
            spent=len(self.spent()),
            batches=len(self.handed),
        )

    def counts(self, project):
        pool = [row for row in self.rows if row["role"] == "pool"]
        return Counts(
            states={s: sum(row["state"] == s for row in pool) for s in typing.get_args(ItemState)},
            validation=len(self.rows) - len(pool),
            held=sum(bool(self.holders(row["number"])) for row in pool),
            batches=len(self.handed),
            sequence=len(self.told),
            cost=sum(row["cost"] for row in pool if row["state"] == "labelled"),
            items=len(self.rows),
        )

    def decided(self, project):
        return [
            Decided(number=row["number"], value=row["label"])
            for row in self.rows
            if (row["role"], row["state"]) == ("pool", "labelled") and row["label"] is not None
        ]

    # Batches

    def known(self, batch_id):
        for batch in self.handed:
            if batch.id == batch_id:
                return batch
        raise BatchNotFoundError(batch_id)

    def hand_out(self, project, new, *, rule, budget):
        if all(batch.id != new.id for batch in self.handed):
            if len(set(new.numbers)) < len(new.numbers):
                raise TakenError("twice")
            if not all(self.free(number, new.annotator, rule) for number in new.numbers):
                raise TakenError("not free")
            spent = self.spent()
            if budget is not None and set(new.numbers) - spent and len(spent | set(new.numbers)) > budget:
                raise BudgetSpentError("too many")
            self.handed.append(new)
            self.until[new.id] = self.now() + new.lease
            self.standing.update({(new.id, number): "open" for number in new.numbers})
            self.standing[new.id] = self.now()
            self.line(new.annotator, "batch.hand-out", new.id, items=len(new.numbers))
        return self.batch(project, new.id)

    def batch(self, project, batch_id):
        new = self.known(batch_id)
        return BatchRow(
            id=new.id,
            ordinal=self.handed.index(new),
            annotator=new.annotator,
            created=self.standing[new.id],
            until=self.until[new.id],
            provenance=new.provenance,
            picks=tuple(
                Pick(number=n, item=self.rows[n]["id"], score=score, state=self.state_of(new.id, n))
                for n, score in zip(new.numbers, new.scores, strict=True)
            ),
        )

    def batches(self, project):
        return [self.batch(project, new.id) for new in self.handed]

    def candidates(self, project, batch_id):
        return self.known(batch_id).candidates

    def extend(self, project, batch_id, lease, *, rule, budget, actor):
        new = self.known(batch_id)
        spent = self.spent()
        after = {}
        for number in new.numbers:
            after[batch_id, number] = state = self.state_of(batch_id, number)
            room = number in spent or budget is None or len(spent) < budget
            if state == "expired" and room and self.free(number, new.annotator, rule):
                after[batch_id, number] = "open"
                spent.add(number)
        self.standing.update(after)
        self.until[batch_id] = self.now() + lease
        held = list(after.values()).count("open")
        self.line(actor, "batch.extend", batch_id, items=held, until=self.until[batch_id])
        return self.batch(project, batch_id)

    def release(self, project, batch_id, items, *, actor):
        given = 0
        for number in self.known(batch_id).numbers:
            named = items is None or self.rows[number]["id"] in items
            if named and self.state_of(batch_id, number) == "open":
                self.standing[batch_id, number] = "released"
                given += 1
        if given:
            self.line(actor, "batch.release", batch_id, items=given)
        return self.batch(project, batch_id)

    # Answers and rounds

    def tell(self, project, answers, *, rule):
        for answer in answers:
            if answer.batch is not None:
                self.known(answer.batch)
        receipts = [self.take(answer, rule) for answer in answers]
        outcomes = [receipt.outcome for receipt in receipts]
        writers = {a.annotator for a, o in zip(answers, outcomes, strict=True) if o in ("kept", "revised")}
        if writers:
            totals = {name: outcomes.count(name) for name in ("kept", "revised", "refused")}
            self.line(",".join(sorted(writers)), "answers.tell", project, **totals)
        return receipts

    def take(self, answer, rule):
        row = next((row for row in self.rows if row["id"] == answer.item), None)
        if row is None:
            return Receipt(item=answer.item, outcome="refused", reason="unknown")
        number = row["number"]
        outside = answer.batch is not None and number not in self.known(answer.batch).numbers
        if outside or row["role"] == "validation":
            return Receipt(item=answer.item, outcome="refused", state=row["state"], reason="no")
        before = {old.annotator: old for old in self.current(number)}.get(answer.annotator)
        for batch in self.handed:
            if batch.annotator == answer.annotator and number in batch.numbers:
                self.standing[batch.id, number] = "released" if answer.kind == "defer" else "answered"
        if before is not None and all(
            getattr(before, part) == getattr(answer, part) for part in ("kind", "value", "reason", "final")
        ):
            return Receipt(item=answer.item, outcome="same", state=row["state"])
        self.told.append(
            AnswerRow(
                sequence=len(self.told) + 1,
                item=answer.item,
                number=number,
                annotator=answer.annotator,
                kind=answer.kind,
                value=answer.value,
                reason=answer.reason,
                batch=answer.batch,
                final=answer.final,
                at=self.now(),
            )
        )
        state, label = naive_verdict(self.current(number), rule)
        if state != "pool":
            row.update(state=state, label=label, reason=None)
        elif row["state"] in ("partial", "labelled", "conflict", "skipped"):
            row.update(state="pool" if row["digest"] else "new", label=None)
        return Receipt(item=answer.item, outcome="revised" if before else "kept", state=row["state"])

    def answers(self, project):
        return list(self.told)

    def add_round(self, project, new, *, actor):
        row = RoundRow(
            number=len(self.trained) + 1,
            created=self.now(),
            through=new.through,
            labels=new.labels,
            summary=new.summary,
            fitted=new.model is not None,
        )
        self.trained.append((row, new.model))
        parts = {"through": row.through, "labels": row.labels, "fitted": row.fitted}
        self.line(actor, "round.add", str(row.number), **parts)
        return row

    def rounds(self, project):
        return [row for row, _ in self.trained]

    def model(self, project, number):
        for row, model in self.trained:
            if row.number == number and model is not None:
                return model
        raise RoundNotFoundError(str(number))
