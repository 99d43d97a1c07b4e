"""Tables of ids and names, as atlases and viewers write them, are label maps."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.config import load_label_map
from volseg.errors import InputError

AAL = "1 Precentral_L 2001\n2 Precentral_R 2002\n\n"
MNI = "PreCG_L\tPrecentral_L\t2001\nPreCG_R\tPrecentral_R\t2002\n"
FREESURFER = """#$Id: FreeSurferColorLUT.txt
#No. Label Name:                            R   G   B   A
0   Unknown                                 0   0   0   0
17  Left-Hippocampus                        220 216 20  0
"""
SNAP = """################################################
# ITK-SnAP Label Description File
    0     0    0    0        0  0  0    "Clear Label"
    1   255    0    0        1  1  1    "tumour core"
    2     0  255    0      0.5  1  1    "oedema"
"""
SLICER = "# Color table file\n1 liver_left 221 130 101 255\n"


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        (AAL, {"background": 0, "Precentral_L": 1, "Precentral_R": 2}),
        (MNI, {"background": 0, "Precentral_L": 2001, "Precentral_R": 2002}),
        (FREESURFER, {"Unknown": 0, "Left-Hippocampus": 17}),
        (SNAP, {"Clear Label": 0, "tumour core": 1, "oedema": 2}),
        (SLICER, {"background": 0, "liver_left": 1}),
        ("id,name\n6, right kidney\n", {"background": 0, "right kidney": 6}),
        ("right kidney 6\nliver 7", {"background": 0, "right kidney": 6, "liver": 7}),
        ("liver = 7\nair = 0\n", {"air": 0, "liver": 7}),
    ],
)
def test_names_and_ids(tmp_path: Path, text: str, classes: dict[str, int]) -> None:
    path = tmp_path / "labels.txt"
    path.write_text(text)
    labels = load_label_map(path)
    assert {one.name: one.ids[0] for one in labels.classes} == classes
    assert labels.names[0] in ("background", "Unknown", "Clear Label", "air")


def test_colours_are_those_of_the_table(tmp_path: Path) -> None:
    found = []
    for text in (FREESURFER, SNAP, SLICER):
        path = tmp_path / "labels.ctbl"
        path.write_text(text)
        found.append(load_label_map(path).classes[1].colour.lower())
    assert found == ["#dcd814", "#ff0000", "#dd8265"]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "names no class"),
        (b"a heading\nalone\n", "names no class"),
        (b"1 liver\nkidney\n", r"line 2: 'kidney'; wanted an id and a name"),
        (b"1 liver\n1 kidney\n", "id 1 stands twice"),
        (b"1 liver\n2 liver\n", "'liver' stands twice"),
        (b"\xff\xfe\x00", "cannot be read as text"),
        (b"1 2 3\n", "line 1: '1 2 3'"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, wrong: str) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"labels\.txt: .*" + wrong):
        load_label_map(path)
