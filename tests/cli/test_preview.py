"""``volseg predict --preview``: a picture beside each output, which never costs an output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from PIL import Image

from volseg.config import VolumeModelSpec
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.models.load import save_model
from volseg.models.nets import build_net
from volseg.view.scans import preview as scan_preview
from volseg_cli.preview import preview_of


@pytest.fixture
def tiles(tmp_path: Path, boxes: Callable[..., PointCloud]) -> Path:
    (tmp_path / "in").mkdir()
    for seed, name in enumerate(("a.laz", "b.ply")):
        write(tmp_path / "in" / name, boxes(seed, 800))
    return tmp_path / "in"


@pytest.fixture
def volumes(tmp_path: Path) -> tuple[Path, Path]:
    """A model of volumes and a folder with an image."""
    spec = VolumeModelSpec.model_validate(
        {
            "labels": {"classes": {"air": {"ids": [0]}, "organ": {"ids": [7]}}},
            "net": {"widths": [4, 8], "norm": "instance"},
            "images": {"channels": [{"name": "T1"}], "spacing": [1, 1, 1], "patch": [8, 8, 8]},
        }
    )
    save_model(tmp_path / "m.safetensors", spec, build_net(spec).state_dict(), {})
    (tmp_path / "in").mkdir()
    array = torch.rand(9, 8, 10).numpy()
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / "in" / "v.nii.gz")
    return tmp_path / "m.safetensors", tmp_path / "in"


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_scans_have_a_picture_each(
    cli: Callable[..., Any], run_folder: Path, tiles: Path, tmp_path: Path
) -> None:
    outcome = cli("predict", run_folder, tiles, "-o", tmp_path / "out", "--preview")
    assert outcome.code == 0, outcome
    assert names(tmp_path / "out") == ["a.laz", "a_preview.png", "b.ply", "b_preview.png"]
    with Image.open(tmp_path / "out" / "a_preview.png") as picture:
        assert min(picture.size) > 500


def test_volumes_have_a_picture_each(
    cli: Callable[..., Any], volumes: tuple[Path, Path], tmp_path: Path
) -> None:
    outcome = cli("predict", *volumes, "-o", tmp_path / "out", "--preview")
    assert outcome.code == 0, outcome
    assert names(tmp_path / "out") == ["v.nii.gz", "v_preview.png"]


@pytest.mark.parametrize("kind", ["tiles", "volumes"])
def test_a_picture_that_is_there_is_not_replaced(
    refused: Callable[..., str], request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    made = request.getfixturevalue(kind)
    command = (request.getfixturevalue("run_folder"), made) if kind == "tiles" else made
    (tmp_path / "out").mkdir()
    name = "b_preview.png" if kind == "tiles" else "v_preview.png"
    (tmp_path / "out" / name).write_bytes(b"precious")
    said = refused("predict", *command, "-o", tmp_path / "out", "--preview")
    assert "_preview.png: exists already" in said


def test_a_picture_that_cannot_be_drawn_costs_no_output(
    cli: Callable[..., Any],
    run_folder: Path,
    tiles: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(scan_preview, "preview_scan", fail)
    outcome = cli("predict", run_folder, tiles, "-o", tmp_path / "out", "--preview")
    assert outcome.code == 0
    assert names(tmp_path / "out") == ["a.laz", "b.ply"]
    assert "no preview of a.laz: MemoryError" in outcome.err


def test_a_run_that_goes_on_draws_what_is_missing(
    cli: Callable[..., Any],
    run_folder: Path,
    tiles: Path,
    tmp_path: Path,
    stopped_once: list[int],
) -> None:
    command = ("predict", run_folder, tiles, "-o", tmp_path / "out", "--preview")
    assert cli(*command).code == 130
    first = (tmp_path / "out" / "a_preview.png").stat().st_mtime_ns
    assert cli(*command).code == 0
    assert (tmp_path / "out" / "a_preview.png").stat().st_mtime_ns == first
    assert (tmp_path / "out" / "b_preview.png").exists()


@pytest.mark.parametrize(
    ("target", "name"),
    [("tile.copc.laz", "tile_preview.png"), ("v.nii.gz", "v_preview.png"),
     ("image.png", "image_preview.png"), ("000000.bin", "000000_preview.png")],
)  # fmt: skip
def test_previews_are_named_after_their_outputs(tmp_path: Path, target: str, name: str) -> None:
    assert preview_of(tmp_path / target) == tmp_path / name


def test_previews_of_images_are_no_predictions_and_no_images(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """Predict with --preview, then evaluate, and predict again into the same folder."""
    spec = VolumeModelSpec.model_validate(
        {
            "labels": {"classes": {"sky": {"ids": [0]}, "leaf": {"ids": [7]}}},
            "net": {"widths": [4, 8], "norm": "instance"},
            "images": {"channels": [{"name": "grey"}], "spacing": [1, 1, 1], "patch": [8, 8, 1]},
        }
    )
    model = tmp_path / "m.safetensors"
    save_model(model, spec, build_net(spec).state_dict(), {})
    for name in ("photos/oak.png", "photos/wood/elm.png", "truth/oak.png", "truth/wood/elm.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        high = 8 if name.startswith("truth") else 200
        pixels = np.random.default_rng(0).integers(0, high, (20, 20), np.uint8)
        Image.fromarray(np.where(pixels < 7, 0, pixels)).save(tmp_path / name)
    out = tmp_path / "out"
    for _ in range(2):
        outcome = cli("predict", model, tmp_path / "photos", "-o", out, "--preview", "--overwrite")
        assert outcome.code == 0, outcome
        made = sorted(one.relative_to(out).as_posix() for one in out.rglob("*.png"))
        assert made == ["oak.png", "oak_preview.png", "wood/elm.png", "wood/elm_preview.png"]
        scored = cli("evaluate", out, tmp_path / "truth", "--model", model)
        assert scored.code == 0, scored
    assert cli("predict", model, out, "-o", tmp_path / "more").code == 0
    assert len(list((tmp_path / "more").rglob("*.png"))) == 2


def test_a_folder_that_holds_label_maps_too_is_no_folder_of_images(
    refused: Callable[..., str], volumes: tuple[Path, Path], tmp_path: Path
) -> None:
    model, folder = volumes
    for name in ("images", "labels"):
        (folder / name).mkdir()
    assert "holds label maps too (labels)" in refused(
        "predict", model, folder, "-o", tmp_path / "o"
    )
