"""The pages that say what is where name nothing that is not there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import volseg

ROOT = Path(__file__).parents[2]
PAGES = ("architecture.md", "glossary.md")
PACKAGES = {path.name for path in (ROOT / "volseg").iterdir() if (path / "__init__.py").is_file()}


def places() -> list[tuple[str, str]]:
    """Every name in code type that begins with a room, and its page."""
    found = []
    for page in PAGES:
        for text in re.findall(r"`([A-Za-z_.]+)`", (ROOT / "docs" / page).read_text()):
            name = text.removeprefix("volseg.")
            if "." in name and name.split(".")[0] in PACKAGES:
                found.append((page, name))
    return found


@pytest.mark.parametrize(("page", "name"), places())
def test_what_a_page_names_is_there(page: str, name: str) -> None:
    *rooms, last = name.split(".")
    if last[0].isupper():
        assert hasattr(import_module(".".join(["volseg", *rooms])), last), page
    else:
        import_module(f"volseg.{name}")


def test_every_room_has_a_line() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert {room for room in PACKAGES if f"| `volseg/{room}` |" not in page} == set()


def test_nouns_of_the_face_are_explained() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text()
    nouns = ("PointCloud", "Volume", "VoxelGrid", "LabelMap", "LabelClass")
    assert set(nouns) <= set(volseg.__all__)
    assert all(f"`{noun}`" in page for noun in nouns)
