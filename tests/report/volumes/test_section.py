"""Volumes: what the script gets is what the files hold."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.evaluate.volumes.pairs import VolumePair
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.report.volumes.case import VolumeCase
from volseg.report.volumes.section import volume_section

GRID = (8, 10, 6)
AFFINE = np.diag([-1.0, 1.0, 2.0, 1.0])  # stored towards the left
LABELS = LabelMap(
    (LabelClass("back", (0,), "#000000"), LabelClass("ball", (1, 4), "#00FF00")), ignore=(9,)
)
REGIONS = LabelMap(
    (LabelClass("whole", (1, 2), "#00FF00"), LabelClass("core", (2,), "#FF0000")), overlap=True
)
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(tmp_path: Path, reader: Any) -> Read:
    """Saves arrays, draws them, and gives what the script gets, unpacked, and the page's words."""

    def read(
        guess: np.ndarray[Any, Any],
        truth: np.ndarray[Any, Any],
        labels: LabelMap,
        image: np.ndarray[Any, Any] | None = None,
        suffix: str = ".nii",
        most: int = 10_000,
    ) -> dict[str, Any]:
        arrays = {"guess": guess, "truth": truth} | ({} if image is None else {"image": image})
        files = {name: tmp_path / f"{name}{suffix}" for name in arrays}
        for name, array in arrays.items():
            if suffix == ".png":
                Image.fromarray(array).save(files[name])
            else:
                nib.save(nib.Nifti1Image(array, AFFINE), files[name])
        pair = VolumePair("case", files["guess"], files["truth"])
        images = () if image is None else (files["image"],)
        page = reader(volume_section(VolumeCase(pair, images), labels, "case-1", most).body)
        (data,) = page.data()
        kind = "<u2" if data["wide"] else "u1"
        for name in ("truth", "predicted"):
            data[name] = unpack(data[name], kind).reshape(data["grid"])
        return data | {"words": page.words(), "buttons": page.all("button")}

    return read


def unpack(text: str, kind: str) -> np.ndarray[Any, Any]:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), kind)


def random_ids(ids: list[int], seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).choice(ids, GRID).astype(np.uint8)


def test_codes_name_the_classes_of_every_voxel(read: Read) -> None:
    guess, truth = random_ids([0, 1, 4]), random_ids([0, 1, 4, 9], 1)
    data = read(guess, truth, LABELS)
    for name, raw in (("predicted", guess), ("truth", truth)):
        # The script's axes run to the right; ids of one class are alike; background is in none.
        held = np.array([data["members"][code] for code in data[name].ravel()], dtype=object)
        wanted = [{0: [], 1: [2], 4: [2], 9: [0]}[one] for one in raw[::-1].ravel().tolist()]
        assert held.tolist() == wanted
    wrong = (truth != 9) & ((guess > 0) != (truth > 0))
    assert [sum(plane["wrong"]) for plane in data["planes"]] == [wrong.sum()] * 3
    worst = data["planes"][2]
    assert worst["axis"] == 0
    assert worst["worst"][0] == wrong[::-1].sum(axis=(1, 2)).argmax()
    assert f"{wrong.sum()} of {(truth != 9).sum()} voxels" in data["words"]


def test_regions_are_named_together(read: Read) -> None:
    truth = random_ids([0, 1, 2])
    data = read(np.zeros_like(truth), truth, REGIONS)
    held = {raw: data["members"][data["truth"][::-1][truth == raw][0]] for raw in (0, 1, 2)}
    assert held == {0: [], 1: [1], 2: [1, 2]}
    assert not data["predicted"].any() or data["members"][data["predicted"].max()] == []


def test_slices_have_millimetres_and_sides(read: Read) -> None:
    data = read(random_ids([0]), random_ids([0, 1]), LABELS)
    shown = [(one["name"], one["width"], one["height"], one["letters"]) for one in data["planes"]]
    assert shown == [
        ("Axial", 8, 10, "LRAP"), ("Coronal", 8, 12, "LRSI"), ("Sagittal", 10, 12, "PASI")
    ]  # fmt: skip
    assert np.array(data["affine"])[0].tolist() == [1, 0, 0, -7]


def test_images_keep_their_order_of_greys(read: Read) -> None:
    image = np.random.default_rng(0).normal(size=GRID).astype(np.float32)
    labels = random_ids([0, 1])
    data = read(labels, labels, LABELS, image)
    greys = unpack(data["image"]["values"], "u1").reshape(GRID)
    order = np.argsort(image[::-1].ravel())
    assert (np.diff(greys.ravel()[order].astype(int)) >= 0).all()
    assert (greys.min(), greys.max()) == (0, 255)


def test_a_photograph_is_one_plane_in_its_colours(read: Read) -> None:
    mask = np.zeros((5, 7), np.uint8)
    mask[1, 2] = 1
    photograph = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    data = read(np.zeros_like(mask), mask, LABELS, photograph, ".png")
    (plane,) = data["planes"]
    assert (plane["width"], plane["height"], plane["slices"]) == (7, 5, 1)
    assert plane["across"] == [1, 0]
    assert (unpack(data["image"]["values"], "u1").reshape(5, 7, 3) == photograph).all()
    assert data["affine"] is None
    assert not any("data-next" in one for one in data["buttons"])


def test_an_image_that_lies_elsewhere_is_told_and_left_out(read: Read) -> None:
    labels = random_ids([0, 1])
    data = read(labels, labels, LABELS, np.zeros((3, 3, 3), np.float32))
    assert data["image"] is None
    assert "it lies elsewhere than its labels" in data["words"]


@pytest.mark.parametrize("many", [1, 116, 400])
def test_any_number_of_classes(read: Read, many: int) -> None:
    labels = LabelMap(tuple(LabelClass(f"c{k}", (k,), "#123456") for k in range(many)))
    truth = np.arange(np.prod(GRID)).reshape(GRID).astype(np.uint16) % many
    data = read(truth, truth, labels)
    assert data["wide"] == (many > 256)
    classes = [one["data-class"] for one in data["buttons"] if "data-class" in one]
    assert classes == [str(k + 1) for k in range(many) if many == 1 or k]


def test_a_large_volume_says_what_is_left_out(read: Read) -> None:
    truth = np.zeros(GRID, np.uint8)
    truth[2:6, 2:8, 1:5] = 1
    guess = truth.copy()
    guess[5, 7, 4] = 0
    data = read(guess, truth, LABELS, most=40)
    assert "The part around the classes is drawn, 6 x 10 x 6 of 8 x 10 x 6 voxels." in data["words"]
    assert "voxels one is drawn, a wrong one where there is any" in data["words"]
    assert ((data["truth"] != data["predicted"]).sum()) == 1


def test_nothing_known_and_nothing_predicted(read: Read) -> None:
    data = read(random_ids([0]), random_ids([9]), LABELS)
    assert "No voxel has a known truth." in data["words"]
    assert [one["data-class"] for one in data["buttons"] if "data-class" in one] == ["0"]
