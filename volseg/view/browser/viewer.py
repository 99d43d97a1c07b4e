"""A scene as a page for a browser: one file, its script in it, that turns where it is shown."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.view.browser.plotly_camera import OPENING, plotly_camera
from volseg.view.camera import Camera, LocalFrame, aim, fit
from volseg.view.legend import Entry, Legend, format_ends
from volseg.view.palette import ramp, to_hex
from volseg.view.scene import Look, Mesh, Points, Scene
from volseg.view.window.keys import MODES
from volseg.view.window.navigation import approach, spot_radius

MOST_IN_PAGE = 250_000
SHADES = 256
POINT = 2
# The page that a scene is thought to fill.
PAGE = (1200, 900)
SPOTS = 20
HEAD = (
    '<!doctype html>\n<html lang="en">\n<head><title>{title}</title>'
    "<style>body {{ margin: 0; overflow: hidden }}</style>"
)


def scene_page(scene: Scene, look: Look) -> bytes:
    """A page in UTF-8 with every mode of a scene, that needs no other file and no network.

    Buttons choose the mode and the worst spots, the legend hides classes, the mouse turns.

    Args:
        scene: what to show; of its points, all that are drawn.
        look: how it is looked at first.
    """
    from plotly import graph_objects

    frame = LocalFrame.around(scene.outline())
    traces: list[Any] = []
    modes: list[str] = []
    for mode in _modes(scene, look):
        made = _traces(scene, Look(mode), frame, shown=mode == look.mode)
        traces += made
        modes += [mode] * len(made)
    figure = graph_objects.Figure(traces)
    figure.update_layout(
        title={"text": _plain(scene.title)},
        scene=_axes(scene, frame),
        legend={"itemsizing": "constant"},
        margin={"l": 0, "r": 0, "t": 90, "b": 0},
        updatemenus=_menus(scene, look, modes, frame),
    )
    text = figure.to_html(
        include_plotlyjs=True,
        default_width="100%",
        default_height="100vh",
        config={"displaylogo": False, "scrollZoom": True, "responsive": True},
    )
    _, rest = str(text).split("<head>", 1)
    return (HEAD.format(title=_plain(scene.title)) + rest).encode()


def _modes(scene: Scene, look: Look) -> list[str]:
    """The modes that have a key, and the one that was asked for: each makes the page larger."""
    usual = set(MODES.values())
    return [mode for mode in scene.modes if mode.lower() in usual or mode == look.mode]


def _traces(scene: Scene, look: Look, frame: LocalFrame, *, shown: bool) -> list[dict[str, Any]]:
    legend = scene.legend(look)
    made: list[dict[str, Any]] = []
    for part in scene.parts(look):
        local = (part.xyz - frame.middle).astype(np.float32)
        if isinstance(part, Mesh):
            made.append(_mesh(part, local))
        else:
            made += _points(part, local, legend)
    if all(one["type"] == "mesh3d" and not one["name"] for one in made):  # slices alone
        nowhere = np.zeros((0, 3), dtype=np.float32)
        made += [_dots(nowhere, entry) | {"showlegend": True} for entry in legend.entries]
    return [one | {"visible": shown} for one in made]


def _points(part: Points, local: NDArray[np.float32], legend: Legend) -> list[dict[str, Any]]:
    """A trace a class, which the legend can hide; or one with shades of colours."""
    if legend.entries and legend.bar is None:
        keys = _keys(part.colours)
        chosen = [(entry, keys == _keys(np.array(entry.colour))) for entry in legend.entries]
        return [_dots(local[rows], entry) for entry, rows in chosen if rows.any()]
    index, table = _shades(part.colours, legend)
    marker: dict[str, Any] = {"size": POINT, "color": index, "colorscale": _scale(table)}
    marker |= {"cmin": 0, "cmax": len(table) - 1}
    if legend.bar is not None:
        unit = f" {legend.bar.unit}" if legend.bar.unit else ""
        ends = [end + unit for end in format_ends(legend.bar.low, legend.bar.high)]
        bar = {"tickvals": [0, len(table) - 1], "ticktext": ends, "title": {"text": legend.title}}
        marker |= {"colorbar": bar}
    return [_dots(local, Entry(legend.title, (0, 0, 0))) | {"marker": marker, "showlegend": False}]


def _dots(local: NDArray[np.float32], entry: Entry) -> dict[str, Any]:
    return {
        "type": "scatter3d",
        "mode": "markers",
        **dict(zip("xyz", local.T.copy(), strict=True)),
        "name": _plain(entry.name),
        "marker": {"size": POINT, "color": to_hex(entry.colour)},
        "hoverinfo": "name",
    }


def _mesh(part: Mesh, local: NDArray[np.float32]) -> dict[str, Any]:
    """A surface in shades of its colour, or a slice in those of its image; lit as they are."""
    if part.name and len(part.colours):
        levels = part.colours.max(axis=1)
        ends = [part.colours[levels.argmin()], part.colours[levels.argmax()]]
        colours: dict[str, Any] = {"intensity": levels, "showscale": False}
        colours["colorscale"] = _scale(np.array(ends))
    else:
        kinds, inverse = np.unique(_keys(part.colours), return_inverse=True)
        names = np.array([f"#{kind:06x}" for kind in kinds.tolist()])
        colours = {"vertexcolor": names[inverse].tolist()}
    return {
        "type": "mesh3d",
        **dict(zip("xyz", local.T.copy(), strict=True)),
        **dict(zip("ijk", part.triangles.T.astype(np.int32).copy(), strict=True)),
        **colours,
        "lighting": {"ambient": 1, "diffuse": 0, "specular": 0, "fresnel": 0},
        "name": _plain(part.name),
        "showlegend": bool(part.name),
        "hoverinfo": "name" if part.name else "skip",
    }


def _shades(
    colours: NDArray[np.uint8], legend: Legend
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The nearest of at most 256 colours for each, uint8 (n,), and those colours."""
    if legend.bar is not None and not legend.entries:
        table = ramp(np.linspace(0, 1, SHADES))
        kinds, inverse = np.unique(colours, axis=0, return_inverse=True)
        far = ((kinds[:, None].astype(np.int64) - table.astype(np.int64)) ** 2).sum(axis=2)
        return far.argmin(axis=1).astype(np.uint8)[inverse.reshape(-1)], table
    small = Image.fromarray(colours[None]).quantize(SHADES, dither=Image.Dither.NONE)
    palette = np.array(small.getpalette(), dtype=np.uint8).reshape(-1, 3)
    return np.asarray(small)[0], palette if len(palette) > 1 else np.repeat(palette, 2, axis=0)


