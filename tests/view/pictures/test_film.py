"""Films: as many pictures as given, in their colours, whole or not at all."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from volseg.errors import InputError
from volseg.view.pictures import film

COLOURS = [(200, 30, 30), (30, 30, 200), (255, 255, 255)]


def frames(count: int = 5) -> Iterator[Image.Image]:
    """A red square that moves to the right over blue."""
    for number in range(count):
        image = Image.new("RGB", (64, 48), COLOURS[1])
        image.paste(COLOURS[0], (8 * number, 10, 8 * number + 8, 18))
        image.paste(COLOURS[2], (0, 40, 64, 48))
        yield image


def test_a_gif_holds_every_picture_in_its_colours_and_loops(tmp_path: Path) -> None:
    path = tmp_path / "turn.gif"
    film.save_film(frames(), path)
    with Image.open(path) as read:
        assert read.info["loop"] == 0
        shown = [one.convert("RGB") for one in ImageSequence.Iterator(read)]
    assert len(shown) == 5
    for number, image in enumerate(shown):
        assert image.getpixel((8 * number + 4, 14)) == COLOURS[0]
        assert image.getpixel((60, 5)) == COLOURS[1]
        assert image.getpixel((5, 44)) == COLOURS[2]


def test_an_mp4_can_be_read_back(tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / "turn.mp4"
    film.save_film(frames(12), path)
    assert [one.name for one in tmp_path.iterdir()] == ["turn.mp4"]
    reader = ffmpeg.read_frames(str(path))
    size = next(reader)["size"]
    shown = [np.frombuffer(one, np.uint8).reshape(size[1], size[0], 3) for one in reader]
    assert (size, len(shown)) == ((64, 48), 12)
    assert abs(shown[-1][5, 5].astype(int) - COLOURS[1]).max() < 40


def test_an_interrupted_film_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[Image.Image]:
        yield from frames(2)
        raise KeyboardInterrupt

    for name in ("turn.gif", "turn.mp4"):
        if name.endswith("mp4"):
            pytest.importorskip("imageio_ffmpeg")
        with pytest.raises(KeyboardInterrupt):
            film.save_film(broken(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_film_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "turn.gif"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="overwrite"):
        film.save_film(frames(), path)
    assert path.read_bytes() == b"mine"
    film.save_film(frames(), path, overwrite=True)
    assert path.read_bytes() != b"mine"


def test_what_cannot_be_written_is_refused_before_work(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"wanted \.gif or \.mp4"):
        film.check_film(Path("turn.avi"))
    real = importlib.import_module

    def missing(name: str, package: str | None = None) -> Any:
        if name == "imageio_ffmpeg":
            raise ImportError
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(InputError, match=r"volseg\[film\].*or name a \.gif"):
        film.check_film(Path("turn.mp4"))
