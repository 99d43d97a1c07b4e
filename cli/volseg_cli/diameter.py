"""``--diameter`` of ``volseg predict``: a length, or ``auto``."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volseg.predict.volumes.model import VolumeModel

AUTO = "auto"


def with_diameter(model: VolumeModel, given: str) -> VolumeModel:
    """The model for objects of the diameter that is given; as it is for ``auto``.

    Raises:
        InputError: if it is neither, or the model's objects have no diameter, or one far off.
    """
    from volseg.errors import InputError
    from volseg.predict.volumes.diameter import check_diameter, learnt_diameter

    if given == AUTO:
        learnt_diameter(model.labels, sum(side > 1 for side in model.patch))
        return model
    diameter = None
    with suppress(ValueError):
        diameter = float(given)
    if diameter is None:
        raise InputError(f"--diameter {given!r}: wanted a length, or {AUTO}")
    check_diameter(model.labels, model.patch, diameter)
    return replace(model, diameter=diameter)
