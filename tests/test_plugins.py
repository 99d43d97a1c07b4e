"""What packages and programs add comes last, is looked for late, and costs one line if broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from volseg.errors import InputWarning
from volseg.plugins import Registry

GROUP = "volseg.numbers"


def install(folder: Path, *points: str, code: str = "SEVEN = 7") -> None:
    """Have a package in a folder that brings some entry points, and a module ``brought``."""
    made = folder / "brought-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text("\n".join((f"[{GROUP}]", *points)) + "\n")
    (folder / "brought.py").write_text(code)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "brought", raising=False)
    return tmp_path


def test_own_come_first_then_those_registered_then_those_of_packages(packages: Path) -> None:
    install(packages, "seven = brought:SEVEN")
    numbers = Registry(GROUP, int, (1, 2))
    numbers.register(3)
    assert [*numbers] == [1, 2, 3, 7] == [*numbers]
    assert [*Registry("volseg.others", int, (1,))] == [1]


@pytest.mark.parametrize(
    ("point", "code", "reason"),
    [
        ("bad = brought:SEVEN", "raise RuntimeError('the roof\\nfell in')", "RuntimeError: the ro"),
        ("bad = brought:SEVEN", "import no_such_module", "no_such_module"),
        ("bad = brought:EIGHT", "SEVEN = 7", "EIGHT"),
        ("bad = brought:SEVEN", "SEVEN = 'vii'", "it is a str, not a int"),
    ],
)
def test_a_broken_one_costs_itself_one_line(
    packages: Path, point: str, code: str, reason: str
) -> None:
    install(packages, point, "fine = math:floor", code=code)
    numbers = Registry(GROUP, object if "vii" not in code else int, (1,))
    with pytest.warns(InputWarning, match=reason) as told:
        every = [*numbers]
    assert every[0] == 1
    lines = [str(one.message) for one in told if "bad" in str(one.message)]
    assert len(lines) == 1
    assert lines[0].count("\n") == 0
    assert f"plug-in {point} of {GROUP} is left out" in lines[0]


def test_no_package_is_loaded_for_what_volseg_has_itself(packages: Path) -> None:
    install(packages, "seven = brought:SEVEN")
    numbers = Registry(GROUP, int, (1, 2))
    assert next(number for number in numbers if number == 2) == 2
    assert "brought" not in sys.modules
    assert 7 in numbers
    assert "brought" in sys.modules
