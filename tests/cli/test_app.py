"""Help: an example for every command, and nothing heavy loaded to print it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import volseg
from volseg_cli.app import app

COMMANDS = (
    "info",
    "convert",
    "check",
    "plan",
    "voxelize",
    "ground",
    "dtm",
    "generate",
    "train",
    "predict",
    "evaluate",
    "report",
    "view",
    "models",
    "clean",
    "labels",
    "index",
    "demo",
)
HEAVY = ("torch", "open3d", "laspy", "pyproj", "accelerate", "dask")


def test_these_are_all_commands() -> None:
    names = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]
    assert sorted(names) == sorted(COMMANDS)


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(
    cli: Callable[..., Any], command: str, flag: str
) -> None:
    outcome = cli(command, flag)
    assert outcome.code == 0
    assert f"Example: volseg {command} " in " ".join(outcome.out.split())


def test_the_root_names_every_command(cli: Callable[..., Any]) -> None:
    outcome = cli("--help")
    assert outcome.code == 0
    for command in COMMANDS:
        assert f" {command} " in outcome.out


def test_version(cli: Callable[..., Any]) -> None:
    assert cli("--version").out == f"volseg {volseg.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("info",),
        ("info", "a.laz", "b.laz"),
        ("info", "--nonsense", "a.laz"),
        ("predict", "model", "a.laz", "-o", "b", "--device", "tpu"),
        ("voxelize", "a.laz", "-o", "b", "--voxel-size", "wide"),
        ("train", "lidar/oakland", "--data", "a", "--out", "b", "--epochs", "0"),
    ],
)
def test_wrong_usage_exits_2_and_shows_no_traceback(
    cli: Callable[..., Any], arguments: tuple[str, ...]
) -> None:
    outcome = cli(*arguments)
    assert outcome.code == 2
    assert "Traceback" not in outcome.out + outcome.err
    assert outcome.err


@pytest.mark.parametrize(
    "code",
    [
        "import volseg",
        "import volseg_cli.app",
        "from typer.testing import CliRunner; from volseg_cli.app import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0",
        "from typer.testing import CliRunner; from volseg_cli.app import app; "
        "assert CliRunner().invoke(app, ['train', '--help']).exit_code == 0",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    found = f"import sys; print(*[one for one in {HEAVY} if one in sys.modules])"
    command = [sys.executable, "-c", f"{code}\n{found}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert loaded == "\n"


def test_a_failure_of_ours_is_one_line_and_exit_1(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the roof\nfell in")

    monkeypatch.setattr("volseg.io.describe", broken)
    outcome = cli("info", "a.laz")
    assert outcome.code == 1
    assert outcome.err == (
        "error: RuntimeError: the roof fell in (a failure of volseg's; --debug shows where)\n"
    )
    with pytest.raises(RuntimeError, match="the roof"):
        cli("--debug", "info", "a.laz")


def test_ctrl_c_is_one_line_and_exit_130(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("volseg.io.describe", stopped)
    outcome = cli("info", "a.laz")
    assert (outcome.code, outcome.err.count("\n")) == (130, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_output_that_nobody_reads_ends_quietly() -> None:
    command = [sys.executable, "-um", "volseg_cli", "train", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
