"""What all charts share: one look, whatever a user's matplotlib is set to, drawn off screen."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, GRID = "#212529", "#6C757D", "#DEE2E6"
DPI = 120
LONGEST = 28
"""Letters of a name, at most."""

STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "font.size": 10,
    "grid.color": GRID,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,  # names of classes may hold dollars
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
}


@contextmanager
def chart(width: float, height: float) -> Iterator[Figure]:
    """An empty figure of so many inches, to be filled and rendered in this block."""
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)  # it tells of font caches and folders
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure

        with mpl.rc_context(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # letters that no font has
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            yield Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    finally:
        log.setLevel(level)


def render(figure: Figure) -> Image.Image:
    """The figure as a picture, `DPI` pixels an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    image = Image.fromarray(np.asarray(canvas.buffer_rgba()))  # type: ignore[no-untyped-call]
    return image.convert("RGB")


def whole_numbers(axes: Axes) -> None:
    """Ticks at whole numbers along x."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def short(name: str) -> str:
    """A name of at most `LONGEST` letters, cut with an ellipsis."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
