"""A network trained as a whole: it learns, stops, is kept without pickle, and depends on its seed alone."""

import numpy as np
import pytest

from alaas.errors import ConfigError, LearnerError
from alaas.learners import ItemLesson
from alaas.learners.fine_tune import FineTune
from alaas.testing.item_learners import ItemLearnerSuite, stripes

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch

SMALL = {"module": "small_network:Small", "learning_rate": 1e-2, "device": "cpu"}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def lesson(images, targets, classes=("lying", "standing"), kind="multi-class"):
    def inputs(places):
        return {"images": images[places]}

    return ItemLesson(kind=kind, classes=classes, inputs=inputs, targets=targets)


def fit(images, targets, *, seed=0, kind="multi-class", classes=("lying", "standing"), **parameters):
    learner = FineTune(**{**SMALL, **parameters})
    return learner.fit_items(lesson(images, targets, classes, kind), np.random.default_rng(seed))


class TestFineTune(ItemLearnerSuite):
    def make(self):
        return FineTune(**SMALL)


def predicted(fitted, images):
    return fitted.predict_proba(fitted.encode_items({"images": images}))


def test_the_same_seed_gives_the_same_bytes_and_leaves_torchs_own_state_alone():
    images, targets = stripes(20)
    before = torch.get_rng_state()
    one, two, other = (fit(images, targets, seed=seed, epochs=2).dump() for seed in (3, 3, 4))
    assert one == two != other
    assert torch.equal(before, torch.get_rng_state())


def test_a_last_item_alone_does_not_spoil_batch_normalisation():
    images, targets = stripes(9)
    assert np.isfinite(predicted(fit(images, targets, batch_size=4, epochs=2), images)).all()
    assert np.isfinite(predicted(fit(images, targets, batch_size=1, epochs=2), images)).all()


def counted(targets, **parameters):
    """How many items were decoded by a fit on noise, where nothing can be learnt."""
    noise = np.random.default_rng(5).normal(size=(len(targets), 3, 4, 4)).astype(np.float32)
    asked = []

    def inputs(places):
        asked.extend(places.tolist())
        return {"images": noise[places]}

    given = ItemLesson(kind="multi-class", classes=("a", "b"), inputs=inputs, targets=targets)
    FineTune(**{**SMALL, **parameters}).fit_items(given, np.random.default_rng(0))
    return len(asked)


def test_training_stops_when_what_is_held_out_gets_no_better():
    targets = np.random.default_rng(9).integers(0, 2, 40)
    patient = counted(targets, epochs=60, spare=0.0, learning_rate=0.05)
    assert counted(targets, epochs=60, patience=2, learning_rate=0.05) < patient / 2


def test_several_inputs_go_in_by_name_and_tied_weights_are_kept():
    ids = np.random.default_rng(1).integers(0, 10, (20, 5))
    mask = np.ones_like(ids)
    given = ItemLesson(
        kind="multi-class",
        classes=("no", "yes"),
        inputs=lambda places: {"input_ids": ids[places], "attention_mask": mask[places]},
        targets=(ids == 3).any(axis=1).astype(np.int64),
    )
    learner = FineTune(module="small_network:Words", device="cpu", epochs=2)
    fitted = learner.fit_items(given, np.random.default_rng(0))
    inputs = {"input_ids": ids, "attention_mask": mask}
    again = learner.restore(fitted.dump())
    np.testing.assert_array_equal(again.encode_items(inputs), fitted.encode_items(inputs))


def test_stored_bytes_do_not_choose_the_code_that_is_run():
    images, targets = stripes(4)
    content = fit(images, targets, epochs=1).dump()
    with pytest.raises(LearnerError, match=r"made by 'small_network:Small', but .* is 'small_network:small'"):
        FineTune(module="small_network:small").restore(content)
    with pytest.raises(LearnerError, match=r"call FineTune.restore"):
        type(fit(images, targets, epochs=1)).load(content)


def test_damaged_bytes_and_another_network_are_refused():
    images, targets = stripes(4)
    content = fit(images, targets, epochs=1).dump()
    with pytest.raises(LearnerError, match="damaged"):
        FineTune(**SMALL).restore(content[:-5])
    other = content.replace(b"small_network:Small", b"small_network:wide ").replace(b":wide ", b":wide_")
    with pytest.raises(ConfigError, match="wide_"):
        FineTune(module="small_network:wide_").restore(other)
    with pytest.raises(LearnerError, match="does not make the network that was stored"):
        FineTune(module="small_network:Words").restore(
            content.replace(b"small_network:Small", b"small_network:Words")
        )


@pytest.mark.parametrize(
    ("module", "error", "message"),
    [
        ("small_network", ConfigError, "expected package.module:factory"),
        ("small_network:nothing", ConfigError, "cannot find"),
        ("no_such_module:factory", ConfigError, "cannot find"),
        ("small_network:number", ConfigError, "makes a int"),
        ("small_network:Exploding", LearnerError, "loss is"),
        ("small_network:Maps", LearnerError, r"gives \(1, 3, 12, 12\)"),
        ("small_network:Words", LearnerError, "refuses its input, images float32"),
    ],
)
def test_modules_that_do_not_fit_are_refused(module, error, message):
    images, targets = stripes(4)
    with pytest.raises(error, match=message):
        fit(images, targets, module=module)


def test_lessons_and_parameters_that_do_not_fit_are_refused():
    images, targets = stripes(4)
    with pytest.raises(LearnerError, match=r"expected \(m, 2\), bool"):
        fit(images, targets, kind="multi-label")
    with pytest.raises(LearnerError, match="not of the lesson's 2 classes"):
        fit(images, targets + 1)
    with pytest.raises(LearnerError, match="at least 1"):
        fit(images[:0], targets[:0])
    with pytest.raises(ConfigError, match="no device 'abacus'"):
        fit(images, targets, device="abacus")
