"""Panoptic quality: oracles, streams, and the rules for void and absent classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torchmetrics.detection import PanopticQuality

from volseg.errors import InputError
from volseg.metrics import SEMANTIC_KITTI, Panoptic, Rules
from volseg.metrics.panoptic import THRESHOLDS

Ids = NDArray[np.int64]
THINGS = (2, 3)
Sides = tuple[Ids, Ids, Ids, Ids]


@st.composite
def scenes(draw: st.DrawFn, void: bool = True) -> Sides:
    """Rows of cells in runs of objects, and a prediction that errs in some of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    runs = rng.integers(1, 12, draw(st.integers(1, 25)))
    classes = np.repeat(rng.integers(-1 if void else 0, 4, len(runs)), runs)
    ids = np.repeat(rng.integers(1, 8, len(runs)), runs)
    wrong = rng.random(len(classes)) < draw(st.sampled_from([0.0, 0.2, 0.6]))
    shift = draw(st.integers(0, 3))
    predicted = np.where(wrong, rng.integers(0, 4, len(classes)), np.roll(classes, shift))
    predicted_ids = np.where(rng.random(len(classes)) < 0.1, 9, np.roll(ids, shift)) + 100
    return classes, ids, np.maximum(predicted, 0), predicted_ids


def panoptic(*sides: Any, things: tuple[int, ...] = THINGS, classes: int = 4) -> Panoptic:
    objects = Panoptic(classes, things)
    objects.update(*(np.asarray(side, dtype=np.int64) for side in sides))
    return objects


class TestTorchmetrics:
    @given(scenes())
    @settings(max_examples=100, deadline=None)
    def test_every_class(self, scene: Sides) -> None:
        truth, truth_ids, predicted, predicted_ids = scene
        oracle = PanopticQuality(
            things=set(THINGS), stuffs={0, 1}, return_sq_and_rq=True, return_per_class=True,
            allow_unknown_preds_category=True,
        )  # fmt: skip
        pair = [
            torch.from_numpy(np.stack([classes, ids], axis=-1))[None]
            for classes, ids in (
                (predicted, predicted_ids),
                (np.where(truth < 0, 9, truth), truth_ids),
            )
        ]
        # Its rows stand with things first.
        wanted = oracle(*pair).numpy()[[2, 3, 0, 1]]
        scores = panoptic(*scene).scores()
        ours = np.stack([scores.pq, scores.sq, scores.rq], axis=1)
        np.testing.assert_allclose(np.nan_to_num(ours), wanted, atol=1e-12)


class TestSemanticKitti:
    """The example of Kirillov et al. (2019) in the evaluator of SemanticKITTI."""

    # Classes are grass, sky, person, dog.
    # Cells of: truth's class and id, predicted class and id.
    RUNS = (
        (50, -1, 0, -1, 0),
        (40, 0, 0, 0, 0), (10, 0, 0, 1, 0), (40, 1, 0, 1, 0), (10, 1, 0, 0, 0),
        (50, 3, 22, 2, 35),
        (150, 2, 33, 2, 8), (50, 2, 42, 2, 8), (100, 2, 11, 2, 95),
    )  # fmt: skip

    def example(self) -> Panoptic:
        cells, *sides = zip(*self.RUNS, strict=True)
        return panoptic(*(np.repeat(side, cells) for side in sides))

    @pytest.mark.parametrize("rules", [Rules(), SEMANTIC_KITTI])
    def test_its_published_figures(self, rules: Rules) -> None:
        scores = self.example().scores(rules=rules)
        assert scores.mean("pq") == pytest.approx(0.47916666666666663, abs=1e-15)
        assert scores.mean("sq") == pytest.approx(0.5520833333333333, abs=1e-15)
        assert scores.mean("rq") == pytest.approx(0.6666666666666666, abs=1e-15)
        np.testing.assert_allclose(scores.pq, [2 / 3, 2 / 3, 0.5833333333333333, 0])
        np.testing.assert_allclose(scores.sq, [2 / 3, 2 / 3, 0.875, 0])
        np.testing.assert_allclose(scores.rq, [1, 1, 2 / 3, 0])

    def test_small_segments_are_no_errors(self) -> None:
        """Matched ones count at any size, in its code as here."""
        small = Rules(60, loose=True, forgive_void=False, absent="zero")
        person = self.example().scores(rules=small)
        assert (person.tp[2], person.fp[2], person.fn[2]) == (2, 0, 0)
        assert person.tp[3] + person.fp[3] + person.fn[3] == 0
        assert person.pq[3] == 0
        assert person.counted[3]

    def test_things_without_an_id_are_one_segment_more(self) -> None:
        objects = panoptic([2] * 4, [0] * 4, [2] * 4, [0] * 4)
        assert objects.scores(rules=Rules(loose=True)).tp.tolist() == [0, 0, 1, 0]
        assert not objects.scores().tp.any()


