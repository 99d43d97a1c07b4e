"""``python -m tests.benchmarks.volumes [SIDE]``: time and peak memory of predicting a large volume.

A cube of noise, 61 classes, windows of 96 cells a side, and a tiny network with fresh weights: what
is measured is all but the network. It needs disk space for one file of the cube.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
import torch

from volseg.config import VolumeModelSpec
from volseg.models.load import save_model
from volseg.models.nets import build_net

CLASSES, PATCH = 61, 96


def model(path: Path) -> None:
    """A model with fresh weights."""
    spec = VolumeModelSpec.model_validate(
        {
            "labels": {"classes": {f"class {one}": {"ids": [one]} for one in range(CLASSES)}},
            "net": {"widths": [4, 8], "norm": "instance", "activation": "leaky_relu"},
            "images": {
                "channels": [{"name": "CT"}],
                "spacing": [1, 1, 1],
                "patch": [PATCH, PATCH, PATCH],
            },
        }
    )
    torch.manual_seed(0)
    save_model(path, spec, build_net(spec).state_dict(), {})


def main() -> None:
    """Predict in a process of its own, and print what it took."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model(folder / "model.safetensors")
        random = np.random.default_rng(0)
        cube = random.random((side, side, side), np.float32)
        nibabel.save(nibabel.Nifti1Image(cube, np.eye(4)), folder / "cube.nii")
        del cube
        volseg = [sys.executable, "-m", "volseg_cli"]
        files = [folder / "model.safetensors", folder / "cube.nii", "-o", folder / "labels.nii.gz"]
        started = time.perf_counter()
        subprocess.run([*volseg, "predict", *files], check=True)
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    own = 4 * side**3 / 2**30
    print(  # noqa: T201
        f"{side} x {side} x {side}, {CLASSES} classes, windows of {PATCH}: {seconds:.0f} s, peak "
        f"{peak:.2f} GiB, {peak - own:.2f} GiB over the input's own {own:.2f} GiB"
    )


if __name__ == "__main__":
    main()
