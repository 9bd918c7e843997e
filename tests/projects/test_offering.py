"""A stream into a project: scored on arrival, kept to its budget, handed out first, never decided twice."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alaas.config import Config
from alaas.errors import ConfigError, ConflictError, UsageError, VersionError
from alaas.projects import Project
from alaas.stores import Store, open_store
from alaas.testing.models import write_image_model
from alaas.types import Item
from trees import CLASSES, Open

MIDDLES = {"ash": (0.0, 0.0), "beech": (4.0, 0.0), "cedar": (0.0, 4.0)}


def stream_of(count: int, *, seed: int = 0, prefix: str = "s") -> list[Item]:
    """Rows around the heaps of ``trees``; ids begin with ``prefix``."""
    rng = np.random.default_rng(seed)
    items = []
    for number in range(count):
        height, girth = rng.normal(MIDDLES[CLASSES[number % 3]], 1.2)
        row = {"height": float(height), "girth": float(girth), "cost": 1.5}
        items.append(Item(id=f"{prefix}{number}", row=row))
    return items


def settings(**stream: object) -> dict[str, object]:
    return {"stream": {"budget": 0.2, **stream}}


@pytest.fixture
def learned(open_project: Open, oracle) -> Project:
    project = open_project(**settings())
    project.run(oracle, rounds=1, k=30)
    return project


def test_what_the_learner_is_unsure_of_is_taken(learned: Project) -> None:
    offered = learned.offer(stream_of(300))
    assert {decision.why for decision in offered.decisions} == {"scored"}
    assert offered.arrived == 300
    assert 50 <= offered.taken == len(offered.ids) <= 70
    worth = {True: [], False: []}
    for decision in offered.decisions:
        worth[decision.taken].append(decision.utility)
    assert np.mean(worth[True]) > np.mean(worth[False]) + 0.2
    rows = learned.store.items("trees", ids=offered.ids, limit=1000)
    assert {row.state for row in rows} == {"pool"}
    assert learned.status().items == 90 + offered.taken


def test_before_anything_is_learned_what_is_new_is_taken(open_project: Open) -> None:
    project = open_project(**settings(burst=20))
    offered = project.offer(stream_of(200))
    assert {decision.why for decision in offered.decisions} == {"warm-up"}
    assert 24 <= offered.taken <= 41  # what is left to find gets less and less new
    drawn = open_project(name="drawn", **settings(warm_up="random"))
    assert drawn.offer(stream_of(200)).taken == pytest.approx(40, abs=12)


def test_taken_items_are_handed_out_first_in_the_order_of_their_arrival(learned: Project) -> None:
    taken = learned.offer(stream_of(100)).ids
    batch = learned.ask(len(taken) + 3)
    assert batch.ids[: len(taken)] == taken
    reasons = [item.reason for item in batch.items]
    assert reasons == ["stream"] * len(taken) + ["strategy"] * 3
    assert all(item.score is not None for item in batch.items)
    again = learned.ask(3)
    assert "stream" not in {item.reason for item in again.items}
    assert learned.replay(batch.id).same


def test_fewer_than_wait_are_handed_out_and_pins_still_come_before(learned: Project) -> None:
    taken = learned.offer(stream_of(100)).ids
    batch = learned.ask(3, pin=["t89"])
    assert batch.ids == ["t89", *taken[:2]]
    assert learned.ask(2, exclude=[taken[2]]).ids == taken[3:5]


def test_the_projects_budget_bounds_what_a_stream_takes_and_what_is_handed_out(open_project: Open) -> None:
    project = open_project(budget=12, **settings())
    assert project.offer(stream_of(400)).taken == 12
    assert len(project.ask(50).items) == 12


def test_an_item_that_comes_again_is_answered_the_same_and_costs_nothing(learned: Project) -> None:
    items = stream_of(60)
    first = learned.offer(items)
    again = learned.offer(items)
    assert [one.taken for one in again.decisions] == [one.taken for one in first.decisions]
    assert {one.why for one in again.decisions} == {"known", "repeated"}
    assert (again.arrived, again.taken) == (first.arrived, first.taken)
    in_one_lot = learned.offer(
        [items[0], *stream_of(1, seed=5, prefix="x"), *stream_of(1, seed=5, prefix="x")]
    )
    assert in_one_lot.decisions[1].taken == in_one_lot.decisions[2].taken
    assert in_one_lot.arrived == first.arrived + 1


def test_the_same_content_under_another_id_is_not_taken_twice(learned: Project) -> None:
    items = stream_of(60)
    taken = set(learned.offer(items).ids)
    renamed = [Item(id=f"again-{item.id}", row=item.row) for item in items]
    offered = learned.offer(renamed)
    assert offered.ids == []
    whys = {one.id: one.why for one in offered.decisions}
    assert whys == {f"again-{i.id}": "duplicate" if i.id in taken else "repeated" for i in items}


def test_what_is_let_go_is_remembered_within_bounds(open_project: Open) -> None:
    project = open_project(**settings(remember=10))
    items = stream_of(100)
    let_go = [one for one in project.offer(items).decisions if not one.taken]
    again = project.offer([item for item in items if item.id in {let_go[0].id, let_go[-1].id}])
    assert [one.why for one in again.decisions] == ["warm-up", "repeated"]
    assert len(project.store.streams.read("trees").state or "") < 5000


def test_one_by_one_comes_out_as_in_lots(open_project: Open, oracle) -> None:
    items = stream_of(80)
    one_by_one, in_lots = open_project(name="a", **settings()), open_project(name="b", **settings())
    for project in (one_by_one, in_lots):
        batch = project.ask(30)
        project.tell(batch.id, oracle(batch))
        project.retrain()
    found = [project_ids for item in items for project_ids in one_by_one.offer([item]).ids]
    lots = [in_lots.offer(items[start : start + 17]).ids for start in range(0, 80, 17)]
    assert found == [name for lot in lots for name in lot]
    assert found


def test_an_item_that_cannot_be_read_is_told_and_not_counted(learned: Project) -> None:
    offered = learned.offer([Item(id="bad", uri="file:///nowhere/at/all.csv"), *stream_of(1)])
    assert offered.decisions[0].why == "failed"
    assert offered.decisions[0].detail
    assert offered.arrived == 1


def test_another_strategy_begins_its_comparison_anew_within_the_same_account(
    open_project: Open, oracle
) -> None:
    project = open_project(**settings())
    before = project.offer(stream_of(50))
    assert "novelty" in (project.store.streams.read("trees").state or "")
    batch = project.ask(30)
    project.tell(batch.id, {item.id: CLASSES[place % 3] for place, item in enumerate(batch.items)})
    project.retrain()
    after = project.offer(stream_of(20, seed=9, prefix="later"))
    assert after.arrived == before.arrived + 20
    state = project.store.streams.read("trees").state or ""
    assert '"scored_by": "margin"' in state


def test_threads_do_not_overspend_together(learned: Project) -> None:
    lots = [stream_of(40, seed=who, prefix=f"w{who}-") for who in range(4)]
    taken: list[str] = []

    def offer(lot: Sequence[Item]) -> None:
        for start in range(0, 40, 5):
            taken.extend(learned.offer(lot[start : start + 5]).ids)

    threads = [threading.Thread(target=offer, args=(lot,)) for lot in lots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account = learned.offer([])
    assert account.arrived == 160
    assert account.taken == len(taken) == len(set(taken)) <= 0.2 * 160 + 10
    assert len(learned.store.streams.taken("trees")) == len(taken)


def test_two_processes_share_one_account(trees: Path, tmp_path: Path) -> None:
    said = {
        "name": "trees",
        "modality": "table",
        "source": str(trees),
        "task": {"classes": list(CLASSES)},
        **settings(burst=5),
    }
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    with (
        Project.open(Config.model_validate(said), store=url) as one,
        Project.open(Config.model_validate(said), store=url) as other,
    ):
        items = stream_of(120)
        ids: list[str] = []
        for start in range(0, 120, 10):
            for project in (one, other):  # both are offered everything
                ids += project.offer(items[start : start + 10]).ids
        account = other.offer([])
    assert account.arrived == 120
    assert account.taken == len(set(ids)) <= 0.2 * 120 + 5
    with open_store(url) as store:
        assert len(store.streams.taken("trees")) == account.taken


def test_a_stream_that_cannot_be_followed_is_refused_when_the_project_opens(open_project: Open) -> None:
    with pytest.raises(UsageError, match="cannot judge one that comes alone"):
        open_project(**settings(strategy="k_center"))
    with pytest.raises(ConfigError, match="no parameter 'windw'"):
        open_project(**settings(parameters={"windw": 3}))
    with pytest.raises(ConfigError, match="both or neither"):
        open_project(**settings(period=3.0))


def test_an_empty_project_says_what_it_lacks(store: Store) -> None:
    with (
        Project.open(Config(name="empty"), store=store) as project,
        pytest.raises(UsageError, match="set `modality` or `model`"),
    ):
        project.offer(stream_of(1))
    with (
        Project.open(Config(name="rows", modality="table"), store=store) as project,
        pytest.raises(UsageError, match="columns are learnt"),
    ):
        project.offer(stream_of(1))


@pytest.mark.parametrize("strategy", ["entropy", "bald", "deep_fool", "expected_gradient_length"])
def test_any_strategy_that_needs_no_pool_will_do(open_project: Open, oracle, strategy: str) -> None:
    project = open_project(**settings(strategy=strategy))
    project.run(oracle, rounds=1, k=30)
    offered = project.offer(stream_of(100))
    assert {decision.why for decision in offered.decisions} == {"scored"}
    assert 10 <= offered.taken <= 30


def test_a_multi_label_stream_is_judged_by_its_least_sure_class(open_project: Open, truth) -> None:
    project = open_project(task={"kind": "multi-label", "classes": list(CLASSES)}, **settings())
    batch = project.ask(30)
    project.tell(batch.id, {name: [truth[name]] for name in batch.ids})
    project.retrain()
    offered = project.offer(stream_of(100))
    assert {decision.why for decision in offered.decisions} == {"scored"}
    assert offered.taken > 0


def test_a_stream_of_images_begins_without_a_pool(tmp_path: Path, store: Store) -> None:
    said = {"name": "frames", "model": str(write_image_model(tmp_path / "model.onnx")), **settings(burst=3)}
    rng = np.random.default_rng(0)
    frames = [picture(rng.integers(0, 255, 3)) for _ in range(40)]
    with Project.open(Config.model_validate(said), store=store) as project:
        offered = project.offer([Item(id=f"f{n}", content=frame) for n, frame in enumerate(frames)])
        assert 1 <= offered.taken <= 0.2 * 40 + 3
        assert {one.why for one in offered.decisions} == {"warm-up"}
        batch = project.ask(offered.taken)
        assert batch.ids == offered.ids
        again = project.offer([Item(id="again", content=frames[int(batch.ids[0][1:])])])
        assert again.decisions[0].detail == f"the same content as {batch.ids[0]!r}"


def picture(colour: np.ndarray) -> bytes:
    """A small picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (32, 32), tuple(int(part) for part in colour)).save(file, "PNG")
    return file.getvalue()


def test_a_feed_does_not_wait_for_what_others_add(learned: Project) -> None:
    learned.offer(stream_of(5))
    learned.add(stream_of(30, seed=8, prefix="added"))
    learned.offer(stream_of(5, seed=9, prefix="later"))
    states = learned.status().states
    assert states["new"] == 30
    assert learned.ask(1).items
    assert learned.status().states["new"] == 0


def test_an_offer_that_never_has_its_turn_says_so(learned: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(*_: object, **__: object) -> list[int]:
        raise VersionError("it has moved")

    monkeypatch.setattr("alaas.projects._offering._TRIES", 3)
    monkeypatch.setattr(learned.store.streams, "advance", moved)
    with pytest.raises(ConflictError, match="moved 3 times"):
        learned.offer(stream_of(3))
