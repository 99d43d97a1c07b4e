"""The YAML of a plan: the same config back, and a reason for every number."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.config import ChannelSpec, ClassSpec, LabelSpec, VolumeConfig, load_config
from volseg.data.volumes.datasets.cases import Dataset
from volseg.plan.draft import Draft
from volseg.plan.fingerprint import Fingerprint, Frame
from volseg.plan.fit import Budget
from volseg.plan.planner import Plan
from volseg.plan.text import WIDTH, _number, to_yaml
from volseg.plan.topology import topology

names = st.text(min_size=1, max_size=30)
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
ZSCORE = ChannelSpec(name="T1")
TWO = LabelSpec(classes={"background": ClassSpec(ids=(0,)), "organ": ClassSpec(ids=(4, 7))})


def plan(
    labels: LabelSpec = TWO,
    channels: tuple[ChannelSpec, ...] = (ZSCORE,),
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
    axes: tuple[int, ...] = (0, 1, 2),
    sides: tuple[int, ...] = (40, 56, 40),
    **said: Any,
) -> Plan:
    found = topology([spacing[axis] for axis in axes], sides)
    config = Draft(labels, channels, spacing, (40, 50, 40), axes, (0,), 16, 5).config(found, 3)
    frames = (Frame("a", (40, 50, 40), spacing, 1), Frame("b", (40, 50, 40), (1, 2, 3), 1))
    facts = Fingerprint(frames, (), 0.01, {0: 900, 4: 60, 7: 40})
    made = Plan(
        config,
        Dataset(Path("/data/Task04"), "Decathlon", ()),
        facts,
        (40, 50, 40),
        Budget(8 * 10**9, 2**19, 10**9),
        2_100_000_000,
        2_300_000_000,
        (),
    )
    return replace(made, **said)


def back(text: str) -> VolumeConfig:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        config = load_config(path)
    assert isinstance(config, VolumeConfig)
    return config


class TestRoundTrip:
    @settings(deadline=None)
    @given(st.dictionaries(names, st.integers(-5, 300), min_size=1, max_size=5), names)
    def test_whatever_classes_and_channels_are_called(
        self, classes: dict[str, int], channel: str
    ) -> None:
        ids = {name: (10 * n, 10 * n + 1) for n, name in enumerate(classes)}
        labels = LabelSpec(
            classes={name: ClassSpec(ids=one) for name, one in ids.items()}, ignore=(-7, 999)
        )
        made = plan(labels, (ChannelSpec(name=channel), ZSCORE))
        assert back(to_yaml(made)) == made.config
        assert list(back(to_yaml(made)).labels.classes) == list(classes)

    @settings(deadline=None)
    @given(numbers, st.floats(1e-3, 1e6), numbers, st.floats(1e-6, 1e6))
    def test_whatever_intensities(self, low: float, more: float, mean: float, std: float) -> None:
        ct = ChannelSpec(name="CT", normalize="ct", clip=(low, low + more), mean=mean, std=std)
        made = plan(channels=(ct, ZSCORE))
        assert back(to_yaml(made)) == made.config

    @pytest.mark.parametrize(
        ("spacing", "axes", "sides"),
        [
            ((0.625, 0.625, 3.6), (0, 1, 2), (160, 160, 10)),
            ((1.0, 1.0, 1.0), (0, 1), (512, 512)),
            ((3.6, 0.7, 0.7), (1, 2), (320, 320)),
            ((1.0, 1.0, 1.0), (0, 1, 2), (5, 5, 5)),
        ],
    )
    def test_whatever_grid(
        self, spacing: tuple[float, float, float], axes: tuple[int, ...], sides: tuple[int, ...]
    ) -> None:
        made = plan(spacing=spacing, axes=axes, sides=sides)
        assert back(to_yaml(made)) == made.config

    def test_regions(self) -> None:
        regions = {"whole": ClassSpec(ids=(1, 2, 3)), "core": ClassSpec(ids=(2, 3))}
        made = plan(LabelSpec(classes=regions, overlap=True, background=(0, 5), ignore=(9,)))
        assert back(to_yaml(made)) == made.config

    @settings(deadline=None)
    @given(names)
    def test_a_folders_name_stays_a_comment(self, name: str) -> None:
        layout = f"{name}\nseed: 5"
        made = plan(dataset=Dataset(Path("/data/x"), layout, ()))
        assert back(to_yaml(made)) == made.config

    @settings(deadline=None)
    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_numbers(self, value: float) -> None:
        read = yaml.safe_load(_number(value))
        assert isinstance(read, int | float)
        assert read == value


class TestComments:
    @pytest.mark.parametrize(
        "made",
        [
            plan(),
            plan(spacing=(0.625, 0.625, 3.6), sides=(160, 160, 10)),
            plan(channels=(ChannelSpec(name="CT", normalize="ct", clip=(1, 2), mean=0, std=1),)),
        ],
    )
    def test_every_number_has_one(self, made: Plan) -> None:
        lines = to_yaml(made).splitlines()
        for above, line in pairwise(lines):
            if re.search(r"\d", re.sub(r'name: \S+|".*?"', "", line.split("#")[0])):
                assert "#" in line or above.lstrip().startswith("#"), line

    def test_lines_are_short(self) -> None:
        for made in (plan(), plan(spacing=(0.625, 0.625, 3.6), sides=(160, 160, 10))):
            assert all(len(line) <= WIDTH for line in to_yaml(made).splitlines())

    def test_say_what_was_found(self) -> None:
        text = to_yaml(plan())
        assert text.startswith("# Task04: 2 cases (Decathlon).\n")
        assert "organ: { ids: [4, 7] } # 10.0% of the voxels" in text
        assert "expected 2.10 GB, measured 2.30 GB, of 8.00 GB" in text
        assert "(1 to 1, 1 to 2, 1 to 3)" in text
        assert "the median image (40 x 50 x 40) padded to what the strides divide" in text
        small = " ".join(to_yaml(plan(sides=(16, 16, 16))).replace("#", "").split())
        assert "(40 x 50 x 40) down to what 8.00 GB and 524,288 voxels a step allow" in small
