"""What a run that learns objects of scans measures on them."""

from __future__ import annotations

from collections.abc import Sequence

from volseg.config import LabelSpec, ScanConfig
from volseg.config.net import UNET
from volseg.data.objects import ObjectHead
from volseg.data.scans.objects import scale_of, voting_classes
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError


def with_scales(spec: LabelSpec, scans: Sequence[CachedScan]) -> LabelSpec:
    """The labels with the scale of every thing whose points vote, where they name none.

    Args:
        spec: Spec of the labels of a run.
        scans: Scans to train on.

    Raises:
        InputError: if there is no object of such a class.
    """
    labels = spec.label_map()
    missing = [k for k in voting_classes(labels) if labels.classes[k].scale is None]
    if not missing:
        return spec
    classes, tables = dict(spec.classes), [scan.object_table() for scan in scans]
    for label in missing:
        entry = labels.classes[label]
        scale = scale_of(tables, label, upright=entry.axes == "xy")
        if scale is None:
            raise InputError(
                f"the training scans have no object of class {entry.name!r}; check their ids, or "
                "leave out its grouping"
            )
        update = {"scale": float(f"{scale:.3g}")}
        classes[entry.name] = classes[entry.name].model_copy(update=update)
    return spec.model_copy(update={"classes": classes})


def with_pyramid(config: ScanConfig) -> ScanConfig:
    """The config with ways to centres summed over all stages, if any are learnt and none forbids.

    The finest stage alone learns them slowly: it would have to count from voxel to voxel what the
    coarsest sees at once.
    """
    head = ObjectHead.of(config.labels.label_map(), config.nd)
    if config.net.kind != UNET or "pyramid" in config.net.model_fields_set or head is None:
        return config
    net = config.net.model_copy(update={"pyramid": head.channels - head.logits})
    return config.model_copy(update={"net": net})
