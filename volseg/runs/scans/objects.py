"""What a run that learns objects of scans measures on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from volseg.config import ScanConfig
from volseg.data.scans.objects import scale_of, voting_classes
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError


def with_scales(config: ScanConfig, load: Callable[[], Sequence[CachedScan]]) -> ScanConfig:
    """The config with the scale of every thing whose points vote, where it names none.

    Args:
        config: a whole run.
        load: gives the scans to train on, which are needed where a scale is missing.

    Raises:
        InputError: if there is no object of such a class.
    """
    labels = config.labels.label_map()
    missing = [k for k in voting_classes(labels) if labels.classes[k].scale is None]
    if not missing:
        return config
    classes, tables = dict(config.labels.classes), [scan.object_table() for scan in load()]
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
    spec = config.labels.model_copy(update={"classes": classes})
    return config.model_copy(update={"labels": spec})
