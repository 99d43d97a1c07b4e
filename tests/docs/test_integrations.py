"""Scripts for other programs do what they say, with stand-ins for those programs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "integrations"


class Qgis:
    """What the script asks of QGIS: parameters by name, and lines of feedback."""

    lines: list[str]

    def __init__(self, *_: Any, **__: Any) -> None:
        self.lines = []

    def addParameter(self, parameter: Any) -> None:  # noqa: N802
        """Take a parameter."""

    def parameterAsString(self, parameters: dict[str, str], name: str, _: Any) -> str:  # noqa: N802
        """The value of one."""
        return parameters[name]

    def pushInfo(self, line: str) -> None:  # noqa: N802
        """Keep a line."""
        self.lines.append(line)

    def isCanceled(self) -> bool:  # noqa: N802
        """Never."""
        return False


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The QGIS script, loaded beside a stand-in for QGIS."""
    core = ModuleType("qgis.core")
    names = ("Algorithm", "ParameterFile", "ParameterFolderDestination", "ParameterString")
    for name in names:
        setattr(core, f"QgsProcessing{name}", Qgis)
    core.QgsProcessingException = RuntimeError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "qgis", ModuleType("qgis"))
    monkeypatch.setitem(sys.modules, "qgis.core", core)
    spec = importlib.util.spec_from_file_location("qgis_volseg", FOLDER / "qgis_volseg.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_qgis_runs_the_command_and_shows_its_lines(script: Any, tmp_path: Path) -> None:
    program = tmp_path / "volseg"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    wanted = {
        "SCAN": "a.laz", "MODEL": "aerial", "OPTIONS": "--noise --keep 6,9", "OUT": "out",
        "PROGRAM": str(program),
    }  # fmt: skip
    feedback = Qgis()
    algorithm = script.VolsegPredict()
    algorithm.initAlgorithm()
    made = algorithm.processAlgorithm(wanted, None, feedback)
    assert feedback.lines == ["predict aerial a.laz -o out --noise --keep 6,9"]
    assert made == {"OUT": "out", "SCAN": str(Path("out") / "a.laz")}
    program.write_text("#!/bin/sh\nexit 2\n")
    with pytest.raises(RuntimeError, match="ended with 2"):
        algorithm.processAlgorithm(wanted, None, feedback)
