"""``python -m tests.benchmarks.peers.predict ours|half|nnunet FOLDER``: image file to label file.

`prepare` fills the folder: an image, one set of weights, and nnU-Net's model folder of them.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import torch

from volseg.predict.ensemble import Precision

CLIP, MEAN, STD = (-1000.0, 1000.0), 100.0, 300.0


def prepare(
    folder: Path,
    *,
    grid: Sequence[int],
    steps: Sequence[float],
    spacing: Sequence[float],
    patch: Sequence[int],
    classes: int,
    widths: Sequence[int],
) -> None:
    """An image of a grid and its steps in mm, for a network of another spacing."""
    from scipy.ndimage import zoom

    from tests.benchmarks.peers import dense_nets

    folder.mkdir()
    spec = {"spacing": spacing, "patch": patch, "classes": classes, "widths": widths}
    (folder / "spec.json").write_text(json.dumps(spec))
    random = np.random.default_rng(0)
    coarse = random.normal(MEAN, STD, [max(side // 24, 3) for side in grid])
    image = zoom(coarse, np.divide(grid, coarse.shape), order=3).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(image, np.diag([*steps, 1.0])), folder / "image_0000.nii.gz")
    torch.manual_seed(0)
    net = dense_nets.ours(classes, widths)
    torch.save(net.state_dict(), folder / "ours.pt")


def prepare_nnunet(folder: Path) -> None:
    """nnU-Net's model folder; its arrays are (Z, Y, X)."""
    from tests.benchmarks.peers import dense_nets

    spec = json.loads((folder / "spec.json").read_text())
    fold = folder / "model" / "fold_0"
    fold.mkdir(parents=True)
    (fold.parent / "plans.json").write_text(json.dumps(_plans(spec)))
    (fold.parent / "dataset.json").write_text(
        json.dumps(
            {
                "channel_names": {"0": "CT"},
                "labels": {"background": 0} | {f"c{n}": n for n in range(1, spec["classes"])},
                "numTraining": 1,
                "file_ending": ".nii.gz",
            }
        )
    )
    net = dense_nets.nnunet(_net(folder, spec), axes=(2, 1, 0))
    torch.save(
        {
            "network_weights": net.state_dict(),
            "trainer_name": "nnUNetTrainer",
            "init_args": {"configuration": "3d_fullres"},
            "inference_allowed_mirroring_axes": (0, 1, 2),
        },
        fold / "checkpoint_final.pth",
    )


def ours(folder: Path, precision: Precision = "float32") -> None:
    """What ``volseg predict`` does; a model file cannot describe nnU-Net's layers."""
    from volseg.data.volumes.channel import Channel
    from volseg.geometry import LabelMap
    from volseg.geometry.labels import LabelClass
    from volseg.nn.allocator import keep_freed_memory
    from volseg.nn.layout import channels_last
    from volseg.predict.volumes.model import VolumeModel
    from volseg.predict.volumes.run import VolumeJob, segment_volumes

    keep_freed_memory()
    spec = json.loads((folder / "spec.json").read_text())
    names = [LabelClass(f"class {one}", (one,), "#000000") for one in range(spec["classes"])]
    model = VolumeModel(
        nets=(channels_last(_net(folder, spec), 3),),
        labels=LabelMap(tuple(names)),
        spacing=tuple(spec["spacing"]),
        channels=(Channel("ct", CLIP, MEAN, STD),),
        patch=tuple(spec["patch"]),
        device=torch.device("cpu"),
        precision=precision,
    )
    name = "ours" if precision == "float32" else "half"
    job = VolumeJob((folder / "image_0000.nii.gz",), folder / f"{name}.nii.gz")
    for done in segment_volumes(model, [job], overwrite=True):
        if done.error is not None:
            raise done.error


def nnunet(folder: Path) -> None:
    """What ``nnUNetv2_predict -device cpu --disable_tta -npp 0 -nps 0`` does, in one process."""
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    predictor = nnUNetPredictor(
        use_mirroring=False, device=torch.device("cpu"), allow_tqdm=False, verbose=False
    )
    predictor.initialize_from_trained_model_folder(str(folder / "model"), (0,))
    predictor.predict_from_files_sequential(
        [[str(folder / "image_0000.nii.gz")]], [str(folder / "nnunet")], overwrite=True
    )


def _net(folder: Path, spec: dict[str, Any]) -> Any:
    from tests.benchmarks.peers import dense_nets

    net = dense_nets.ours(spec["classes"], spec["widths"])
    net.load_state_dict(torch.load(folder / "ours.pt", weights_only=True))
    return net


def _plans(spec: dict[str, Any]) -> dict[str, Any]:
    turned, patch = list(reversed(spec["spacing"])), list(reversed(spec["patch"]))
    seen = {
        "mean": MEAN, "std": STD, "median": MEAN, "min": CLIP[0], "max": CLIP[1],
        "percentile_00_5": CLIP[0], "percentile_99_5": CLIP[1],
    }  # fmt: skip
    return {
        "dataset_name": "Dataset999_Bench",
        "plans_name": "nnUNetPlans",
        "original_median_spacing_after_transp": turned,
        "original_median_shape_after_transp": patch,
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "experiment_planner_used": "ExperimentPlanner",
        "label_manager": "LabelManager",
        "foreground_intensity_properties_per_channel": {"0": seen},
        "configurations": {"3d_fullres": _configuration(spec)},
    }


def _configuration(spec: dict[str, Any]) -> dict[str, Any]:
    from tests.benchmarks.peers import dense_nets

    turned, patch = list(reversed(spec["spacing"])), list(reversed(spec["patch"]))
    plain = {"is_seg": False, "order_z": 0, "force_separate_z": None}
    way = "resample_data_or_seg_to_shape"
    return {
        "data_identifier": "nnUNetPlans_3d_fullres",
        "preprocessor_name": "DefaultPreprocessor",
        "batch_size": 2,
        "patch_size": patch,
        "median_image_size_in_voxels": patch,
        "spacing": turned,
        "normalization_schemes": ["CTNormalization"],
        "use_mask_for_norm": [False],
        "resampling_fn_data": way,
        "resampling_fn_seg": way,
        "resampling_fn_data_kwargs": {**plain, "order": 3},
        "resampling_fn_seg_kwargs": {**plain, "is_seg": True, "order": 1},
        "resampling_fn_probabilities": way,
        "resampling_fn_probabilities_kwargs": {**plain, "order": 1},
        "architecture": {
            "network_class_name": (
                "dynamic_network_architectures.architectures.unet.PlainConvUNet"
            ),
            "arch_kwargs": dense_nets.architecture(spec["widths"]),
            "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
        },
        "batch_dice": False,
    }


if __name__ == "__main__":
    half = functools.partial(ours, precision="bfloat16")
    {"ours": ours, "half": half, "nnunet": nnunet}[sys.argv[1]](Path(sys.argv[2]))
