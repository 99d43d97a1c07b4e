"""Validation on patches while training: scores that stay comparable, scenes the right way up."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from volseg.config import VolumeConfig, load_config
from volseg.data.batch import Batch
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.store import CachedCase
from volseg.geometry.labels import IGNORE
from volseg.progress import SILENT
from volseg.runs.volumes import patch_validation as patch_validating
from volseg.runs.volumes.patch_validation import Slice, patch_validation
from volseg.runs.volumes.training import prepare_cases
from volseg.view.validation import BOX

CPU = Accelerator(cpu=True)


def validation(config: VolumeConfig, cases: list[CachedCase], accelerator: Accelerator) -> Any:
    return patch_validation(config.images, config.labels.label_map(), cases, accelerator)


@pytest.fixture(scope="module")
def config(balls_file: Path) -> VolumeConfig:
    loaded = load_config(balls_file)
    assert isinstance(loaded, VolumeConfig)
    return loaded


class Always(nn.Module):
    """Predicts one class everywhere."""

    def __init__(self, value: int) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        logits = torch.full((len(x), 2, *x.shape[2:]), -1.0)
        logits[:, self.value] = 1.0
        return logits


@pytest.fixture(scope="module")
def cached(
    tmp_path_factory: pytest.TempPathFactory, config: VolumeConfig, balls: Path
) -> list[CachedCase]:
    folder = tmp_path_factory.mktemp("cache")
    return list(prepare_cases(config, read_dataset(balls), folder, SILENT).values())


class TestPatches:
    @pytest.mark.parametrize("many", [1, 3, 10])
    def test_the_picture_shows_a_few_of_them(
        self, config: VolumeConfig, cached: list[CachedCase], many: int
    ) -> None:
        validate, draw = validation(config, cached[:many], Accelerator(cpu=True))
        validate(Always(0))
        picture = np.asarray(draw(Always(0)))
        rows = min(many, patch_validating.SHOWN)
        assert rows * BOX[1] < picture.shape[0] < rows * (BOX[1] + 60) + 220
        ball = config.labels.label_map().colours[1]
        lines = (picture == ball).all(axis=2)[: rows * (BOX[1] + 40)]  # above the legend
        truth, guess = (
            lines[:, round(start * lines.shape[1]) : round((start + 0.25) * lines.shape[1])]
            for start in (0.25, 0.5)
        )
        assert truth.sum() > 200 * rows  # and no ball was predicted
        assert not guess.any()

    def test_they_stay_the_same_and_lie_on_the_ball(
        self, config: VolumeConfig, cached: list[CachedCase]
    ) -> None:
        scores = [validation(config, cached, Accelerator(cpu=True))[0](Always(1)) for _ in range(2)]
        assert scores[0] == scores[1]
        assert scores[0].by_class["background"] == 0.0
        voxels = sum(case.counts[1] for case in cached)
        whole = 2 * voxels / (10 * np.prod(config.images.patch) + voxels)
        assert 0.8 * whole < scores[0].mean <= whole

    def test_what_lies_far_from_all_foreground_counts_too(
        self, config: VolumeConfig, cached: list[CachedCase]
    ) -> None:
        small = config.images.model_copy(update={"patch": (8, 8, 1)})
        scorer: Any = validation(config.model_copy(update={"images": small}), cached, CPU)[0]
        around, anywhere = scorer.batches[: len(cached)], scorer.batches[len(cached) :]
        assert len(anywhere) == patch_validating.ANYWHERE * len(cached)
        share = [np.mean([(b.targets == 1).float().mean() for b in some]) for some in
                 (around, anywhere)]  # fmt: skip
        assert share[0] > 2 * share[1]

    @pytest.mark.parametrize(
        "patch", [(24, 24, 16), (24, 24, 1), (1, 24, 16), (24, 1, 16)], ids=str
    )
    @pytest.mark.parametrize("overlap", [False, True])
    def test_padding_has_no_outline(
        self, tmp_path: Path, config: VolumeConfig, cached: list[CachedCase],
        patch: tuple[int, int, int], overlap: bool, monkeypatch: pytest.MonkeyPatch, balls: Path,
    ) -> None:  # fmt: skip
        images = config.images.model_copy(update={"patch": patch})
        labels, cases = config.labels, cached
        if overlap:
            classes = {
                name: one.model_copy(update={"ids": (1,) if name == "ball" else (0, 1)})
                for name, one in labels.classes.items()
            }
            labels = labels.model_copy(
                update={"classes": classes, "overlap": True, "background": (9,)}
            )
        changed = config.model_copy(update={"images": images, "labels": labels})
        if overlap:
            dataset = read_dataset(balls)
            cases = list(prepare_cases(changed, dataset, tmp_path / "c", SILENT).values())
        kept: list[Slice] = []
        real = patch_validating._slice

        def keep(*args: Any, **options: Any) -> Slice:
            kept.append(real(*args, **options))
            return kept[-1]

        monkeypatch.setattr(patch_validating, "_slice", keep)
        validate, draw = validation(changed, cases[:1], Accelerator(cpu=True))
        validate(Always(1))
        draw(Always(0))
        (one,) = kept
        sides = [side for axis, side in enumerate(patch) if side > 1][:2]
        assert one.image.shape == one.truth.shape == one.predicted.shape == tuple(sides[::-1])
        outside = one.image == 0
        assert outside.any()
        assert (one.predicted[outside] == IGNORE).all()
        assert (one.predicted[~outside] == 1).all()
        assert (one.truth[~outside] >= 0).all()

    @pytest.mark.parametrize(
        ("names", "coloured"),
        [
            (("red", "green", "blue"), True), (("R", "G", "B"), True),
            (("channel_0", "channel_1", "channel_2"), True), (("T1", "T2", "FLAIR"), False),
            (("channel_0", "channel_1"), False), (("image",), False),
        ],
    )  # fmt: skip
    def test_a_photograph_is_shown_in_colour(
        self, names: tuple[str, ...], coloured: bool, config: VolumeConfig
    ) -> None:
        assert patch_validating._in_colour(names) == coloured
        image = torch.randn(1, len(names), 6, 5) * torch.arange(1, len(names) + 1)[:, None, None]
        image[0, 0, 2, 3] = 90.0  # the reddest pixel
        truth = torch.zeros(1, 6, 5, dtype=torch.int64)
        flat = SimpleNamespace(image=np.zeros((len(names), 6, 5, 1)))
        one = patch_validating._slice(
            flat,  # type: ignore[arg-type]
            Batch(image, truth),
            truth,
            config.labels.label_map(),
            coloured=coloured,
        )
        assert one.image.shape == ((6, 5, 3) if coloured else (6, 5))
        if coloured:
            assert one.image.dtype == np.uint8
            assert np.unravel_index(one.image[..., 0].argmax(), (6, 5)) == (2, 3)
            assert (one.image[..., 1] != one.image[..., 0]).any()

    def test_a_slice_is_shown_upright(
        self, tmp_path: Path, config: VolumeConfig, make_balls: Any
    ) -> None:
        data = read_dataset(make_balls(tmp_path / "data", cases=1))
        (case,) = prepare_cases(config, data, tmp_path / "cache", SILENT).values()
        image, truth = torch.zeros(1, 1, 4, 3, 2), torch.zeros(1, 4, 3, 2, dtype=torch.int64)
        image[0, 0, 3, 2, 1] = 5.0  # right, anterior
        truth[0, 0, 0, 1] = 1
        labels = config.labels.label_map()
        one = patch_validating._slice(case, Batch(image, truth), truth, labels)
        assert one.image.shape == (3, 4)
        assert one.image[0, 3] == 5.0
        assert one.truth[2, 0] == 1
