"""What is printed lies where the labels say."""

from __future__ import annotations

import numpy as np

from tests.synthetic.pages.paper import blank, ink
from volseg.synthetic.pages.founts import founts
from volseg.synthetic.pages.sheet import Box, PageLabel, draw_style, words_for


def test_a_rule_is_marked_a_pixel_wider() -> None:
    sheet, _ = blank()
    sheet.rule(Box(50, 20, 51, 90))
    assert ink(sheet).sum() == 70
    assert (sheet.labels[ink(sheet)] == PageLabel.RULE).all()
    assert (sheet.labels == PageLabel.RULE).sum() == 3 * 72


def test_things_are_numbered_and_stuff_is_not() -> None:
    sheet, _ = blank()
    sheet.mark(Box(0, 0, 9, 9), PageLabel.PICTURE, thing=True)
    sheet.mark(Box(20, 0, 29, 9), PageLabel.ADVERT, thing=True)
    sheet.mark(Box(0, 0, 2, 2), PageLabel.TEXT)
    assert np.bincount(sheet.objects.ravel())[1:].tolist() == [77, 81]


def test_a_line_takes_words_that_fit_and_leaves_the_others() -> None:
    sheet, style = blank()
    words = words_for(sheet, style, 100)
    start, end = sheet.line(words, (20, 50), 200, style.body, style.size, justify=True)
    assert (start, end) == (20, 220)
    assert 0 < len(words) < 100
    columns = np.flatnonzero(ink(sheet).any(axis=0))
    assert columns[0] >= 17
    assert columns[-1] <= 223


def test_a_word_wider_than_its_column_is_shortened_until_it_ends() -> None:
    sheet, style = blank()
    words = ["m" * 40]
    while words:
        sheet.line(words, (0, 0), 30, style.body, style.size)


def test_a_style_has_letters_of_both_its_founts() -> None:
    for seed in range(20):
        style = draw_style(np.random.default_rng(seed), founts())
        assert len(set(style.letters)) > 15
        assert style.pitch > style.size
