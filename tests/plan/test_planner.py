"""Whole plans: from files to a config, with a machine that only claims to measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.config import VolumeConfig, load_config
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.models.nets import build_net
from volseg.plan import Plan, defaults, make_plan
from volseg.plan.detail import KEPT
from volseg.plan.grid import seen_axes
from volseg.plan.text import to_yaml

Make = Callable[..., Path]
GB = 10**9


def planned(folder: Path, machine: Any, **options: Any) -> Plan:
    return make_plan(read_dataset(folder), machine, **{"memory": 4 * GB} | options)


def test_what_is_planned_holds_together(make: Make, paper: Any) -> None:
    machine = paper()
    plan = planned(make(*[(20, 30, 12)] * 6), machine)
    config = plan.config
    assert config.images.patch == (20, 32, 12)
    assert config.images.axes == (0, 1, 2)
    assert config.images.mirror == (0,)  # left and right
    assert config.images.spacing == (1, 1, 1)
    assert len(config.net.widths) == 3
    assert config.net.widths[0] == defaults.FIRST_WIDTH["cpu"]
    assert config.net.supervised == defaults.SUPERVISED
    assert config.train.loss.kind == defaults.LOSS
    assert config.data.folds == 5
    assert machine.asked == [config]
    assert plan.measured == 1000
    assert 0 < plan.expected < 4 * GB
    assert plan.notes == ()
    build_net(config)


@pytest.mark.parametrize(("cases", "folds"), [(1, 2), (3, 3), (7, 5)])
def test_no_more_folds_than_cases(make: Make, paper: Any, cases: int, folds: int) -> None:
    assert planned(make(*[(8, 8, 8)] * cases), paper()).config.data.folds == folds


def test_turned_files_make_the_same_plan(make: Make, paper: Any) -> None:
    turn = np.array([[0, 0, -0.7, 9], [-0.7, 0, 0, 9], [0, 3.5, 0, 9], [0, 0, 0, 1]])
    straight = planned(make((36, 24, 8), affine=np.diag([0.7, 0.7, 3.5, 1])), paper())
    turned = planned(make((24, 8, 36), affine=turn), paper())
    assert turned.config == straight.config
    assert straight.config.net.strides[0] == (2, 2, 1)
    assert straight.config.net.kernels[0] == (3, 3, 1)


def test_turned_patients_turn_the_plan(make: Make, paper: Any) -> None:
    grid, spacing = (36, 24, 8), (0.7, 0.7, 3.5)
    first = planned(make(grid, affine=np.diag([*spacing, 1])), paper()).config
    for order in permutations(range(3)):

        def turned(sizes: Sequence[Any], order: tuple[int, ...] = order) -> tuple[Any, ...]:
            return tuple(sizes[axis] for axis in order)

        affine = np.diag([*turned(spacing), 1])
        config = planned(make(turned(grid), affine=affine), paper()).config
        assert config.images.patch == turned(first.images.patch)
        assert config.images.spacing == turned(first.images.spacing)
        assert config.net.strides == tuple(map(turned, first.net.strides))
        assert config.net.kernels == tuple(map(turned, first.net.kernels))
        assert config.train == first.train


class TestAxes:
    @pytest.mark.parametrize(
        ("median", "nd", "wanted"),
        [
            ((9, 9, 9), None, (0, 1, 2)),
            ((9, 9, 9), 2, (0, 1)),
            ((9, 9, 9), 3, (0, 1, 2)),
            ((9, 9, 1), None, (0, 1)),
            ((9, 1, 9), None, (0, 2)),
            ((1, 9, 9), 2, (1, 2)),
        ],
    )
    def test_single_slices_are_seen_flat(
        self, median: tuple[int, int, int], nd: int | None, wanted: tuple[int, ...]
    ) -> None:
        assert seen_axes((1, 1, 1), median, nd) == wanted

    def test_slices_of_a_coarse_axis(self) -> None:
        assert seen_axes((4, 1, 1), (9, 9, 9), 2) == (1, 2)

    def test_one_slice_has_no_third_axis(self) -> None:
        with pytest.raises(InputError, match=r"9 x 9 x 1 voxels, one slice; .* leave --nd 3 away"):
            seen_axes((1, 1, 1), (9, 9, 1), 3)

    @pytest.mark.parametrize("nd", [None, 2])
    def test_a_line_is_refused(self, nd: int | None) -> None:
        with pytest.raises(InputError, match="9 x 1 x 1 voxels, a line"):
            seen_axes((1, 1, 1), (9, 1, 1), nd)

    def test_a_plan_of_slices(self, make: Make, paper: Any) -> None:
        folder = make((40, 6, 48), affine=np.diag([1, 4, 1, 1]))
        config = planned(folder, paper(), nd=2).config
        assert config.images.patch == (40, 1, 48)
        assert config.images.mirror == (0,)
        assert config.nd == 2
        assert config.net.kernels == 3

    def test_mixed_cases_are_told_of(self, make: Make, paper: Any) -> None:
        plan = planned(make((8, 8, 8), (8, 8, 1), (8, 8, 8)), paper())
        assert plan.config.nd == 3
        assert plan.notes == (
            "1 of 3 cases have one slice, the others more; the plan is 3-D, as the median case",
        )


class TestMemory:
    def test_what_took_too_much_is_planned_smaller(self, make: Make, paper: Any) -> None:
        def double(config: VolumeConfig) -> int:
            return 10_000 * config.train.batch * prod(config.images.patch)

        machine = paper(used=double)
        plan = planned(make(*[(48, 48, 48)] * 40), machine, memory=GB)
        assert len(machine.asked) > 1
        assert machine.asked[-1] == plan.config
        assert plan.measured == double(plan.config) <= GB
        assert plan.notes == ()

    def test_what_stays_too_much_is_told(self, make: Make, paper: Any) -> None:
        machine = paper(used=lambda config: int(1.02 * GB))
        plan = planned(make(*[(48, 48, 48)] * 40), machine, memory=GB)
        (note,) = plan.notes
        assert note.startswith("a step took 1.02 GB, more than it may")

    def test_nothing_fits(self, make: Make, paper: Any) -> None:
        with pytest.raises(InputError, match="give it more with --memory"):
            planned(make((16, 16, 16)), paper(), memory=10**6)

    def test_a_gpu_is_not_held_to_a_cpus_pace(self, make: Make, paper: Any) -> None:
        folder = make((4, 4, 4))
        dataset = read_dataset(folder)
        slow = make_plan(dataset, paper(), memory=GB)
        assert slow.budget.voxels == defaults.CPU_STEP_VOXELS
        device = type("Device", (), {"type": "cuda"})()
        assert make_plan(dataset, paper(device=device), memory=GB).budget.voxels is None


class TestMinutes:
    """Slices are quick, volumes slow: the minutes decide which are seen."""

    def planned(self, make: Make, paper: Any, minutes: float, **options: Any) -> Plan:
        folder = make(*[(48, 48, 12)] * 6, affine=np.diag([1, 1, 4, 1]))
        machine = paper(takes=lambda config: 0.05 * config.net.widths[0] * (config.nd - 1.9))
        return planned(folder, machine, minutes=minutes, **options)

    def test_few_minutes_see_slices_and_many_volumes(self, make: Make, paper: Any) -> None:
        plans = [self.planned(make, paper, minutes) for minutes in (0.3, 5, 15, 60, 600)]
        sizes = [(plan.config.nd, plan.config.net.widths[0]) for plan in plans]
        assert sizes == sorted(sizes)
        assert sizes[0] == (2, 8)
        assert sizes[-1] == (3, defaults.FIRST_WIDTH["cpu"])

    def test_few_minutes_see_coarser_voxels_where_these_lose_nothing(
        self, make: Make, paper: Any
    ) -> None:
        few, many = (self.planned(make, paper, minutes) for minutes in (0.3, 600))
        assert few.config.images.spacing == (2, 2, 4)
        assert few.median == (24, 24, 12)
        assert few.kept is not None
        assert few.kept >= KEPT
        assert f"a Dice of {few.kept:.3f} or more" in " ".join(to_yaml(few).split())
        assert (many.config.images.spacing, many.kept) == ((1, 1, 4), None)

    def test_steps_fit_the_minutes(self, make: Make, paper: Any) -> None:
        plan = self.planned(make, paper, 15)
        assert plan.pace is not None
        train = plan.config.train
        assert train.epochs >= 5
        assert train.epochs * train.steps * plan.pace.seconds <= 60 * 15

    def test_too_few_minutes_are_told(self, make: Make, paper: Any) -> None:
        (note,) = self.planned(make, paper, 0.1).notes
        assert "0.1 minutes hold 134 steps of the quickest network, which is little" in note

    def test_axes_that_are_asked_for_are_kept(self, make: Make, paper: Any) -> None:
        assert self.planned(make, paper, 1, nd=3).config.nd == 3
        assert self.planned(make, paper, 600, nd=2).config.nd == 2


class TestRealData:
    @pytest.mark.parametrize(
        ("data", "nd", "preset"),
        [
            ("mri/Task04_Hippocampus", None, "mri/hippocampus"),
            ("mri/Dataset105_Prostate", None, "mri/prostate"),
            ("mri/Dataset105_Prostate", 2, "mri/prostate_2d"),
        ],
    )
    def test_presets_are_plans(
        self, shared_data: Path, paper: Any, data: str, nd: int | None, preset: str
    ) -> None:
        found = planned(shared_data / data, paper(), nd=nd).config
        wanted = load_config(preset)
        assert isinstance(wanted, VolumeConfig)
        for name in ("spacing", "patch", "mirror"):
            assert getattr(found.images, name) == getattr(wanted.images, name)
        # Widths and training are tuned by hand.
        for name in ("kernels", "strides"):
            assert getattr(found.net, name) == getattr(wanted.net, name)
        ids = [[one.ids for one in config.labels.classes.values()] for config in (found, wanted)]
        assert ids[0] == ids[1]

    def test_images_make_2d_plans(self, shared_data: Path, paper: Any) -> None:
        config = planned(shared_data / "img2d/isbi2012_em", paper()).config
        assert (config.nd, config.images.patch[2]) == (2, 1)
        ids = {one.ids for one in config.labels.classes.values()}
        assert ids == {(0,), (255,)}


def test_two_plans_are_one(make: Make, paper: Any) -> None:
    folder = make((20, 20, 20), (24, 20, 20))
    one, two = planned(folder, paper()), planned(folder, paper())
    assert replace(one, dataset=two.dataset) == two
