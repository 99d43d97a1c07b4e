"""Letters at the edges of slices: what lies there, and no more than the slice."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from volseg.view.volumes.sides import sides_of, write_sides


def test_letters_say_what_lies_where() -> None:
    assert [sides_of(*axes) for axes in ((0, 1), (0, 2), (1, 2))] == ["LRAP", "LRSI", "PASI"]
    turned = [sides_of(*axes, radiological=True) for axes in ((0, 1), (0, 2), (1, 2))]
    assert turned == ["RLAP", "RLSI", "PASI"]


@pytest.mark.parametrize("number", [0, 1, 2, 3], ids=["left", "right", "above", "below"])
def test_a_letter_stands_at_its_edge(number: int) -> None:
    image = Image.new("RGB", (200, 120), "grey")
    before = np.asarray(image).copy()
    write_sides(image, "".join("A" if k == number else " " for k in range(4)), 12)
    rows, columns = np.nonzero((np.asarray(image) != before).any(axis=2))
    place = columns.mean() / 200, rows.mean() / 120
    wanted = ((0, 0.5), (1, 0.5), (0.5, 0), (0.5, 1))[number]
    assert place == pytest.approx(wanted, abs=0.12)
