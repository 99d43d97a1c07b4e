"""Ids of objects in scans: the field that holds them, by its usual names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud, check_instances
from volseg.io.scans.labels import class_ids

# Names under which published data sets and tools keep ids of objects, likeliest first.
INSTANCE_NAMES = (
    "instance", "instances", "instance_id", "instanceid", "instance_label", "treeid", "tree_id",
    "object_id", "objectid", "ins_class", "ins_label", "clusterid", "cluster_id",
    "scalar_instance", "scalar_treeid", "scalar_tree_id",
)  # fmt: skip


def instance_name(names: Iterable[str]) -> str | None:
    """The field that holds ids of objects: the first usual name, in any case, else None."""
    lower = {name.lower(): name for name in names}
    return next((lower[name] for name in INSTANCE_NAMES if name in lower), None)


def take_instances(cloud: PointCloud) -> PointCloud:
    """The cloud with the ids of objects that one of its attributes holds.

    An attribute that is called so and holds other values is an attribute like any other:
    prediction needs no ids. `true_instances` says what is wrong to those who do.
    """
    name = instance_name(cloud.attributes)
    if cloud.instances is not None or name is None:
        return cloud
    try:
        return replace(cloud, instances=_ids(cloud.attributes[name], name), instance_field=name)
    except InputError:
        return cloud


def true_instances(cloud: PointCloud) -> NDArray[np.int64] | None:
    """Ids of objects for those who need them, int64 (N,); None where the cloud has none.

    Raises:
        InputError: naming the value that is no id, if that is why there are none.
    """
    name = instance_name(cloud.attributes)
    if cloud.instances is None and name is not None:
        return _ids(cloud.attributes[name], name)
    return cloud.instances


def same_instances(first: PointCloud, second: PointCloud) -> bool:
    """Whether two clouds of the same points have the same objects by the same ids."""
    if first.instances is None or second.instances is None:
        return first.instances is second.instances
    return np.array_equal(first.instances, second.instances)


def _ids(values: NDArray[Any], name: str) -> NDArray[np.int64]:
    ids = class_ids(values, name)
    check_instances(ids, name)
    return ids