def stardist_tp(truth: Ids, predicted: Ids, threshold: float) -> int:
    """Pairs as StarDist's ``matching`` has them: best assignment of IoU *at least* a threshold."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = np.unique(truth[truth > 0]), np.unique(predicted[predicted > 0])
    iou = np.array(
        [
            [
                ((truth == row) & (predicted == column)).sum()
                / ((truth == row) | (predicted == column)).sum()
                for column in columns
            ]
            for row in rows
        ]
    ).reshape(len(rows), len(columns))
    if not iou.size or not (iou >= threshold).any():
        return 0
    cost = -(iou >= threshold).astype(float) - iou / (2 * min(iou.shape))
    chosen = linear_sum_assignment(cost)
    return int((iou[chosen] >= threshold).sum())


class TestStarDist:
    @given(scenes(void=False))
    @settings(max_examples=60, deadline=None)
    def test_all_thresholds_but_those_met_to_the_bit(self, scene: Sides) -> None:
        """Its threshold is *at least*: a hair above ours it is the same."""
        truth, truth_ids, predicted, predicted_ids = scene
        objects = panoptic(*scene)
        pairs = objects.matching("case 1")
        ids = np.where(truth == 2, truth_ids, 0), np.where(predicted == 2, predicted_ids, 0)
        for percent in (*THRESHOLDS, 90):
            ours = (pairs.truth.classes[pairs.rows[pairs.matched(percent)]] == 2).sum()
            assert ours == stardist_tp(*ids, percent / 100 + 1e-9)

    def test_figures_of_its_own(self) -> None:
        """What ``stardist.matching.matching`` 0.9.2 says of discs that are shifted and wrong."""
        y, x = np.mgrid[:32, :32]

        def discs(shift: int, square: int) -> Ids:
            rows, columns = (y + shift) % 8 - 4, x % 8 - 4
            return np.where(rows**2 + columns**2 <= square, (y + shift) // 8 * 100 + x // 8 + 1, 0)

        truth, predicted = discs(0, 9), discs(1, 11)
        predicted[:, 24:] = np.where(predicted[:, 24:] > 0, 999, 0)
        predicted[:8, :8] = 0
        predicted[8:16, :4] = np.where(predicted[8:16, :4] > 0, 998, 0)
        objects = panoptic(truth > 0, truth, predicted > 0, predicted, classes=2, things=(1,))
        scores = objects.scores()
        assert (scores.tp[1], scores.fp[1], scores.fn[1]) == (10, 3, 6)
        assert scores.f1[1] == pytest.approx(0.6896551724137931)
        assert scores.ap50[1] == scores.ap[1, 2] == pytest.approx(0.5263157894736842)
        assert scores.pq[1] == pytest.approx(0.4482758620689655)
        assert scores.sq[1] == pytest.approx(0.65)
        assert scores.ap[1, 4] == 0  # at 0.7
        pairs = objects.matching("case 1")
        assert (pairs.truth.classes[pairs.rows[pairs.matched(30)]] == 1).sum() == 11


@given(scenes(), st.data())
@settings(max_examples=60, deadline=None)
def test_tiles_in_any_order_are_the_whole(scene: Sides, data: st.DataObject) -> None:
    tiles = data.draw(st.integers(1, 5))
    owner = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, tiles, len(scene[0]))
    whole, one, two = panoptic(*scene), Panoptic(4, THINGS), Panoptic(4, THINGS)
    for tile in range(tiles):
        half = one if tile % 2 else two
        half.update(*(side[owner == tile] for side in scene), case="case 1")
    one.merge(two)
    for name in ("truth", "predicted", "counts"):
        pair = getattr(one.cases["case 1"], name), getattr(whole.cases["case 1"], name)
        assert np.array_equal(*pair)


@given(scenes(), st.randoms(use_true_random=False))
def test_names_of_ids_do_not_matter(scene: Sides, random: Any) -> None:
    truth, truth_ids, predicted, predicted_ids = scene
    names = np.array(random.sample(range(1, 2**32), 120))
    renamed = panoptic(truth, names[truth_ids], predicted, names[predicted_ids])
    before, after = panoptic(*scene).scores(), renamed.scores()
    np.testing.assert_allclose(before.pq, after.pq)
    assert np.array_equal(before.ap, after.ap, equal_nan=True)


def test_void_is_in_no_union_and_a_prediction_mostly_void_is_no_error() -> None:
    truth, ids = [-1] * 5 + [2] * 4 + [0] * 2, [0] * 5 + [1] * 4 + [0] * 2
    predicted, predicted_ids = [2] * 8 + [0] + [2] * 2, [5] * 3 + [6] * 5 + [0] + [7] * 2
    scores = panoptic(truth, ids, predicted, predicted_ids).scores()
    assert scores.sq[2] == 3 / 4  # of the 5 cells of object 6 only 3 have a truth
    assert (scores.tp[2], scores.fp[2], scores.fn[2]) == (1, 1, 0)  # 7 is wrong, 5 is void


def test_a_thing_without_an_id_is_void_to_its_class_alone() -> None:
    sides = [2] * 6, [0] * 6, [2] * 3 + [3] * 3, [1] * 3 + [2] * 3
    assert panoptic(*sides).scores().fp.tolist() == [0, 0, 0, 1]


def test_cases_add_up_and_a_class_absent_is_nan_or_zero() -> None:
    objects = panoptic([2, 2], [1, 1], [2, 2], [4, 4])
    objects.update(np.array([2, 2]), np.array([1, 1]), np.array([0, 0]), np.array([0, 0]))
    assert list(objects.cases) == ["case 1", "case 2"]
    assert [objects.scores(case).pq[2] for case in objects.cases] == [1, 0]
    scores = objects.scores()
    assert scores.pq[2] == scores.f1[2] == 2 / 3
    assert np.isnan(scores.pq[3])
    assert scores.pq[0] == 0
    assert scores.mean("pq") == scores.mean("pq", [2]) == 2 / 3
    assert scores.mean_ap[2] == scores.ap50[2] == scores.coverage[2] == 0.5
    assert np.isnan(scores.mean("pq", [3]))
    assert objects.scores(rules=Rules(absent="zero")).pq[3] == 0


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (([4], [0], [0], [0]), "truth: class 4; wanted -1 to 3"),
        (([0], [-1], [0], [0]), "truth: object id -1; wanted 0 to 4294967295"),
        (([0], [0], [0], [2**32]), "prediction: object id 4294967296"),
        (([0], [0, 1], [0], [0]), "truth: classes have shape"),
        (([0], [0], [0, 0], [0, 0]), r"truth has shape \(1,\) and prediction \(2,\)"),
    ],
)
def test_wrong_values_are_one_line(sides: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        panoptic(*sides)


def test_wrong_classes_are_one_line() -> None:
    with pytest.raises(InputError, match="class 4 as a thing; wanted 0 to 3"):
        Panoptic(4, [4])
    with pytest.raises(InputError, match="of other classes"):
        Panoptic(4, [1]).merge(Panoptic(4, [2]))
    with pytest.raises(InputError, match="no case 'a'; wanted one of none"):
        Panoptic(4, [1]).scores("a")
