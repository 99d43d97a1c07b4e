"""The confusion matrix: oracles, streams, and the rules for ignored and absent classes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
import torchmetrics.functional.classification as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.metrics import confusion as metrics
from volseg.metrics.confusion import Confusion, Scores

Ids = NDArray[np.int64]
PER_CLASS = ("iou", "dice", "precision", "recall", "support")


@st.composite
def labellings(
    draw: st.DrawFn, ignored_predictions: bool = True, fewest: int = 0
) -> tuple[int, Ids, Ids]:
    """Number of classes, truth and prediction; often with absent classes and ignored ids."""
    K, N = draw(st.integers(2, 7)), draw(st.integers(fewest, 200))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    top = draw(st.integers(1, K))
    truth = rng.integers(draw(st.sampled_from([-1, 0])), top, N)
    guess = rng.integers(-1 if ignored_predictions else 0, K, N)
    keep = rng.random(N) < draw(st.sampled_from([0.0, 0.7, 1.0]))
    return K, truth, np.where(keep & ((truth >= 0) | ignored_predictions), truth, guess)


def confusion(classes: int, truth: Any, predicted: Any) -> Confusion:
    counted = Confusion(classes)
    counted.update(np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64))
    return counted


def same(one: Scores, two: Scores) -> None:
    for name in (*PER_CLASS, "mean_iou", "overall_accuracy"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


class TestTorchmetrics:
    @given(labellings(ignored_predictions=False, fewest=1))
    @settings(max_examples=100, deadline=None)
    def test_per_class_scores(self, labelling: tuple[int, Ids, Ids]) -> None:
        K, truth, predicted = labelling
        ours = confusion(K, truth, predicted).scores(absent="zero")
        options: Any = {"num_classes": K, "average": None, "ignore_index": IGNORE}
        pair = torch.from_numpy(predicted), torch.from_numpy(truth)
        for name, score in (
            ("iou", oracle.multiclass_jaccard_index),
            ("dice", oracle.multiclass_f1_score),
            ("precision", oracle.multiclass_precision),
            ("recall", oracle.multiclass_recall),
        ):
            # It gives an absent class 0, as absent="zero" does.
            wanted = score(*pair, **options).numpy()
            np.testing.assert_allclose(getattr(ours, name), wanted, atol=1e-6, err_msg=name)

    @given(labellings(ignored_predictions=False, fewest=1))
    @settings(max_examples=50, deadline=None)
    def test_counts_and_accuracy(self, labelling: tuple[int, Ids, Ids]) -> None:
        K, truth, predicted = labelling
        ours = confusion(K, truth, predicted)
        options: Any = {"num_classes": K, "ignore_index": IGNORE}
        pair = torch.from_numpy(predicted), torch.from_numpy(truth)
        wanted = oracle.multiclass_confusion_matrix(*pair, **options)
        np.testing.assert_array_equal(ours.matrix, wanted.numpy())
        if (truth != IGNORE).any():
            accuracy = oracle.multiclass_accuracy(*pair, average="micro", **options).item()
            assert ours.scores().overall_accuracy == pytest.approx(accuracy, abs=1e-6)


class TestSemanticKitti:
    """The arithmetic of its public iouEval: rows prediction, class 0 ignored, absent classes 0."""

    @given(labellings())
    @settings(max_examples=100, deadline=None)
    def test_iou(self, labelling: tuple[int, Ids, Ids]) -> None:
        K, truth, predicted = labelling
        table = np.zeros((K + 1, K + 1), dtype=np.int64)
        np.add.at(table, (predicted + 1, truth + 1), 1)
        table[:, 0] = 0
        tp = np.diag(table)
        fp, fn = table.sum(axis=1) - tp, table.sum(axis=0) - tp
        iou = tp / (tp + fp + fn + 1e-15)
        ours = confusion(K, truth, predicted).scores(absent="zero")
        np.testing.assert_allclose(ours.iou, iou[1:], rtol=1e-12)
        assert ours.mean_iou == pytest.approx(iou[1:].mean(), rel=1e-12)
        if (predicted != IGNORE).all():
            # Its accuracy leaves ignored predictions out; ours counts them as wrong.
            accuracy = tp.sum() / (tp[1:].sum() + fp[1:].sum() + 1e-15)
            assert ours.overall_accuracy == pytest.approx(accuracy, rel=1e-12)

    def test_the_two_squares_of_its_self_test(self) -> None:
        truth, predicted = np.zeros((7, 7), dtype=int), np.zeros((7, 7), dtype=int)
        truth[2:4, 2:4] = 1
        predicted[3:5, 3:5] = 1
        scores = confusion(2, truth, predicted).scores()
        np.testing.assert_allclose(scores.iou, [42 / 48, 1 / 7])
        assert scores.mean_iou == pytest.approx((42 / 48 + 1 / 7) / 2)
        assert scores.overall_accuracy == pytest.approx(43 / 49)


class TestHandMade:
    def test_rows_are_truth(self) -> None:
        counted = confusion(3, [0, 0, 0, 1, 1, 2], [0, 1, 1, 1, 2, 2])
        assert counted.matrix.tolist() == [[1, 2, 0], [0, 1, 1], [0, 0, 1]]
        assert counted.matrix.dtype == np.int64
        scores = counted.scores()
        np.testing.assert_allclose(scores.iou, [1 / 3, 1 / 4, 1 / 2])
        np.testing.assert_allclose(scores.dice, [2 / 4, 2 / 5, 2 / 3])
        np.testing.assert_allclose(scores.precision, [1, 1 / 3, 1 / 2])
        np.testing.assert_allclose(scores.recall, [1 / 3, 1 / 2, 1])
        assert scores.support.tolist() == [3, 2, 1]
        assert scores.mean_iou == pytest.approx((1 / 3 + 1 / 4 + 1 / 2) / 3)
        assert scores.overall_accuracy == pytest.approx(3 / 6)

    def test_absent_classes(self) -> None:
        # 0 is right, 1 is never predicted, 2 is never true, 3 is in neither.
        counted = confusion(4, [0, 0, 1], [0, 0, 2])
        scores = counted.scores()
        for name in ("iou", "dice", "precision", "recall"):
            np.testing.assert_array_equal(getattr(scores, name), [1, 0, 0, np.nan])
        # The mean is over what the truth has: 0 and 1.
        assert scores.counted.tolist() == [True, True, False, False]
        assert scores.invented.tolist() == [0, 0, 1, 0]
        assert (scores.mean_iou, scores.mean_dice) == (0.5, 0.5)
        assert counted.to_json("abcd")["not_in_mean"] == ["c"]
        zeroed = counted.scores(absent="zero")
        np.testing.assert_array_equal(zeroed.iou, [1, 0, 0, 0])
        assert zeroed.mean_iou == pytest.approx(1 / 4)

    def test_ignored_truth_counts_nowhere(self) -> None:
        counted = confusion(2, [0, 1, -1, -1, -1], [0, 1, 0, 1, -1])
        same(counted.scores(), confusion(2, [0, 1], [0, 1]).scores())

    def test_ignored_prediction_is_a_miss_and_nobodys_false_alarm(self) -> None:
        counted = confusion(2, [0, 0, 1, 1], [0, -1, 1, 1])
        assert counted.matrix.tolist() == [[1, 0], [0, 2]]
        assert counted.missed.tolist() == [1, 0]
        scores = counted.scores()
        np.testing.assert_array_equal(scores.iou, [1 / 2, 1])
        np.testing.assert_array_equal(scores.precision, [1, 1])
        np.testing.assert_array_equal(scores.recall, [1 / 2, 1])
        assert scores.support.tolist() == [2, 2]
        assert scores.overall_accuracy == 3 / 4

    @pytest.mark.parametrize("truth", [[], [-1, -1]])
    def test_nothing_labelled(self, truth: list[int]) -> None:
        counted = confusion(2, truth, [0] * len(truth))
        scores = counted.scores()
        assert np.isnan([*scores.iou, scores.mean_iou, scores.overall_accuracy]).all()
        zeroed = counted.scores(absent="zero")
        assert [*zeroed.iou, zeroed.mean_iou, zeroed.overall_accuracy] == [0, 0, 0, 0]


class TestStreams:
    @given(labellings(), st.integers(0, 2**31))
    @settings(max_examples=60, deadline=None)
    def test_parts_make_the_whole_in_any_order(
        self, labelling: tuple[int, Ids, Ids], seed: int
    ) -> None:
        K, truth, predicted = labelling
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(truth))
        parts = np.array_split(order, rng.integers(1, 5))
        streamed, merged = Confusion(K), Confusion(K)
        for part in parts:
            streamed.update(truth[part], predicted[part])
            merged.merge(confusion(K, truth[part], predicted[part]))
        whole = confusion(K, truth, predicted)
        np.testing.assert_array_equal(streamed.counts, whole.counts)
        np.testing.assert_array_equal(merged.counts, whole.counts)
        same(streamed.scores(), whole.scores())

    @given(labellings())
    @settings(max_examples=30, deadline=None)
    def test_identities(self, labelling: tuple[int, Ids, Ids]) -> None:
        K, truth, predicted = labelling
        counted = confusion(K, truth, predicted)
        scores = counted.scores()
        assert counted.counts.sum() == (truth != IGNORE).sum()
        assert scores.support.tolist() == [(truth == c).sum() for c in range(K)]
        np.testing.assert_allclose(scores.dice, 2 * scores.iou / (1 + scores.iou))

    def test_chunks_leave_no_seam(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rng = np.random.default_rng(0)
        truth, predicted = rng.integers(-1, 5, (2, 1000))
        whole = confusion(5, truth, predicted)
        monkeypatch.setattr(metrics, "CHUNK", 37)
        np.testing.assert_array_equal(confusion(5, truth, predicted).counts, whole.counts)

    @pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32, np.uint64])
    def test_integer_types_do_not_wrap(self, dtype: Any) -> None:
        # 100 classes make keys beyond 8 bits and ids near the end of int8.
        ids = np.arange(100)
        counted = Confusion(100)
        counted.update(ids.astype(dtype), ids[::-1].astype(dtype))
        np.testing.assert_array_equal(counted.matrix, np.fliplr(np.eye(100, dtype=np.int64)))

    def test_tensors_and_shapes(self) -> None:
        truth, predicted = torch.randint(-1, 3, (2, 4, 5, 6)), torch.randint(0, 3, (2, 4, 5, 6))
        counted = Confusion(3)
        counted.update(truth, predicted.to(torch.int32))
        flat = confusion(3, truth.numpy().ravel(), predicted.numpy().ravel())
        np.testing.assert_array_equal(counted.counts, flat.counts)

    def test_matrix_is_a_snapshot(self) -> None:
        counted = confusion(2, [0], [0])
        before = counted.matrix
        counted.update(np.array([0]), np.array([0]))
        assert before[0, 0] == 1


class TestJson:
    def test_schema(self) -> None:
        report = confusion(3, [0, 0, 1], [0, 1, 1]).to_json(("ground", "tree", "car"))
        assert json.loads(json.dumps(report, allow_nan=False)) == {
            "classes": {
                "ground": {
                    "iou": 0.5,
                    "dice": 2 / 3,
                    "precision": 1.0,
                    "recall": 0.5,
                    "support": 2,
                },
                "tree": {"iou": 0.5, "dice": 2 / 3, "precision": 0.5, "recall": 1.0, "support": 1},
                "car": {"iou": None, "dice": None, "precision": None, "recall": None, "support": 0},
            },
            "mean_iou": 0.5,
            "overall_accuracy": 2 / 3,
            "confusion": [[1, 1, 0], [0, 1, 0], [0, 0, 0]],
            "labels": ["ground", "tree", "car"],
        }

    def test_missed_points_are_told(self) -> None:
        report = confusion(2, [0, 0, 1], [0, -1, 1]).to_json(("a", "b"))
        assert report["missed"] == [1, 0]
        assert report["confusion"] == [[1, 0], [0, 1]]

    def test_absent_as_zero(self) -> None:
        report = confusion(2, [0], [0]).to_json(("a", "b"), absent="zero")
        assert report["classes"]["b"]["iou"] == 0
        assert report["mean_iou"] == 0.5

    def test_nothing_labelled_is_null(self) -> None:
        report = Confusion(1).to_json(("a",))
        assert report["mean_iou"] is None
        assert report["overall_accuracy"] is None

    def test_wrong_number_of_names(self) -> None:
        with pytest.raises(InputError, match="1 class names; wanted 2"):
            Confusion(2).to_json(("a",))


class TestBadInput:
    @pytest.mark.parametrize(("truth", "predicted"), [([0, 3], [0, 0]), ([0, 1], [-2, 0])])
    def test_ids_out_of_range(self, truth: list[int], predicted: list[int]) -> None:
        counted = Confusion(3)
        with pytest.raises(InputError, match=r"class id (3|-2); wanted training ids from -1"):
            counted.update(np.array(truth), np.array(predicted))
        assert counted.counts.sum() == 0

    def test_huge_unsigned_ids(self) -> None:
        with pytest.raises(InputError, match="class id 18446744073709551615"):
            Confusion(3).update(np.array([2**64 - 1], dtype=np.uint64), np.array([0]))

    def test_other_shapes(self) -> None:
        with pytest.raises(InputError, match=r"shape \(2,\) and prediction \(3,\)"):
            confusion(2, [0, 1], [0, 1, 1])

    @pytest.mark.parametrize("dtype", [np.float32, np.bool_])
    def test_not_integers(self, dtype: Any) -> None:
        with pytest.raises(InputError, match="integer class ids"):
            Confusion(2).update(np.array([0, 1], dtype=dtype), np.array([0, 1]))

    def test_no_classes(self) -> None:
        with pytest.raises(InputError, match="0 classes"):
            Confusion(0)

    def test_merging_other_classes(self) -> None:
        with pytest.raises(InputError, match="3 classes into 2"):
            Confusion(2).merge(Confusion(3))


def test_scoring_needs_no_torch() -> None:
    code = "import sys, volseg.metrics.confusion; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
