"""Pictures of clouds and windows on them, by Open3D, which is loaded only when they are drawn."""

from volseg.view.camera import View
from volseg.view.colours import colour_by, colour_errors, modes
from volseg.view.display import load_open3d
from volseg.view.legend import ColourBar, Entry, Legend
from volseg.view.picture import annotate, panels, save, screenshot
from volseg.view.window import show

__all__ = [
    "ColourBar",
    "Entry",
    "Legend",
    "View",
    "annotate",
    "colour_by",
    "colour_errors",
    "load_open3d",
    "modes",
    "panels",
    "save",
    "screenshot",
    "show",
]
