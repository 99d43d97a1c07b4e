"""Pages: seeds, classes, objects."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.synthetic.pages import generate_page
from volseg.synthetic.pages.sheet import PageLabel
from volseg.synthetic.pictures import LabelledPicture


@pytest.fixture(scope="module")
def pages() -> list[LabelledPicture]:
    return [generate_page(seed) for seed in range(6)]


def test_the_same_seed_gives_the_same_pixels(pages: list[LabelledPicture]) -> None:
    np.random.seed(1)  # noqa: NPY002 - the global state must not matter
    again = generate_page(2)
    assert again.image.tobytes() == pages[2].image.tobytes()
    assert again.labels.tobytes() == pages[2].labels.tobytes()
    assert again.objects.tobytes() == pages[2].objects.tobytes()


def test_every_class_occurs_and_no_other(pages: list[LabelledPicture]) -> None:
    there = set(np.concatenate([np.unique(page.labels) for page in pages]).tolist())
    assert there == set(PageLabel)


def test_objects_are_pictures_tables_and_adverts(pages: list[LabelledPicture]) -> None:
    things = [PageLabel.PICTURE, PageLabel.TABLE, PageLabel.ADVERT]
    for page in pages:
        assert page.image.shape == (*page.labels.shape, 3)
        np.testing.assert_array_equal(page.objects > 0, np.isin(page.labels, things))


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed is -1"):
        generate_page(-1)
