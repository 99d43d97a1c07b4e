"""Whole volumes: arrays through sliding windows, files to label files."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import nibabel
import numpy as np
import torch
from torch import Tensor

from tests.benchmarks.peers import dense_nets, predict
from tests.benchmarks.row import DisagreementError, Row, Side, near
from tests.benchmarks.scenes import scratch, sized
from volseg.data.volumes.channel import Channel
from volseg.geometry import windows
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.nn.allocator import keep_freed_memory
from volseg.nn.layout import channels_last
from volseg.predict.ensemble import Precision
from volseg.predict.volumes.model import VolumeModel
from volseg.predict.volumes.sliding import Sliding

CLASSES, WIDTHS = 4, (16, 32, 64)


class SlidingNet(Row):
    """A prepared array to labels; both sides place the same windows and weigh them alike."""

    peer = "monai/sliding_window_inference"
    runs = 3

    def __init__(self, precision: Precision) -> None:
        self.precision: Precision = precision
        self.wanted = 2.5 if precision == "bfloat16" else 1.5
        self.patch = sized(64, 16)
        side = 5 * self.patch // 2
        torch.manual_seed(0)
        self.image = torch.nn.functional.interpolate(
            torch.randn(1, 1, *[side // 8] * 3), [side] * 3, mode="trilinear"
        )
        self.net = dense_nets.ours(CLASSES, WIDTHS)
        kind = "bfloat16 beside float32" if precision == "bfloat16" else precision
        self.work = f"sliding windows of {self.patch}^3, U-Net {WIDTHS}, {kind}: {side}^3 voxels"

    def ours(self) -> Side:
        keep_freed_memory()  # as `volseg predict` does
        net = dense_nets.ours(CLASSES, WIDTHS)
        net.load_state_dict(self.net.state_dict())
        names = [LabelClass(f"class {one}", (one,), "#000000") for one in range(CLASSES)]
        model = VolumeModel(
            nets=(channels_last(net, 3),),
            labels=LabelMap(tuple(names)),
            spacing=(1.0, 1.0, 1.0),
            channels=(Channel("none"),),
            patch=(self.patch,) * 3,
            device=torch.device("cpu"),
            precision=self.precision,
        )
        volume = Volume(self.image[0].numpy(), np.eye(4))
        return lambda: model.label(volume)

    def theirs(self) -> Side:
        from monai.inferers import sliding_window_inference

        net = dense_nets.monai(self.net).eval()
        # Its own bell is cut off at 0.001, which tells at the image's border.
        patch = [self.patch] * 3
        bell = torch.from_numpy(windows.gaussian(patch))

        def run() -> np.ndarray:
            with torch.inference_mode():
                logits = sliding_window_inference(
                    self.image, patch, 1, net, overlap=0.5, roi_weight_map=bell
                )
            return logits.argmax(1)[0].numpy()

        return run

    def agree(self, ours: Any, theirs: Any) -> str:
        return _share(ours, theirs, 0.98 if self.precision == "bfloat16" else 0.999)


class SlidingAlone(Row):
    """Windows cut and blended, with a network that does next to nothing."""

    peer = "torchio/GridSampler and GridAggregator"
    runs = 3

    def __init__(self) -> None:
        self.patch, side = sized(64, 16), sized(192, 40)
        self.image = np.random.default_rng(0).random((1, side, side, side), np.float32)
        self.scale = torch.arange(1.0, 1 + CLASSES).reshape(CLASSES, 1, 1, 1)
        self.work = (
            f"windows of {self.patch}^3 cut and blended, no network: {side}^3 voxels, "
            f"{CLASSES} classes"
        )

    def ours(self) -> Side:
        sliding = Sliding(self.image, (self.patch,) * 3, CLASSES)

        def run() -> Tensor:
            out = torch.empty(CLASSES, *self.image.shape[1:])
            for where, scores in sliding(self._predict):
                out[(slice(None), *where)] = scores
            return out

        return run

    def theirs(self) -> Side:
        import torchio

        image = torchio.ScalarImage(tensor=torch.from_numpy(self.image))
        subject, half = torchio.Subject(image=image), self.patch // 2

        def run() -> Tensor:
            sampler = torchio.inference.GridSampler(subject, self.patch, half)
            whole = torchio.inference.GridAggregator(sampler, overlap_mode="hann")
            for one in torchio.SubjectsLoader(sampler, batch_size=1):
                windows = one["image"][torchio.DATA]
                whole.add_batch(self._predict(windows), one[torchio.LOCATION])
            return whole.get_output_tensor()

        return run

    def _predict(self, windows: Tensor) -> Tensor:
        return windows * self.scale

    def agree(self, ours: Tensor, theirs: Tensor) -> str:
        return f"within {near(ours, theirs, 'scores', 1e-5):.0e} of the largest"


class FileToFile(Row):
    """Processes of their own, from start to end: read, resample, predict, resample, write."""

    peer = "nnunetv2/predict, no mirroring, one process"
    wanted, wanted_memory, runs, in_child = 3, 3, 2, True

    def __init__(self, *, half: bool = False) -> None:
        self.half = half
        grid = (192, 192, sized(128, 32)) if sized(1, 0) else (48, 48, 32)
        self.folder = scratch() / "predict"
        if not self.folder.exists():
            predict.prepare(
                self.folder,
                grid=grid,
                steps=(1.0, 1.0, 1.5),
                spacing=(1.25, 1.25, 1.25),
                patch=(64, 64, 64) if sized(1, 0) else (32, 32, 32),
                classes=sized(16, 4),
                widths=WIDTHS,
            )
        shape = " x ".join(map(str, grid))
        self.work = (
            f"image file to label file, U-Net {WIDTHS}, {sized(16, 4)} classes, "
            f"{'bfloat16 beside float32' if half else 'float32'}: {shape} voxels, "
            "resampled to 1.25 mm and back"
        )

    def ours(self) -> Side:
        return lambda: self._run("half" if self.half else "ours")

    def theirs(self) -> Side:
        import nnunetv2  # noqa: F401

        if not (self.folder / "model").exists():
            predict.prepare_nnunet(self.folder)
        return lambda: self._run("nnunet")

    def _run(self, side: str) -> np.ndarray:
        command = [sys.executable, "-m", "tests.benchmarks.peers.predict", side, str(self.folder)]
        subprocess.run(command, check=True, stdout=sys.stderr)
        return np.asarray(nibabel.load(self.folder / f"{side}.nii.gz").dataobj)

    def agree(self, ours: Any, theirs: Any) -> str:
        return _share(ours, theirs, 0.9)


def _share(ours: Any, theirs: Any, least: float) -> str:
    """How many labels are the same; raises DisagreementError if too few."""
    if ours.shape != theirs.shape:
        raise DisagreementError(f"labels: shape {ours.shape} beside {theirs.shape}")
    share = float((ours == theirs).mean())
    if share < least:
        raise DisagreementError(f"labels: {share:.2%} are the same")
    return f"{share:.3%} of the labels the same"
