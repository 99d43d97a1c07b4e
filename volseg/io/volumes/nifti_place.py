"""Where a NIfTI header places its voxels, and what is made of one that contradicts itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from volseg.geometry.volume import MISPLACED, corners_apart, spacing_of, times

UNEQUAL = 0.01
"""Share by which two spacings of one grid may differ: headers are rounded."""

TOLD = 1.0
"""Voxels beyond which sform and qform contradict each other; less is how quaternions round."""

# The part of xyzt_units that is about space, and millimetres in a metre and in a micron; of what
# is not named, as of millimetres, one.
SPACE = 0b111
MILLIMETRES = {1: 1e3, 3: 1e-3}

Affine = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Place:
    """Where voxels lie.

    Attributes:
        affine: the affine that is taken, float64 (4, 4), from voxels to millimetres.
        others: affines that the header gives besides, where they lead to other places.
        doubt: how the header contradicts itself, and what is taken; empty where it does not.
    """

    affine: Affine
    others: tuple[Affine, ...] = ()
    doubt: str = ""


def read_place(header: Any, grid: tuple[int, int, int]) -> Place:
    """Where a NIfTI header places a grid.

    The sform, else the qform, else the bare voxel sizes: the first that is set and can be used.
    Where the sform's spacing is not that of pixdim, pixdim is believed, and with it the qform,
    which is made of it; but not a qform, or a pixdim, that is as good as left out.
    """
    unit = millimetres(header)
    scale = np.diag((unit, unit, unit, 1.0))
    forms = _forms(header)
    usable = {name: scale @ form for name, form in forms.items() if _is_usable(form)}
    if not usable:
        form = next(iter(forms.values()), None)
        with np.errstate(over="ignore", invalid="ignore"):
            return Place(scale @ np.array(header.get_base_affine() if form is None else form))
    sform, qform = usable.get("sform"), usable.get("qform")
    if sform is None:
        assert qform is not None
        return Place(qform)
    wide = np.array(grid) > 1
    steps = np.where(wide, np.abs(header["pixdim"][1:4].astype(np.float64)) * unit, 1.0)
    own = spacing_of(sform)
    is_given = bool((np.isfinite(steps) & (steps > 0)).all())
    if is_given and not np.allclose(own[wide], steps[wide], rtol=UNEQUAL):
        return _unequal(sform, qform, np.where(wide, steps / own, 1.0), unit)
    if qform is None:
        return Place(sform)
    off = corners_apart(grid, sform, qform)
    if off <= MISPLACED:
        return Place(sform)
    if off <= TOLD:
        return Place(sform, (qform,))
    doubt = f"its sform and qform lie up to {off:.3g} voxels apart; the sform is taken"
    return Place(sform, (qform,), doubt)


def millimetres(header: Any) -> float:
    """How many a unit of the header's lengths has."""
    return MILLIMETRES.get(int(header["xyzt_units"]) & SPACE, 1.0)


def _unequal(sform: Affine, qform: Affine | None, ratios: Affine, unit: float) -> Place:
    """What is made of a sform whose spacing has these ratios to that of pixdim."""
    sizes = spacing_of(sform) * ratios
    doubt = f"its sform has spacing {times(spacing_of(sform))}, pixdim {times(sizes)} mm; "
    if qform is None:
        if np.allclose(sizes, unit):
            return Place(sform)
        scaled = sform @ np.diag((*ratios, 1.0))
        return Place(scaled, (sform,), doubt + "pixdim is taken")
    if np.allclose(qform, np.diag((unit, unit, unit, 1.0))):
        return Place(sform, (qform,), doubt + "the sform is taken, as the qform says nothing")
    return Place(qform, (sform,), doubt + "the qform is taken, which agrees with pixdim")


def _forms(header: Any) -> dict[str, Affine]:
    """The sform and the qform, as far as they are set; NaN where one cannot be made."""
    forms = {}
    with np.errstate(over="ignore", invalid="ignore"):
        if header["sform_code"] > 0:
            forms["sform"] = np.array(header.get_sform(), np.float64)
        if header["qform_code"] > 0:
            try:
                forms["qform"] = np.array(header.get_qform(), np.float64)
            except (HeaderDataError, ValueError):
                forms["qform"] = np.full((4, 4), np.nan)
    return forms


def _is_usable(form: Affine) -> bool:
    return bool(np.isfinite(form).all() and np.linalg.cond(form[:3, :3]) < 1e6)
