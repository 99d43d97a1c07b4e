"""What docs/integrations has for napari and 3D Slicer, with stand-ins for their windows."""

from __future__ import annotations

import os
import runpy
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import nibabel
import numpy as np
import pytest

from tests.cli.volumes import AFFINE, run, save
from volseg.models.load import load_volume_model

FOLDER = Path(__file__).parents[2] / "docs" / "integrations"


def test_napari_gets_a_layer_of_labels_on_the_grid_of_the_image(tmp_path: Path) -> None:
    segment_layer = runpy.run_path(str(FOLDER / "napari_volseg.py"))["segment_layer"]
    folder = run(tmp_path / "run", folds=1)
    data = np.random.default_rng(0).normal(size=(7, 12, 9)).astype(np.float32)
    layer = SimpleNamespace(data=data, scale=np.array([2.0, 1.2, 1.5]), name="t1")
    viewer = SimpleNamespace(
        layers=SimpleNamespace(selection=SimpleNamespace(active=layer)),
        add_labels=lambda data, **more: SimpleNamespace(data=data, **more),
    )
    made = segment_layer(viewer, str(folder))
    affine = np.diag((-1.5, -1.2, 2.0, 1.0))
    wanted = load_volume_model(folder, "cpu")(data.T, affine=affine).T
    np.testing.assert_array_equal(made.data, wanted)
    assert (made.name, made.scale.tolist()) == ("t1 labels", [2.0, 1.2, 1.5])
    assert made.features == {"index": [0, 0, 7], "name": ["", "air", "organ"]}


@pytest.fixture
def slicer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A stand-in for Slicer's module, and what it was asked to load."""
    loaded: dict[str, Any] = {}

    def load(path: str) -> SimpleNamespace:
        loaded["image"] = nibabel.load(path)
        loaded["labels"] = np.asarray(loaded["image"].dataobj)
        return SimpleNamespace(SetName=lambda name: loaded.update(name=name))

    module: Any = ModuleType("slicer")
    module.util = SimpleNamespace(
        saveNode=lambda node, path: bool(shutil.copy(node.file, path)),
        startupEnvironment=lambda: dict(os.environ),
        loadSegmentation=load,
    )
    monkeypatch.setitem(sys.modules, "slicer", module)
    return loaded


def test_slicer_gets_a_segmentation_in_the_place_of_the_volume(
    tmp_path: Path, slicer: dict[str, Any]
) -> None:
    segment_node = runpy.run_path(str(FOLDER / "slicer_volseg.py"))["segment_node"]
    node = SimpleNamespace(file=save(tmp_path / "a.nii.gz"), GetName=lambda: "CT")
    command = [sys.executable, "-m", "volseg_cli"]
    segment_node(node, run(tmp_path / "run", folds=1), command, ["--device", "cpu"])
    assert slicer["name"] == "CT by volseg"
    assert set(np.unique(slicer["labels"])) == {0, 7}
    np.testing.assert_allclose(slicer["image"].affine, AFFINE, atol=1e-5)
    with pytest.raises(RuntimeError, match="no such run folder or model file"):
        segment_node(node, tmp_path / "nowhere", command)
