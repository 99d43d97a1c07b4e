from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import Any

import pytest

from volseg.errors import DisplayError
from volseg.view.window import display


def fail_import(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = importlib.import_module

    def import_module(name: str, package: str | None = None) -> Any:
        if name == "open3d":
            raise error
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", import_module)


@pytest.mark.parametrize(
    ("error", "package"),
    [
        (ImportError("libEGL.so.1: cannot open shared object file: No such file"), "libegl1"),
        (OSError("libGL.so.1: cannot open shared object file: No such file"), "libgl1"),
        (ImportError("libgomp.so.1: cannot open shared object file"), "libgomp1"),
        (ImportError("libusb-1.0.so.0: cannot open shared object file"), "libusb-1.0-0"),
        (ImportError("libnovel-2.so.7: cannot open shared object file"), "libnovel-2.so.7"),
        (ModuleNotFoundError("No module named 'open3d'", name="open3d"), "pip install open3d"),
        (ImportError(""), "reinstall"),
    ],
)
def test_a_failing_import_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch, error: Exception, package: str
) -> None:
    fail_import(monkeypatch, error)
    with pytest.raises(DisplayError) as raised:
        display.load_open3d()
    assert package in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("drawing")
def test_a_window_that_cannot_be_made_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    open3d = display.load_open3d()

    class Broken:
        def create_window(self, **_: object) -> bool:
            sys.stdout.write("\x1b[1;33m[Open3D WARNING] no EGL here\x1b[0;m\n")
            return False

    monkeypatch.setattr(open3d.visualization, "Visualizer", Broken)
    with pytest.raises(DisplayError) as raised, display.hidden_window(100, 100):
        pytest.fail("no window was made")
    assert "no EGL here" in str(raised.value)
    assert "libegl1" in str(raised.value)
    assert "--web" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_hushed_keeps_both_python_and_c_silent(capfd: pytest.CaptureFixture[str]) -> None:
    with display.hushed() as said:
        sys.stdout.write("from python\n")
        os.write(1, b"from c\n")
        os.write(2, b"error from c\n")
    sys.stdout.write("after\n")
    out, err = capfd.readouterr()
    assert (out, err) == ("after\n", "")
    assert set(said().splitlines()) == {"from python", "from c", "error from c"}


def test_hushed_speaks_again_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), display.hushed():
        raise RuntimeError
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_importing_view_does_not_import_open3d() -> None:
    code = "import sys, volseg.view; sys.exit('open3d' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.usefixtures("drawing")
def test_drawing_says_nothing() -> None:
    code = (
        "import numpy as np; from volseg.view import screenshot;"
        "screenshot(np.eye(3), np.zeros((3, 3), np.uint8), None, size=(200, 200))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_one_can_train_after_drawing() -> None:
    """The first optimizer imports Triton, where it is installed; see `hidden_window`."""
    code = """
import sys
from volseg.errors import DisplayError
from volseg.view.window.display import hidden_window
try:
    with hidden_window(8, 8):
        pass
except DisplayError:
    sys.exit(3)
import torch
torch.optim.AdamW([torch.zeros(1)])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode == 3:
        pytest.skip("this machine cannot draw")
    assert done.returncode == 0, done.stderr
