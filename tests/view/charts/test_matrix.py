"""Scores in a picture: shares of the truth, bars as long as the IoU is high."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.geometry.colours import default_colour, rgb
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.metrics.confusion import Confusion
from volseg.view.charts.matrix import draw_scores


def labels_of(classes: int, name: str = "class") -> LabelMap:
    return LabelMap(
        tuple(LabelClass(f"{name} {k}", (k,), default_colour(k)) for k in range(classes))
    )


def draw(counts: NDArray[np.int64], *, matrix: bool = True, name: str = "class") -> Image.Image:
    confusion = Confusion(len(counts))
    confusion.counts[:] = counts
    scores = confusion.scores()
    return draw_scores(
        labels_of(len(counts), name), scores.iou, scores.support,
        cells="points", title="a title", confusion=confusion if matrix else None,
    )  # fmt: skip


def random_counts(classes: int, missed: bool = False) -> NDArray[np.int64]:
    counts = np.random.default_rng(classes).integers(0, 1000, (classes, classes + 1))
    if not missed:
        counts[:, -1] = 0
    return counts


def rim(image: Image.Image) -> NDArray[np.bool_]:
    ink = (np.asarray(image) != 255).any(axis=2)
    ink[2:-2, 2:-2] = False
    return np.asarray(ink)


def bar(image: Image.Image, number: int) -> int:
    """Pixels of the longest row in the colour of a class."""
    own = (np.asarray(image) == rgb(default_colour(number))).all(axis=2)
    return int(own.sum(axis=1).max())


@pytest.mark.parametrize(
    ("classes", "matrix", "missed"),
    [(1, True, True), (1, False, False), (2, True, False), (24, True, True), (25, True, False),
     (116, True, True), (116, False, False)],
)  # fmt: skip
def test_nothing_touches_the_rim(classes: int, matrix: bool, missed: bool) -> None:
    counts = random_counts(classes, missed)
    picture = draw(counts, matrix=matrix, name="the rather long name of a region")
    assert not rim(picture).any()


@pytest.mark.parametrize("matrix", [True, False])
def test_bars_are_as_long_as_the_iou_is_high(matrix: bool) -> None:
    counts = np.zeros((3, 4), dtype=np.int64)
    counts[0, 0] = 80
    counts[0, 2] = 80  # class 0 has an IoU of 0.5, class 1 of 1, class 2 of 0
    counts[1, 1] = 7
    picture = draw(counts, matrix=matrix)
    assert bar(picture, 0) == pytest.approx(bar(picture, 1) / 2, abs=4)
    assert bar(picture, 2) == 0


def test_the_matrix_shows_shares_of_the_truth() -> None:
    supports = np.array([5, 50, 500, 5_000_000])
    right = np.hstack([np.diag(supports), np.zeros((4, 1), dtype=np.int64)])
    darkest = (8, 48, 107)  # of matplotlib's Blues
    full = (np.asarray(draw(right)) == darkest).all(axis=2)
    rows, columns = full.any(axis=1).sum(), full.any(axis=0).sum()
    # Four cells on the diagonal, without the numbers in them.
    assert 0.8 * rows * columns / 4 < full.sum() <= rows * columns / 4 * 1.05
    right[3] = [2_500_000, 0, 0, 2_500_000, 0]
    fewer = (np.asarray(draw(right)) == darkest).all(axis=2)
    assert fewer.sum() == pytest.approx(full.sum() * 3 / 4, rel=0.05)


def test_classes_that_nothing_holds_are_said_to_be_absent() -> None:
    counts = random_counts(3)
    counts[2] = counts[:, 2] = 0
    full, absent = draw(random_counts(3)), draw(counts)
    assert bar(full, 2) > 0 == bar(absent, 2)
    assert not rim(draw(np.zeros((3, 4), dtype=np.int64))).any()


def test_a_class_that_is_predicted_only_is_said_to_be_no_truth() -> None:
    counts = np.zeros((2, 3), dtype=np.int64)
    counts[0, :2] = 5
    nowhere = counts.copy()
    nowhere[0, 1] = 0
    assert (np.asarray(draw(counts)) != np.asarray(draw(nowhere))).any()
    assert not rim(draw(counts)).any()
