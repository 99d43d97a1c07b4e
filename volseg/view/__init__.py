"""Pictures of scenes and windows on them, by Open3D, which is loaded only when they are drawn.

The window is a thin shell. A `Scene` says what to draw for a `Look`; keys turn a look into another,
the mouse a camera into another. Windows, pictures, films and pages draw the same parts, so that
what is tested without a window holds in it. It is Open3D's older window, since the newer one needs
Vulkan; the legend is a picture before the camera.
"""

from volseg.view.browser.serve import serve
from volseg.view.browser.viewer import MOST_IN_PAGE, scene_page
from volseg.view.camera import View
from volseg.view.colours import colour_by, colour_errors, modes
from volseg.view.legend import ColourBar, Entry, Legend
from volseg.view.opening import open_scene
from volseg.view.pictures.film import FILM_SIZE, TURN, check_film, save_film
from volseg.view.pictures.picture import (
    MOST_POINTS,
    annotate,
    check_picture,
    panels,
    save,
    screenshot,
)
from volseg.view.pictures.shots import side_by_side, take_picture, turntable
from volseg.view.scene import Look, Scene
from volseg.view.window.display import load_open3d
from volseg.view.window.keys import first_look
from volseg.view.window.session import MOST_IN_WINDOW, show

__all__ = [
    "FILM_SIZE", "MOST_IN_PAGE", "MOST_IN_WINDOW", "MOST_POINTS", "TURN", "ColourBar", "Entry",
    "Legend", "Look", "Scene", "View", "annotate", "check_film", "check_picture", "colour_by",
    "colour_errors", "first_look", "load_open3d", "modes", "open_scene", "panels", "save",
    "save_film", "scene_page", "screenshot", "serve", "show", "side_by_side", "take_picture",
    "turntable",
]  # fmt: skip
