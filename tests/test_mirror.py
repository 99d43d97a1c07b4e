"""The house rules that no other tool checks: tests mirror the package, and nothing grows too long.

Every module has the test ``tests/<its path>/test_<its name>.py``, every test file its module. Laws
that span a room lie in a folder ``laws`` of that room; what spans all rooms lies here or in one of
`ROOMS`.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SOURCES = {ROOT / "volseg": TESTS, ROOT / "cli" / "volseg_cli": TESTS / "cli"}
ROOMS = ("browser", "docs", "faults", "simulated")
"""Rooms of tests whose subject is no module: a real browser, the docs, files with faults, a device
without a GPU."""

LINES, FUNCTION = 300, 40
"""A file's lines at most, and a test function's."""

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules() -> dict[Path, Path]:
    """Every module's test, and the module."""
    return {
        mirror / path.relative_to(source).with_name(f"test_{path.name}"): path
        for source, mirror in SOURCES.items()
        for path in source.rglob("*.py")
        if not path.name.startswith("_")
    }


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def does_something(module: Path) -> bool:
    """Whether a module has a function: declarations alone need no test."""
    return any(isinstance(node, Function) for node in ast.walk(tree(module)))


def test_every_module_has_its_test() -> None:
    missing = {
        name(module)
        for test, module in modules().items()
        if not test.exists() and does_something(module)
    }
    assert missing == set()


def test_every_test_has_its_module() -> None:
    known = modules()
    stray = {
        name(path)
        for path in TESTS.rglob("test_*.py")
        if path not in known
        and path.parent.name != "laws"
        and path.parent != TESTS
        and path.relative_to(TESTS).parts[0] not in ROOMS
    }
    assert stray == set()


@pytest.mark.parametrize("folder", ["volseg", "cli", "tests"])
def test_files_fit_on_a_few_screens(folder: str) -> None:
    long = {
        name(path)
        for path in (ROOT / folder).rglob("*.py")
        if path.read_text(encoding="utf-8").count("\n") > LINES
    }
    assert long == set()


def test_functions_of_tests_fit_on_a_screen() -> None:
    long = {
        f"{name(path)}::{node.name}"
        for path in TESTS.rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno >= FUNCTION
    }
    assert long == set()


def test_no_two_classes_share_a_name() -> None:
    names = Counter(
        node.name
        for source in SOURCES
        for path in source.rglob("*.py")
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
    )
    assert {each for each, count in names.items() if count > 1} == set()
