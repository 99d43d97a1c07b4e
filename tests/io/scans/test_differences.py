"""What a cloud holds and another of the same points does not is named, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io.scans.differences import differences

FEET = 0.3048


def cloud() -> PointCloud:
    random = np.random.default_rng(0)
    attributes = {
        "intensity": random.integers(0, 255, 20),
        "colour": random.integers(0, 255, (20, 3), dtype=np.uint8),
        "höhe über null": random.random(20, dtype=np.float32),
    }
    return PointCloud(random.random((20, 3)) * 1e6, attributes, random.integers(0, 5, 20))


def test_a_cloud_has_all_that_it_has_in_any_type_that_holds_it() -> None:
    before = cloud()
    assert differences(before, before) == []
    wider = {name: values.astype(np.float64) for name, values in before.attributes.items()}
    assert differences(before, replace(before, attributes=wider)) == []
    nudged = replace(before, xyz=np.nextafter(before.xyz, np.inf))
    assert differences(before, nudged) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"xyz": cloud().xyz + [0, 0, 0.25]}, "all digits of coordinates: they move by up to 0.25"),
        ({"labels": None}, "labels"),
        ({"labels": np.zeros(20, np.int64)}, "labels"),
        ({"metres_per_unit": (FEET,) * 3}, "unit metres (assumed: the file names no CRS): it"),
        ({"attributes": {}}, "attributes intensity, colour, höhe über null"),
        ({"attributes": cloud().attributes | {"intensity": np.zeros(20)}}, "attribute intensity"),
    ],
)
def test_what_is_lost_is_named_alone(change: dict[str, object], words: str) -> None:
    (loss,) = differences(cloud(), replace(cloud(), **change))  # type: ignore[arg-type]
    assert loss.startswith(words)


def test_names_that_formats_change_are_found_again() -> None:
    before = cloud()
    colours = dict(zip(("red", "green", "blue"), before.attributes["colour"].T, strict=True))
    others = {name: before.attributes[name] for name in ("intensity", "höhe über null")}
    assert differences(before, replace(before, attributes=others | colours)) == []
    word = {"hohe_uber_null": others.pop("höhe über null")}
    after = replace(before, attributes={**others, **colours, **word})
    assert differences(before, after) == [
        "the name 'höhe über null': it goes by 'hohe_uber_null'"
    ]  # fmt: skip
