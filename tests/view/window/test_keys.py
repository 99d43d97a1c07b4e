"""Keys: which mode, which classes, which spot, without a window."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look
from volseg.view.window.keys import HELP, MODES, caption, first_look, press, toggle


def scene(*, truth: bool = True) -> ScanScene:
    """Three clusters of 5, 3 and 1 wrong points among others, far apart."""
    xyz = np.random.default_rng(0).random((300, 3)) * 100
    xyz[:9] = np.repeat([(0, 0, 0), (60, 0, 0), (90, 90, 0)], (5, 3, 1), axis=0)
    guess = np.where(np.arange(300) < 9, 7, 4)
    attributes = {"Intensity": np.arange(300), "echo": np.ones(300)}
    cloud = PointCloud(xyz, attributes, guess, np.full(300, 0.5, np.float32))
    cloud = cloud.with_instances(np.arange(300) // 30)
    return ScanScene("a", cloud, truth=np.full(300, 4) if truth else None, most=10**6)


@pytest.mark.parametrize(("key", "mode"), MODES.items())
def test_letters_choose_what_there_is(key: str, mode: str) -> None:
    look = press(key, Look("height"), scene())
    wanted = {"intensity": "Intensity", "colour": "height"}.get(mode, mode)
    assert look == Look(wanted)
    assert f"{key} {mode}" in HELP


def test_m_goes_round_all_modes() -> None:
    look, seen = Look("class"), []
    for _ in scene().modes:
        seen.append(look.mode)
        look = press("M", look, scene())
    assert look.mode == "class"
    assert tuple(seen) == scene().modes
    assert "echo" in seen


def test_digits_hide_and_show_and_zero_shows_all() -> None:
    look = press("2", Look("class"), scene())
    assert look.hidden == {1}
    assert press("1", look, scene()).hidden == {0, 1}
    assert press("2", look, scene()).hidden == set()
    assert press("0", press("1", look, scene()), scene()).hidden == set()
    assert press("9", look, scene()) == look  # no such class
    assert toggle(look, 0, scene()).hidden == {0, 1}


def test_n_and_b_step_through_the_worst_spots_and_round() -> None:
    looks = [Look("error")]
    for key in "NNNNB":
        looks.append(press(key, looks[-1], scene()))
    assert [look.step for look in looks] == [None, 0, 1, 2, 0, 2]
    assert [look.focus.count for look in looks if look.focus] == [5, 3, 1, 5, 1]
    assert press("B", Look("error"), scene()).step == 2
    assert caption(looks[2], scene()) == "worst spot 2 of 3: 3 wrong"
    assert press("V", looks[2], scene()) == Look("error")
    assert caption(Look("error"), scene()) == ""


@pytest.mark.parametrize("key", ["N", "B", "E", "T", "Z", "K"])
def test_keys_that_mean_nothing_here_do_nothing(key: str) -> None:
    assert press(key, Look("class"), scene(truth=False)) == Look("class")


def test_x_takes_slices_away_and_brings_them_back() -> None:
    look = Look("class")
    seen = [(look := press("X", look, scene())).slices for _ in range(3)]
    assert seen == ["lying", "none", "all"]


def test_the_first_look_is_the_one_named_in_any_case() -> None:
    assert first_look(scene(), None) == Look("class")
    assert first_look(scene(), "INTENSITY") == Look("Intensity")
    with pytest.raises(InputError, match="'warmth'; this one offers class, truth, error"):
        first_look(scene(), "warmth")
    with pytest.raises(InputError, match="need --truth"):
        first_look(scene(truth=False), "error")
