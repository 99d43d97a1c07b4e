"""Open3D, loaded late and kept quiet: viewing needs it, nothing else in volseg does."""

from __future__ import annotations

import ctypes
import importlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any

from volseg.errors import DisplayError

# The system libraries Open3D links to, and the Debian packages that hold them.
PACKAGES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libGLX": "libgl1",
    "libX11": "libx11-6",
    "libgomp": "libgomp1",
    "libudev": "libudev1",
    "libusb": "libusb-1.0-0",
}
DRAWING = "libegl1 libgl1 libgl1-mesa-dri"


def load_open3d() -> Any:
    """The open3d module, without its chatter.

    Raises:
        DisplayError: if it cannot be imported; names what to install.
    """
    with suppress(ImportError, OSError):
        _preload_libusb()
    try:
        with hushed():
            open3d = importlib.import_module("open3d")
    except (ImportError, OSError) as error:
        raise DisplayError(_remedy(error)) from error
    open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)
    return open3d


@contextmanager
def hidden_window(width: int, height: int) -> Iterator[Any]:
    """An Open3D visualizer that draws without a display, closed at the end.

    Raises:
        DisplayError: if this machine cannot draw.
    """
    open3d = load_open3d()
    # Software OpenGL brings an LLVM of its own, after which importing Triton's crashes: torch does
    # that when the first optimizer is made, if Triton is installed.
    with suppress(ImportError):
        importlib.import_module("triton")
    visualizer = open3d.visualization.Visualizer()
    levels = open3d.utility.VerbosityLevel
    open3d.utility.set_verbosity_level(levels.Warning)
    with hushed() as said:
        made = visualizer.create_window(width=width, height=height, visible=False)
    open3d.utility.set_verbosity_level(levels.Error)
    if not made:
        raise DisplayError(
            f"Open3D found no way to draw{_reason(said())}; install OpenGL for machines without "
            f"a display (Debian, Ubuntu: apt install {DRAWING}), or view it with --web"
        )
    try:
        yield visualizer
    finally:
        with hushed():
            visualizer.destroy_window()


@contextmanager
def hushed() -> Iterator[Callable[[], str]]:
    """Keeps standard output and error silent, also what C libraries write to them.

    Yields:
        A function that returns what would have been said; to be called after the block.
    """
    said: list[str] = []
    python_side = io.StringIO()
    with tempfile.TemporaryFile() as c_side:
        saved = [(stream, _redirect(stream, c_side.fileno())) for stream in (1, 2)]
        try:
            with redirect_stdout(python_side), redirect_stderr(python_side):
                yield lambda: "".join(said)
        finally:
            for stream, copy in saved:
                if copy is not None:
                    os.dup2(copy, stream)
                    os.close(copy)
            c_side.seek(0)
            said += [c_side.read().decode(errors="replace"), python_side.getvalue()]


def _redirect(stream: int, target: int) -> int | None:
    """Points a file descriptor elsewhere; a copy of the old one, None where it was closed."""
    with suppress(OSError, ValueError):
        (sys.__stdout__ if stream == 1 else sys.__stderr__).flush()  # type: ignore[union-attr]
    try:
        copy = os.dup(stream)
    except OSError:
        return None
    os.dup2(target, stream)
    return copy


def _preload_libusb() -> None:
    """Open3D links to libusb-1.0, which servers lack: the copy from PyPI serves as well."""
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError):
        ctypes.CDLL("libusb-1.0.so.0", mode=ctypes.RTLD_GLOBAL)
        return
    path = importlib.import_module("libusb_package").get_library_path()
    ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)


def _remedy(error: Exception) -> str:
    """One line: what is missing, and the package that brings it."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, ModuleNotFoundError) and error.name == "open3d":
        return "viewing needs Open3D; install it (pip install open3d)"
    library = re.match(r"(lib[\w+]+)[\w.+-]*\.so", said)
    if library is None:
        return f"Open3D cannot be loaded ({said}); reinstall it (pip install --force open3d)"
    package = PACKAGES.get(library[1])
    wanted = f"{package} and, if missing too, {DRAWING}" if package else f"what holds {said[:40]}"
    return f"Open3D cannot be loaded ({said}); install {wanted}"


def _reason(said: str) -> str:
    """The last warning Open3D gave, in brackets."""
    warnings = re.findall(r"\[Open3D (?:WARNING|ERROR)\] ([^\x1b\n]+)", said)
    return f" ({warnings[-1].strip().rstrip('.')})" if warnings else ""
