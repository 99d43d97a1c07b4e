"""Curves of a run: whatever was measured, nothing is cut off, and the user's settings stay."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.geometry.colours import default_colour, rgb
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.view.charts.curves import draw_curves

LABELS = LabelMap((LabelClass("ground", (1,), "#E69F00"), LabelClass("car", (2,), "#0072B2")))


def many(count: int, name: str = "region") -> LabelMap:
    return LabelMap(tuple(LabelClass(f"{name} {k}", (k,), default_colour(k)) for k in range(count)))


def history(labels: LabelMap, epochs: int, score: float | None = 0.5) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, epochs + 1):
        row: dict[str, Any] = {"epoch": number, "loss": 1 / number, "learning_rate": 0.01}
        if score is not None:
            row |= {"mean_iou": score} | {f"iou_{name}": score for name in labels.names}
        rows.append(row)
    return rows


def margin(image: Image.Image, pixels: int = 2) -> NDArray[np.bool_]:
    """Where something is drawn at the picture's rim."""
    ink = (np.asarray(image) != 255).any(axis=2)
    inner = np.zeros_like(ink)
    inner[pixels:-pixels, pixels:-pixels] = True
    return np.asarray(ink & ~inner)


def holds(image: Image.Image, colour: str) -> bool:
    return bool((np.asarray(image) == rgb(colour)).all(axis=2).any())


@pytest.mark.parametrize(("classes", "epochs"), [(1, 1), (2, 300), (14, 2), (15, 1), (116, 40)])
def test_nothing_touches_the_rim(classes: int, epochs: int) -> None:
    labels = many(classes, "the rather long name of a region of the brain")
    assert not margin(draw_curves(history(labels, epochs), labels)).any()


def test_classes_have_the_colours_of_the_label_map() -> None:
    rows = history(LABELS, 5)
    rows[-1] |= {"iou_ground": 0.2, "iou_car": 0.8}
    picture = draw_curves(rows, LABELS)
    assert all(holds(picture, one.colour) for one in LABELS.classes)


def test_a_run_that_does_not_validate_has_loss_and_rate_alone() -> None:
    without, with_scores = (draw_curves(history(LABELS, 3, score), LABELS) for score in (None, 0.5))
    assert without.width < with_scores.width
    assert not any(holds(without, one.colour) for one in LABELS.classes)


def test_scores_that_are_not_defined_are_drawn_as_gaps() -> None:
    rows = history(LABELS, 4)
    rows[1]["iou_car"] = rows[3]["iou_car"] = math.nan
    assert not margin(draw_curves(rows, LABELS)).any()
    nothing = draw_curves(history(LABELS, 1, math.nan), LABELS)
    assert not margin(nothing).any()


@pytest.mark.parametrize("name", ["_private", "a $b$ {c} \\frac", "straße, 街道", "x" * 200])
def test_any_name_is_written_as_it_is(name: str, recwarn: pytest.WarningsRecorder) -> None:
    labels = LabelMap((LabelClass(name, (1,), "#E69F00"),))
    picture = draw_curves(history(labels, 2), labels)
    assert holds(picture, "#E69F00")
    assert not margin(picture).any()
    assert not recwarn.list


@pytest.mark.parametrize("losses", [[0.0, 0.0], [1e3, 1e-3], [-0.5, -0.9]])
def test_any_finite_loss_is_drawn(losses: list[float]) -> None:
    rows = history(LABELS, 2)
    for row, loss in zip(rows, losses, strict=True):
        row["loss"] = loss
    assert not margin(draw_curves(rows, LABELS)).any()


def test_settings_of_the_user_change_nothing_and_are_kept() -> None:
    import matplotlib as mpl

    rows = history(LABELS, 3)
    plain = draw_curves(rows, LABELS)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black"}):
        assert np.array_equal(plain, draw_curves(rows, LABELS))
        assert mpl.rcParams["font.size"] == 30
