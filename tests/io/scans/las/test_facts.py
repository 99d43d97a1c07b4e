"""Facts of LAS headers against those laspy reads."""

from __future__ import annotations

from pathlib import Path

import laspy

from volseg.io import describe


def test_facts_are_those_of_the_header(shared_data: Path) -> None:
    path = shared_data / "lidar/laspy_sdist/simple.laz"
    facts = describe(path).header
    with laspy.open(path) as reader:
        header = reader.header
    assert facts["version"] == f"LAS {header.version}, point format {header.point_format.id}"
    assert [float(one) for one in facts["scale"].split()] == header.scales.tolist()
    assert [float(one) for one in facts["offset"].split()] == header.offsets.tolist()
    assert facts["software"] == header.generating_software.strip()
    assert facts.get("created") == (header.creation_date and str(header.creation_date))
