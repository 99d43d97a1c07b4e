"""The pictures that ``volseg predict --preview`` leaves beside its outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from volseg.errors import InputError
from volseg_cli import console

if TYPE_CHECKING:
    from PIL import Image


def preview_of(target: Path) -> Path:
    """Where the preview of an output goes: ``tile_preview.png`` for ``tile.laz``."""
    from volseg.io import is_volume, scan_stem, volume_stem
    from volseg.io.folders import PREVIEW

    stem = volume_stem(target) if is_volume(target) else scan_stem(target)
    return target.with_name(f"{stem}{PREVIEW}.png")


def check_previews(targets: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse previews that could not be written, before any work is done.

    Raises:
        InputError: as `check_target`, or if an output has the name of a preview.
    """
    from volseg.io.atomic import check_target

    outputs = set(targets)
    for target in targets:
        picture = preview_of(target)
        if picture in outputs:
            raise InputError("is an output, and would be a preview too; rename it", path=picture)
        check_target(picture, overwrite=overwrite)


def leave_preview(target: Path, draw: Callable[[], Image.Image], *, overwrite: bool) -> None:
    """Draw an output; what cannot be drawn is said, as the output itself is there."""
    from volseg.view.pictures.picture import save

    try:
        save(draw(), preview_of(target), overwrite)
    except Exception as error:  # no picture is worth the outputs to come
        console.note(f"no preview of {target.name}: {str(error) or type(error).__name__}")
