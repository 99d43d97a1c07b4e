"""The one front door: every name is there, loads nothing before it is used, and does as it says."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import volseg as vs
from volseg.errors import DisplayError
from volseg.view.window.display import hidden_window

HEAVY = ("numpy", "torch", "open3d", "laspy", "pydantic", "nibabel", "scipy", "matplotlib")
FUNCTIONS = (
    "check", "convert", "evaluate", "generate", "info", "load", "plan", "read", "report",
    "segment", "train", "view", "voxelize", "write",
)  # fmt: skip


def examples() -> Iterator[doctest.DocTest]:
    """The examples in the docstrings of the whole package."""
    package, finder = Path(vs.__path__[0]), doctest.DocTestFinder()
    for path in sorted(package.rglob("*.py")):
        if ">>>" in path.read_text(encoding="utf-8"):
            parts = path.relative_to(package.parent).with_suffix("").parts
            module = import_module(".".join(parts).removesuffix(".__init__"))
            names = vars(module) | {"vs": vs, "np": np, "torch": torch}
            yield from (found for found in finder.find(module, globs=names) if found.examples)


EXAMPLES = {example.name: example for example in examples()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run(name: str, world: Path) -> None:
    if name == "volseg._face.showing.view" and not draws():
        pytest.skip("this machine cannot draw")
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(EXAMPLES[name], out=said.append).failed == 0, "".join(said)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_the_face_has_an_example(name: str) -> None:
    function = getattr(vs, name)
    assert f"{function.__module__}.{function.__qualname__}" in EXAMPLES


def draws() -> bool:
    try:
        with hidden_window(64, 64):
            return True
    except DisplayError:
        return False


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_gives(name: str) -> None:
    function: Callable[..., Any] = getattr(vs, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter
    assert "Raises:" in (function.__doc__ or "")


def loaded(code: str) -> set[str]:
    """Which heavy modules some code loads."""
    found = f"import sys; print(*[one for one in {HEAVY} if one in sys.modules])"
    command = [sys.executable, "-c", f"{code}\n{found}"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_nothing_is_loaded_before_it_is_used() -> None:
    assert loaded("import volseg; dir(volseg); volseg.__version__; volseg.InputError") == set()
    assert not loaded("import volseg; volseg.PointCloud") & {"torch", "open3d"}


def test_its_names_are_all_there_and_no_others() -> None:
    assert dir(vs) == sorted(vs.__all__)
    assert all(getattr(vs, name) is not None for name in vs.__all__)
    with pytest.raises(AttributeError, match="'volseg' has no attribute 'sgment'"):
        vs.sgment  # noqa: B018


def test_a_package_called_as_a_verb_does_not_take_its_place() -> None:
    code = (
        "import volseg as vs; import volseg.train.loop, volseg.plan, volseg.view, volseg.report\n"
        "from volseg.train import loop; from volseg import train\n"
        "assert all(callable(one) for one in (vs.train, vs.plan, vs.view, vs.report, train))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
