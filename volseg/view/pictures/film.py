"""Films of a scene that turns: GIF by Pillow, MP4 by ffmpeg where that is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from volseg.errors import InputError
from volseg.io.atomic import replacing

SUFFIXES = (".gif", ".mp4")
# One turn in pictures, and how long each is seen.
TURN = 60
MILLISECONDS = 100
FILM_SIZE = (960, 600)


def check_film(path: Path) -> None:
    """Refuse a film that could not be written, before any work is done.

    Raises:
        InputError: if the suffix is another, or MP4 is not installed.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"no film format; wanted {' or '.join(SUFFIXES)}", path=path)
    if path.suffix.lower() == ".mp4":
        _ffmpeg(path)


def save_film(images: Iterator[Image.Image], path: Path, *, overwrite: bool = False) -> None:
    """Write pictures of one size as a film, whole or not at all; the suffix names the format.

    Raises:
        InputError: as `check_film`, or if the file exists and may not be replaced.
    """
    check_film(path)
    if path.suffix.lower() == ".gif":
        _save_gif(images, path, overwrite)
    else:
        _save_mp4(images, path, overwrite)


def _save_gif(images: Iterator[Image.Image], path: Path, overwrite: bool) -> None:
    first = next(images)
    # One palette for all, and no dithering: colours of classes stay what they are.
    palette = first.quantize(255, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    rest = (_indexed(one, palette) for one in images)
    with replacing(path, overwrite=overwrite) as stream:
        palette.save(
            stream,
            "GIF",
            save_all=True,
            append_images=rest,
            duration=MILLISECONDS,
            loop=0,
            optimize=False,
        )


def _indexed(image: Image.Image, palette: Image.Image) -> Image.Image:
    """The picture in colours of the palette; its paper, which the eye compares, stays white."""
    made = image.quantize(palette=palette, dither=Image.Dither.NONE)
    table = np.array(palette.getpalette()).reshape(-1, 3)
    white = int(np.argmin(((table - 255) ** 2).sum(axis=1)))
    paper = (np.asarray(image.convert("RGB")) == 255).all(axis=2)
    made.paste(white, mask=Image.fromarray(paper))
    return made


def _save_mp4(images: Iterator[Image.Image], path: Path, overwrite: bool) -> None:
    ffmpeg = _ffmpeg(path)
    first = next(images)
    with replacing(path, overwrite=overwrite) as stream:
        # The temporary file has no suffix that tells the format.
        writer = ffmpeg.write_frames(
            stream.name,
            first.size,
            fps=1000 / MILLISECONDS,
            macro_block_size=2,
            output_params=["-f", "mp4"],
        )
        writer.send(None)
        try:
            for image in chain([first], images):
                writer.send(np.ascontiguousarray(image))
        finally:
            writer.close()


def _ffmpeg(path: Path) -> Any:
    try:
        return importlib.import_module("imageio_ffmpeg")
    except ImportError:
        raise InputError(
            'MP4 needs ffmpeg: pip install "volseg[film]", or name a .gif', path=path
        ) from None
