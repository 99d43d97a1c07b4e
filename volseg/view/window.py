"""A cloud in a window, to walk around."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import DisplayError, InputError
from volseg.view.camera import Frame, add_corners, aim, place, point_size
from volseg.view.display import hushed, load_open3d
from volseg.view.legend import PAPER, Legend
from volseg.view.picture import annotate, save
from volseg.view.thinning import thin

SIZE = (1280, 800)
MOST_POINTS = 10_000_000
KEYS = "123456789"
LARGEST_POINT = 12.0


def show(
    xyz: NDArray[np.float64],
    views: Mapping[str, tuple[NDArray[np.uint8], Legend]],
    *,
    title: str = "volseg",
    snapshot: Path | str = "volseg.png",
) -> None:
    """Opens a window on the cloud and returns when it is closed.

    The mouse turns, shifts (ctrl) and zooms (wheel); keys 1 to 9 switch between the views; S saves
    a picture with the legend, under the next free name after `snapshot`; Q closes.

    Args:
        xyz: float64 (N, 3), one unit on all axes (`PointCloud.metres`), N at least 1.
        views: colours, uint8 (N, 3), and legend by colour mode, the first one shown first.
        title: what stands above.
        snapshot: path of the first picture S saves.

    Raises:
        DisplayError: if there is no display.
        InputError: if there is no point or no view.
    """
    if len(xyz) == 0 or not views:
        raise InputError(f"{len(xyz):,} points and {len(views)} views; wanted 1 or more each")
    open3d = load_open3d()
    window = open3d.visualization.VisualizerWithKeyCallback()
    _open(open3d, window, title)
    try:
        session = _Session(open3d, window, xyz, views, title, Path(snapshot))
        for key, mode in zip(KEYS, views, strict=False):
            window.register_key_callback(ord(key), session.switch(mode))
        window.register_key_callback(ord("S"), session.save)
        window.run()
    finally:
        with hushed():
            window.destroy_window()


def _open(open3d: Any, window: Any, title: str) -> None:
    """Opens the window; Open3D would fall back to drawing where nobody sees it."""
    levels = open3d.utility.VerbosityLevel
    open3d.utility.set_verbosity_level(levels.Info)
    with hushed() as said:
        made = window.create_window(window_name=title, width=SIZE[0], height=SIZE[1])
    open3d.utility.set_verbosity_level(levels.Error)
    if not made or "offscreen" in said().lower():
        if made:
            with hushed():
                window.destroy_window()
        raise DisplayError("there is no display to open a window on; use --screenshot FILE.png")


class _Session:
    """What the keys of one open window act on."""

    def __init__(
        self,
        open3d: Any,
        window: Any,
        xyz: NDArray[np.float64],
        views: Mapping[str, tuple[NDArray[np.uint8], Legend]],
        title: str,
        snapshot: Path,
    ) -> None:
        self.open3d, self.title, self.snapshot = open3d, title, snapshot
        index = thin(xyz, MOST_POINTS)
        self.views = {mode: (rgb[index], legend) for mode, (rgb, legend) in views.items()}
        self.mode = next(iter(views))
        local = Frame.around(xyz[index]).to_local(xyz[index])
        self.cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(local))
        self._paint()
        window.add_geometry(self.cloud)
        camera = aim(local, "oblique", SIZE)
        options = window.get_render_option()
        options.point_size = point_size(camera, local, 1.0, LARGEST_POINT)
        options.background_color = np.array(PAPER) / 255.0
        add_corners(window)
        place(window, camera)

    def switch(self, mode: str) -> Any:
        """The action of the key that shows a colour mode."""

        def act(window: Any) -> bool:
            self.mode = mode
            self._paint()
            window.update_geometry(self.cloud)
            return True

        return act

    def save(self, window: Any) -> bool:
        """The action of S."""
        buffer = np.asarray(window.capture_screen_float_buffer(True))
        image = Image.fromarray(np.rint(buffer * 255).astype(np.uint8))
        legend = self.views[self.mode][1]
        save(annotate(image, legend, self.title), _next_free(self.snapshot))
        return False

    def _paint(self) -> None:
        colours = self.views[self.mode][0] / 255.0
        self.cloud.colors = self.open3d.utility.Vector3dVector(colours)


def _next_free(path: Path) -> Path:
    """The path, or the first of ``name-2``, ``name-3``, ... that does not exist."""
    candidate, number = path, 2
    while candidate.exists():
        candidate = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return candidate
