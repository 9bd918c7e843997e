"""A network trained as a whole: it learns, stops, is kept without pickle, and depends on its seed alone."""

import threading

import numpy as np
import pytest

from alaas.errors import CancelledError, ConfigError, LearnerError
from alaas.learners import ItemLesson, Lesson
from alaas.learners.fine_tune import FineTune

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch

SMALL = {"module": "small_network:Small", "learning_rate": 1e-2, "device": "cpu"}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def stripes(count, seed=0):
    """Pictures with stripes that lie or stand: the mean colour says nothing, so the network has to learn."""
    rng = np.random.default_rng(seed)
    standing = rng.integers(0, 2, count)
    pattern = np.tile([1.0, -1.0], 6)
    flat = np.broadcast_to(pattern[:, None], (12, 12))
    images = np.stack([flat.T if one else flat for one in standing])[:, None].repeat(3, axis=1)
    return (images + rng.normal(size=images.shape) * 0.3).astype(np.float32), standing.astype(np.int64)


def lesson(images, targets, classes=("lying", "standing"), kind="multi-class"):
    def inputs(places):
        return {"images": images[places]}

    return ItemLesson(kind=kind, classes=classes, inputs=inputs, targets=targets)


def fit(images, targets, *, seed=0, kind="multi-class", classes=("lying", "standing"), **parameters):
    learner = FineTune(**{**SMALL, **parameters})
    return learner.fit_items(lesson(images, targets, classes, kind), np.random.default_rng(seed))


def predicted(fitted, images):
    return fitted.predict_proba(fitted.encode_items({"images": images}))


def test_it_learns_what_the_mean_colour_does_not_say():
    fitted = fit(*stripes(60))
    images, targets = stripes(100, seed=1)
    found = predicted(fitted, images)
    assert (found.argmax(axis=1) == targets).mean() > 0.95
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (found.dtype, fitted.dimensions) == (np.float32, 8)


def test_several_labels_an_item():
    images, standing = stripes(60)
    targets = np.stack([standing == 0, standing == 1, np.ones(60, bool)], axis=1)
    fitted = fit(images, targets, kind="multi-label", classes=("lying", "standing", "picture"))
    images, standing = stripes(50, seed=1)
    found = predicted(fitted, images)
    assert ((found[:, 1] > 0.5) == (standing == 1)).mean() > 0.95
    assert (found[:, 2] > 0.5).all()


def test_the_weights_are_those_of_the_probabilities():
    images, targets = stripes(30)
    fitted = fit(images, targets)
    features = fitted.encode_items({"images": images})
    scores = features @ fitted.weights[:, :-1].T + fitted.weights[:, -1]
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.predict_proba(features), expected, atol=1e-5)


def test_the_same_seed_gives_the_same_bytes_and_leaves_torchs_own_state_alone():
    images, targets = stripes(20)
    before = torch.get_rng_state()
    one, two, other = (fit(images, targets, seed=seed, epochs=2).dump() for seed in (3, 3, 4))
    assert one == two != other
    assert torch.equal(before, torch.get_rng_state())


def test_what_is_restored_says_the_same():
    images, targets = stripes(30)
    fitted = fit(images, targets, epochs=3)
    again = FineTune(**SMALL).restore(fitted.dump())
    assert (again.classes, again.kind) == (fitted.classes, fitted.kind)
    np.testing.assert_array_equal(predicted(again, images), predicted(fitted, images))
    assert again.dump() == fitted.dump()


@pytest.mark.parametrize("count", [1, 2, 9])
def test_few_labels_give_modest_probabilities(count):
    images, targets = stripes(count)
    found = predicted(fit(images, targets, classes=("lying", "standing", "never seen")), images)
    assert np.isfinite(found).all()
    assert found.max() < 0.98


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
    patient = counted(targets, epochs=60, held_out=0.0, learning_rate=0.05)
    assert counted(targets, epochs=60, patience=2, learning_rate=0.05) < patient / 2


def test_whoever_gives_the_items_can_end_the_fit():
    def inputs(places):
        raise CancelledError("stopped")

    given = ItemLesson(kind="multi-class", classes=("a", "b"), inputs=inputs, targets=np.array([0, 1]))
    with pytest.raises(CancelledError):
        FineTune(**SMALL).fit_items(given, np.random.default_rng(0))


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


def test_many_threads_may_ask_at_once():
    images, targets = stripes(20)
    fitted = fit(images, targets, epochs=2)
    expected, found = predicted(fitted, images), []
    threads = [threading.Thread(target=lambda: found.append(predicted(fitted, images))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for one in found:
        np.testing.assert_array_equal(one, expected)


def test_stored_bytes_do_not_choose_the_code_that_is_run():
    images, targets = stripes(4)
    content = fit(images, targets, epochs=1).dump()
    with pytest.raises(LearnerError, match=r"made by 'small_network:Small', but .* is 'small_network:small'"):
        FineTune(module="small_network:small").restore(content)
    with pytest.raises(LearnerError, match=r"call FineTune.restore"):
        type(fit(images, targets, epochs=1)).load(content)


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"x" * 100, bytes(100)])
def test_other_bytes_are_refused(content):
    with pytest.raises(LearnerError, match="not a fine-tuned network"):
        FineTune(**SMALL).restore(content)


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
    features = Lesson(kind="multi-class", classes=("a", "b"), features=images[:, 0, 0], targets=targets)
    with pytest.raises(LearnerError, match="call fit_items"):
        FineTune(**SMALL).fit(features, np.random.default_rng(0))