def _scale(table: NDArray[np.uint8]) -> list[tuple[float, str]]:
    """Colours as plotly wants them: evenly from 0 to 1."""
    places = np.linspace(0, 1, len(table)).tolist()
    return [(place, to_hex(colour)) for place, colour in zip(places, table.tolist(), strict=True)]


def _axes(scene: Scene, frame: LocalFrame) -> dict[str, Any]:
    """Axes of one unit about the middle of the scene, and where it is seen from first."""
    sides = np.ptp(scene.outline(), axis=0)
    # Plotly divides by what an axis shows: a flat scene gets a little room, too.
    sides = np.maximum(sides, 0.02 * sides.max() or 1.0)
    axes: dict[str, Any] = {
        f"{name}axis": {
            "range": [-side / 2, side / 2],
            "title": {"text": f"{name} \u2212 {middle:,.1f} {scene.unit}"},
            "backgroundcolor": "white",
            "gridcolor": "#ddd",
        }
        for name, side, middle in zip("xyz", sides, frame.middle, strict=True)
    }
    ratio = dict(zip("xyz", sides / sides.max(), strict=True))
    camera = plotly_camera(_whole(scene, frame), np.zeros(3))
    flat = {"dragmode": "pan"} if scene.view == "top" else {}
    return axes | {"aspectmode": "manual", "aspectratio": ratio, "camera": camera} | flat


def _menus(scene: Scene, look: Look, modes: list[str], frame: LocalFrame) -> list[dict[str, Any]]:
    """Buttons for the modes, and a list of the worst spots."""
    buttons = [
        {"label": mode, "method": "restyle", "args": [{"visible": [one == mode for one in modes]}]}
        for mode in dict.fromkeys(modes)
    ]
    active = list(dict.fromkeys(modes)).index(look.mode)
    menus: list[dict[str, Any]] = [
        {"buttons": buttons, "active": active, "x": 0.01, "xanchor": "left", "y": 1.06}
    ]
    whole = _whole(scene, frame)
    places = [{"label": "the whole", "method": "relayout", "args": [_moved(whole, np.zeros(3))]}]
    for number, spot in enumerate(scene.spots[:SPOTS], 1):
        place = frame.to_local(spot.centre)
        near = approach(whole, place, spot_radius(spot, frame))
        label = f"worst spot {number}: {spot.count:,} wrong"
        places.append({"label": label, "method": "relayout", "args": [_moved(near, place)]})
    if len(places) > 1:
        menus.append({"buttons": places, "x": 0.2, "xanchor": "left", "y": 1.06})
    return menus


def _whole(scene: Scene, frame: LocalFrame) -> Camera:
    local = frame.to_local(scene.outline())
    seen = aim(local, scene.view, PAGE, scene.headings.get(scene.view))
    return fit(local, seen.rotation, PAGE, OPENING)


def _moved(camera: Camera, place: NDArray[np.float64]) -> dict[str, Any]:
    return {"scene.camera": plotly_camera(camera, place)}


def _keys(colours: NDArray[np.uint8]) -> NDArray[np.int64]:
    """One number a colour."""
    return np.asarray(colours.astype(np.int64) @ np.array([65536, 256, 1]))


def _plain(text: str) -> str:
    """Text that plotly does not take for markup."""
    return escape(text, quote=False)
