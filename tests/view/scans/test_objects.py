"""Objects in a window: the worst in turn, the row of one that is clicked, errors by colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from volseg.geometry import PointCloud
from volseg.geometry.colours import rgb
from volseg.io import write
from volseg.view.object_colours import ERROR_COLOURS
from volseg.view.opening import open_scene
from volseg.view.scans.objects import read_rows
from volseg.view.scene import Look, Scene
from volseg.view.window.keys import caption, listing, press

IDS = np.repeat([0, 5, 6, 7], (300, 100, 120, 90))


def scene(folder: Path, *, table: bool = True) -> Scene:
    """Object 5 is missed, 6 is two, 7 is right."""
    random = np.random.default_rng(0)
    xyz = random.uniform(0, 2, (len(IDS), 3)) + 5.0 * np.searchsorted([0, 5, 6, 7], IDS)[:, None]
    guesses = np.where(IDS == 5, 0, IDS)
    guesses[np.flatnonzero(IDS == 6)[::2]] = 8
    for name, ids in {"guess": guesses, "truth": IDS}.items():
        labels = np.where(ids > 0, 6, 2)
        write(folder / f"{name}.laz", PointCloud(xyz, {}, labels, instances=ids))
    if table:
        (folder / "guess.objects.csv").write_text("id,class,points,x,x_min\n7,house,90,16.0,15.1\n")
    return open_scene(folder / "guess.laz", truth=folder / "truth.laz", most=10_000)


def test_the_worst_objects_are_stepped_through(tmp_path: Path) -> None:
    opened = scene(tmp_path)
    look = press("N", Look("class"), opened)
    assert caption(look, opened) == "worst object 1 of 2: split: 6  building, object 6, 120"
    assert look.focus is not None
    assert (look.focus.centre > 10).all()
    look = press("N", look, opened)
    assert caption(look, opened) == "worst object 2 of 2: missed: 6  building, object 5, 100"
    assert look.focus is not None
    assert ((look.focus.centre > 5) & (look.focus.centre < 7)).all()


def test_they_are_listed(tmp_path: Path) -> None:
    lines = listing(scene(tmp_path)).splitlines()
    assert [line.split(", about")[0] for line in lines] == [
        "1  split: 6  building, object 6, 120", "2  missed: 6  building, object 5, 100"
    ]  # fmt: skip


def test_a_click_tells_the_row(tmp_path: Path) -> None:
    told = scene(tmp_path).describe(np.full(3, 16.0), Look("class"))
    assert "object 7: 90 points" in told
    assert "class house  points 90  x 16.0" in told
    assert "x_min" not in told


def test_errors_have_the_colours_of_their_names(tmp_path: Path) -> None:
    (points,) = scene(tmp_path).parts(Look("error"))
    missed = (points.colours == rgb(ERROR_COLOURS["missed"])).all(axis=1)
    assert missed.sum() == 100


def test_no_table_tells_nothing(tmp_path: Path) -> None:
    assert read_rows(tmp_path / "a.laz") == {}
    (tmp_path / "a.objects.csv").write_bytes(b"\x00\xff,1\n")
    assert read_rows(tmp_path / "a.laz") == {}
