"""Classes and channels of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from volseg.data.volumes.datasets.cases import Dataset
from volseg.errors import InputError
from volseg.plan.fingerprint import Fingerprint, Intensity
from volseg.plan.specs import MASKED, channel_specs, label_spec

CT = Intensity(100.123456, 50.5, -987.654, 345.678)
HERE = Path("here")


def dataset(**said: Any) -> Dataset:
    return Dataset(HERE, "folders", (), **said)


def facts(*ids: int, zeros: float = 0.0, channels: int = 1) -> Fingerprint:
    return Fingerprint((), (CT,) * channels, zeros, dict.fromkeys(ids, 5))


class TestLabels:
    def test_the_datasets_own(self) -> None:
        said = {"background": (0,), "a": (7,), "b": (3, 4)}
        found = label_spec(dataset(classes=said, ignore=(9,)), facts(0, 3, 7, 9))
        assert {name: one.ids for name, one in found.classes.items()} == said
        assert found.ignore == (9,)
        assert not found.overlap

    def test_background_comes_first(self) -> None:
        found = label_spec(dataset(classes={"b": (2,), "a": (1,), "rest": (0,)}), facts(0, 1))
        assert list(found.classes) == ["rest", "b", "a"]

    def test_background_is_added_where_it_has_no_name(self) -> None:
        found = label_spec(dataset(classes={"background": (1,)}), facts(0, 1))
        assert {name: one.ids for name, one in found.classes.items()} == {
            "background_0": (0,),
            "background": (1,),
        }

    def test_found_where_none_is_named(self) -> None:
        found = label_spec(dataset(ignore=(8,)), facts(0, 8, 255))
        assert {name: one.ids for name, one in found.classes.items()} == {
            "background": (0,),
            "class_255": (255,),
        }

    def test_regions_keep_their_order(self) -> None:
        said = {"whole": (1, 2, 3), "core": (2, 3)}
        found = label_spec(dataset(classes=said, overlap=True, background=(0,)), facts(0, 1, 2, 3))
        assert found.overlap
        assert found.background == (0,)
        assert list(found.classes) == ["whole", "core"]

    def test_an_unnamed_id_is_refused(self) -> None:
        with pytest.raises(InputError, match="here: the labels hold 4, 6, which no class has"):
            label_spec(dataset(classes={"a": (1,)}), facts(0, 1, 4, 6))


class TestChannels:
    def test_ct_has_one_scale_for_all(self) -> None:
        (found,) = channel_specs(dataset(channels=("CT",)), facts(zeros=0.9), 3)
        assert found.normalize == "ct"
        assert (found.clip, found.mean, found.std) == ((-987.7, 345.7), 100.1, 50.5)

    @pytest.mark.parametrize("name", ["T1", "MRI", "fact", "octet"])
    def test_others_are_scaled_one_by_one(self, name: str) -> None:
        (found,) = channel_specs(dataset(channels=(name,)), facts(), 3)
        assert (found.name, found.normalize) == (name, "zscore")

    def test_nonorm_is_left_alone(self) -> None:
        (found,) = channel_specs(dataset(channels=("noNorm",)), facts(), 3)
        assert found.normalize == "none"

    @pytest.mark.parametrize(
        ("zeros", "nd", "wanted"),
        [(MASKED, 3, "zscore"), (MASKED + 0.01, 3, "nonzero"), (0.9, 2, "zscore")],
    )
    def test_masked_volumes_are_scaled_inside(self, zeros: float, nd: int, wanted: str) -> None:
        (found,) = channel_specs(dataset(), facts(zeros=zeros), nd)
        assert (found.name, found.normalize) == ("image", wanted)

    def test_unnamed_channels_have_numbers(self) -> None:
        found = channel_specs(dataset(), facts(channels=3), 2)
        assert [one.name for one in found] == ["channel_0", "channel_1", "channel_2"]

    def test_as_many_names_as_channels(self) -> None:
        with pytest.raises(InputError, match=r"2 channels are named \(T1, T2\), the images have 3"):
            channel_specs(dataset(channels=("T1", "T2")), facts(channels=3), 3)
