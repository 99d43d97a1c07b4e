from __future__ import annotations

import numpy as np

from volseg.geometry import PointCloud
from volseg.io.scans.fields import additions, arrange, new_columns


def test_every_column_has_one_meaning():
    columns = arrange(["R", "Z", "Y", "X", "G", "B", "class", "time"], None)
    assert columns.xyz == ("X", "Y", "Z")
    assert columns.label == "class"
    assert columns.attributes == {"colour": ("R", "G", "B"), "time": ("time",)}


def test_confidence_gives_way_to_a_field_of_its_name():
    cloud = PointCloud(np.zeros((1, 3)), {"a": np.zeros(1)}, confidence=np.ones(1))
    assert set(additions(cloud, ())) == {"a", "confidence"}
    assert set(additions(cloud, ("a", "confidence"))) == {"confidence_predicted"}


def test_new_columns_never_share_a_name():
    attributes = {"X": np.zeros(1), "label": np.ones(1), "colour": np.zeros((1, 3))}
    columns = new_columns(PointCloud(np.zeros((1, 3)), attributes, np.array([7])))
    assert list(columns) == [
        "x", "y", "z", "X_original", "label_original", "red", "green", "blue", "label",
    ]  # fmt: skip
    assert columns["label"] == 7
