"""A scene in a window to walk around, or prediction and truth in two windows that move together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from volseg.errors import DisplayError
from volseg.view.camera import Camera, LocalFrame, aim
from volseg.view.legend import PAPER
from volseg.view.pictures.picture import annotate, save
from volseg.view.scene import Look, Scene
from volseg.view.window import keys
from volseg.view.window.display import hushed, load_open3d
from volseg.view.window.navigation import approach, orbit, pan, spot_radius, zoom
from volseg.view.window.overlay import Overlay, draw_overlay
from volseg.view.window.pane import Pane

MOST_IN_WINDOW = 5_000_000
SIZE, HALF = (1280, 800), (780, 760)
# All letters but Q, which closes; the code of F1 in GLFW, which Open3D uses.
KEYS = "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789"
F1 = 290
LEFT, CONTROL = 0, 0b0011  # a mouse's button; shift and ctrl
PRESS = 1
# How far a mouse may move between press and release of a click, in pixels.
CLICK = 3
PAUSE = 0.008


def show(
    scene: Scene,
    look: Look,
    *,
    beside: bool = False,
    say: Callable[[str], None],
    snapshot: Path | str = "volseg.png",
) -> None:
    """Opens a window on the scene and returns when it is closed; `keys.HELP` says what it does.

    Args:
        scene: what to show.
        look: how to look at it first.
        beside: whether a second window shows the truth, seen from the same place.
        say: gets the keys, and what is known of a point that is clicked on.
        snapshot: path of the first picture S saves; later ones have the next free name.

    Raises:
        DisplayError: if there is no display.
    """
    names = ("prediction", "truth") if beside else ("",)
    with ExitStack() as stack:
        windows = [
            stack.enter_context(_window(scene.title, name, number, beside))
            for number, name in enumerate(names)
        ]
        say(keys.HELP)
        session = Session(scene, look, windows, say, Path(snapshot))
        for number, window in enumerate(windows):
            _listen(window, number, session)
        while all(window.poll_events() for window in windows):
            session.refresh()
            for window in windows:
                window.update_renderer()
            time.sleep(PAUSE)


class Session:
    """What keys and mouse of the open windows act on; the second window shows the truth."""

    def __init__(
        self,
        scene: Scene,
        look: Look,
        windows: Sequence[Any],
        say: Callable[[str], None],
        snapshot: Path,
    ) -> None:
        self.scene, self.first_look, self.say, self.snapshot = scene, look, say, snapshot
        self.frame = LocalFrame.around(scene.outline())
        self.panes = [Pane(window, self.frame) for window in windows]
        self.camera, self.pivot = self._whole(), np.zeros(3)
        self.look, self.help = look, False
        self._held: tuple[int, int] | None = None
        self._mouse, self._travelled = (0.0, 0.0), 0.0
        self._sizes: list[tuple[int, int]] = []
        self._overlays: list[Overlay] = []
        self._draw()

    def press(self, key: str) -> None:
        """A key: a capital letter, a digit, or ``F1``."""
        if key == "S":
            self._save()
            return
        if key == "L":
            self.say(keys.listing(self.scene))
            return
        if key == "F1":
            self.help = not self.help
            self._caption()
            return
        look = keys.press(key, self.look, self.scene)
        if key == "V":
            self.camera, self.pivot = self._whole(), np.zeros(3)
        if key in "NB" and look.focus is not None and look != self.look:
            self.pivot = self.frame.to_local(look.focus.centre)
            self.camera = approach(self.camera, self.pivot, spot_radius(look.focus, self.frame))
        self._look(look)

    def move(self, right: float, down: float) -> None:
        """The mouse is at a pixel."""
        across, along = right - self._mouse[0], down - self._mouse[1]
        self._mouse = right, down
        if self._held is None:
            return
        self._travelled += abs(across) + abs(along)
        button, modifiers = self._held
        if button == LEFT and not modifiers & CONTROL:
            turn = np.pi / self.camera.size[0]
            self.camera = orbit(self.camera, self.pivot, -across * turn, along * turn)
        else:
            self.camera = pan(self.camera, self.pivot, (across, along))
        self._place()

    def button(self, button: int, pressed: bool, modifiers: int, pane: int) -> None:
        """A button of the mouse goes down or up in a window."""
        if pressed:
            self._held, self._travelled = (button, modifiers), 0.0
            return
        self._held = None
        if self._travelled <= CLICK and button == LEFT:
            self._click(pane)

    def scroll(self, steps: float) -> None:
        """The wheel turns."""
        self.camera = zoom(self.camera, self.pivot, steps)
        self._place()

    def refresh(self) -> None:
        """Follow windows that were made larger or smaller."""
        if [pane.size for pane in self.panes] != self._sizes:
            self._caption()

    def _click(self, number: int) -> None:
        overlay, pane = self._overlays[number], self.panes[number]
        if overlay.covers(*self._mouse):
            wanted = overlay.class_at(*self._mouse)
            if wanted is not None:
                self._look(keys.toggle(self.look, wanted, self.scene))
            return
        place = pane.place_at(self.camera, self._mouse)
        if place is None:
            return
        self.pivot = place
        world = self.frame.to_world(place)
        self.say(self.scene.describe(world, self._looks[number]))

    @property
    def _looks(self) -> list[Look]:
        return [self.look, replace(self.look, mode="truth")][: len(self.panes)]

    def _look(self, look: Look) -> None:
        changed = look != self.look or look.focus is not self.look.focus
        self.look = look
        self._draw() if changed else self._place()

    def _draw(self) -> None:
        """What there is to see anew."""
        for pane, look in zip(self.panes, self._looks, strict=True):
            pane.show(self.scene.parts(look), self.camera)
        self._caption()

    def _caption(self) -> None:
        """The panels anew."""
        self._sizes = [pane.size for pane in self.panes]
        self._overlays = [
            draw_overlay(self.scene, look, size, help_too=self.help)
            for look, size in zip(self._looks, self._sizes, strict=True)
        ]
        self._place()

    def _place(self) -> None:
        """Where everything is seen from anew."""
        distance = float(np.linalg.norm(self.camera.position - self.pivot))
        for pane, overlay in zip(self.panes, self._overlays, strict=True):
            pane.look(self.camera, distance, overlay)

    def _whole(self) -> Camera:
        outline = self.frame.to_local(self.scene.outline())
        view = self.scene.view
        return aim(outline, view, self.panes[0].size, self.scene.headings.get(view))

    def _save(self) -> None:
        images = [pane.picture() for pane in self.panes]
        width, height = sum(one.width for one in images), max(one.height for one in images)
        both = Image.new("RGB", (width, height), PAPER)
        left = 0
        for image in images:
            both.paste(image, (left, 0))
            left += image.width
        path = _next_free(self.snapshot)
        save(annotate(both, None, self.scene.title), path)
        self.say(f"picture: {path}")


@contextmanager
def _window(title: str, name: str, number: int, beside: bool) -> Iterator[Any]:
    """A window on the screen; Open3D would fall back to drawing where nobody sees it."""
    open3d = load_open3d()
    window = open3d.visualization.VisualizerWithKeyCallback()
    width, height = HALF if beside else SIZE
    levels = open3d.utility.VerbosityLevel
    open3d.utility.set_verbosity_level(levels.Info)
    with hushed() as said:
        made = window.create_window(
            window_name=f"{title}, {name}" if name else title,
            width=width,
            height=height,
            left=50 + number * (width + 10),
            top=50,
        )
    open3d.utility.set_verbosity_level(levels.Error)
    try:
        if not made or "offscreen" in said().lower():
            raise DisplayError(
                "there is no display to open a window on; use --screenshot FILE.png, "
                "--turntable FILE.gif or --web"
            )
        yield window
    finally:
        if made:
            with hushed():
                window.destroy_window()


def _listen(window: Any, number: int, session: Session) -> None:
    """Let keys and mouse of a window act; keys that mean nothing to volseg must do nothing."""

    def on_key(key: str) -> Callable[[Any], bool]:
        def act(_: Any) -> bool:
            session.press(key)
            return False

        return act

    def on_move(_: Any, right: float, down: float) -> bool:
        session.move(right, down)
        return False

    def on_scroll(_: Any, across: float, along: float) -> bool:
        session.scroll(along)
        return False

    def on_button(_: Any, button: int, action: int, modifiers: int) -> bool:
        session.button(button, action == PRESS, modifiers, number)
        return False

    for code, key in [*((ord(key), key) for key in KEYS), (F1, "F1")]:
        window.register_key_callback(code, on_key(key))
    window.register_mouse_move_callback(on_move)
    window.register_mouse_scroll_callback(on_scroll)
    window.register_mouse_button_callback(on_button)


def _next_free(path: Path) -> Path:
    """The path, or the first of ``name-2``, ``name-3``, ... that does not exist."""
    candidate, number = path, 2
    while candidate.exists():
        candidate = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return candidate
