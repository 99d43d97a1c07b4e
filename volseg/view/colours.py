"""Colours for the points of a cloud: by class, by what they measure, by what went wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import IGNORE, LabelMap, PointCloud
from volseg.geometry.labels import UNKNOWN
from volseg.io.scans.fields import COLOURS
from volseg.view.classes import IGNORED, Classes
from volseg.view.legend import ColourBar, Entry, Legend
from volseg.view.object_colours import NO_OBJECT, object_colours
from volseg.view.palette import is_asprs, ramp
from volseg.view.scans.extent import inliers

Colours = NDArray[np.uint8]

CORRECT, WRONG = (205, 205, 205), (214, 26, 26)
# Values beyond these percentiles take the end colours: a few glints must not flatten the rest.
LOW, HIGH = 1.0, 99.0


def modes(cloud: PointCloud) -> tuple[str, ...]:
    """The colour modes this cloud offers, the most telling first."""
    found = ["class"] if cloud.labels is not None else []
    found += ["object"] if cloud.instances is not None else []
    if _find_rgb(cloud) is not None:
        found.append("colour")
    found += ["confidence"] if cloud.confidence is not None else []
    found.append("height")
    numeric = [name for name, values in cloud.attributes.items() if _is_numeric(values)]
    plain = sorted(numeric, key=lambda name: name.lower() != "intensity")
    return tuple(dict.fromkeys([*found, *plain]))


def colour_by(
    cloud: PointCloud, mode: str, labels: LabelMap | None = None
) -> tuple[Colours, Legend]:
    """Colours of the points, uint8 (N, 3), and what they mean.

    Args:
        cloud: N points.
        mode: ``class``, ``object``, ``colour``, ``confidence``, ``height``, or the name of a
            numeric attribute (``intensity``), as `modes` lists them.
        labels: names and colours of the classes; without it raw ids are named as the ASPRS
            names them where the label field is LAS's, else by their number.

    Raises:
        InputError: if the cloud does not hold what the mode shows, or `labels` lacks an id.
    """
    if mode == "class" and cloud.labels is not None:
        return _by_class(cloud, cloud.labels, labels)
    if mode == "object" and cloud.instances is not None:
        return _by_object(cloud, cloud.instances)
    if mode == "colour" and (found := _find_rgb(cloud)) is not None:
        return _eight_bit(found), Legend("colour")
    if mode == "confidence" and cloud.confidence is not None:
        return _by_value(cloud.confidence, "confidence", limits=(0.0, 1.0))
    if mode == "height":
        scale, unit = (cloud.metres_per_unit[2], "m") if cloud.metres_per_unit else (1.0, "")
        height = cloud.xyz[:, 2] * scale
        low, high = _limits(height[inliers(cloud.xyz)])
        return _by_value(height, "height", unit, (low, high))
    named = {name.lower(): name for name in cloud.attributes}
    name = mode if mode in cloud.attributes else named.get(mode.lower())
    if name is None or not _is_numeric(cloud.attributes[name]):
        raise InputError(f"cannot colour by {mode!r}; this scan offers {', '.join(modes(cloud))}")
    return _by_value(cloud.attributes[name], name)


def colour_errors(
    predicted: NDArray[np.integer[Any]],
    truth: NDArray[np.integer[Any]],
    labels: LabelMap | None = None,
) -> tuple[Colours, Legend]:
    """Where a prediction differs from the truth, uint8 (N, 3): both raw ids, (N,).

    With a label map, ids of one class are equal. Truth that is ignored or unknown is drawn dark.

    Raises:
        InputError: if the lengths differ, or `labels` lacks an id.
    """
    if len(predicted) != len(truth):
        raise InputError(
            f"{len(predicted):,} predicted and {len(truth):,} true labels; wanted one a point"
        )
    ignored = np.asarray(truth == UNKNOWN)
    if labels is not None:
        predicted, truth = labels.encode(predicted), labels.encode(truth)
        ignored = truth == IGNORE
    wrong = ~ignored & (predicted != truth)
    counted = int((~ignored).sum())
    share = f" ({100 * int(wrong.sum()) / counted:.1f} %)" if counted else ""
    entries = [Entry("correct", CORRECT), Entry(f"wrong{share}", WRONG)]
    entries += [Entry("ignored", IGNORED)] if ignored.any() else []
    table = np.array([CORRECT, WRONG, IGNORED], dtype=np.uint8)
    return table[np.where(ignored, 2, wrong.astype(np.int64))], Legend("errors", tuple(entries))


def _by_class(
    cloud: PointCloud, ids: NDArray[np.int64], labels: LabelMap | None
) -> tuple[Colours, Legend]:
    classes = Classes.of([ids], labels, asprs=is_asprs(cloud.label_field))
    return classes.colours[classes.codes(ids)], Legend(classes.title, classes.entries)


def _by_object(cloud: PointCloud, ids: NDArray[np.int64]) -> tuple[Colours, Legend]:
    count = len(np.unique(ids[ids > 0]))
    entries = (Entry("no object", NO_OBJECT),) if (ids == 0).any() else ()
    return object_colours(ids, cloud.xyz), Legend(f"{count:,} objects", entries)


def _by_value(
    values: NDArray[Any], name: str, unit: str = "", limits: tuple[float, float] | None = None
) -> tuple[Colours, Legend]:
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    low, high = limits or _limits(numbers[known])
    place = (numbers - low) / (high - low) if high > low else np.full(len(numbers), 0.5)
    colours = ramp(np.where(known, place, 0.0))
    colours[~known] = IGNORED
    entries = () if known.all() else (Entry("no value", IGNORED),)
    return colours, Legend(name, entries, ColourBar(low, high, unit))


def _limits(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """The values that take the end colours."""
    if not len(numbers):
        return 0.0, 0.0
    low, high = np.percentile(numbers, (LOW, HIGH))
    return float(low), float(high)


def _is_numeric(values: NDArray[Any]) -> bool:
    return values.ndim == 1 and values.dtype.kind in "iufb"


def _find_rgb(cloud: PointCloud) -> NDArray[Any] | None:
    """Red, green and blue, (N, 3), under the names files give them; None without, or all 0."""
    found = _named_rgb(cloud)
    return found if found is not None and found.any() else None


def _named_rgb(cloud: PointCloud) -> NDArray[Any] | None:
    named = {name.lower(): values for name, values in cloud.attributes.items()}
    for names in COLOURS:
        if all(name in named and _is_numeric(named[name]) for name in names):
            return np.stack([named[name] for name in names], axis=1)
    for name in ("rgb", "color", "colour", "colors", "colours"):
        if name in named and named[name].ndim == 2 and named[name].shape[1] == 3:
            return named[name]
    return None


def _eight_bit(values: NDArray[Any]) -> Colours:
    """Colours of 0 to 1, of 8 or of 16 bits as uint8: writers differ, the maximum tells."""
    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64))
    peak = float(numbers.max(initial=0.0))
    if values.dtype.kind == "f" and peak <= 1.0:
        numbers = numbers * 255.0
    elif peak > 255.0:
        numbers = numbers / 257.0
    return np.rint(np.clip(numbers, 0.0, 255.0)).astype(np.uint8)
