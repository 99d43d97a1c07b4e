"""The spec of a loss."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import Field, NonNegativeFloat, PositiveFloat, field_validator

from volseg.config.plugins import find_loss
from volseg.config.spec import Spec

REGIONS = ("dice", "lovasz")
"""Losses of whole regions."""


class LossTerms(NamedTuple):
    """What a loss sums up.

    Attributes:
        region: Name of the loss of whole regions; None for none.
        gamma: Focus of the focal loss of every cell, 0 for cross-entropy; None for none.
    """

    region: str | None
    gamma: float | None


class LossSpec(Spec):
    """The loss; ``gamma`` is focal loss's focus, ``weights`` one number a class.

    The kind is ``focal`` or ``cross_entropy``, or names a loss of regions: ``dice``, ``lovasz``,
    or what a package brings. With ``_ce`` or ``_focal`` behind it that loss is added. ``votes`` is
    the weight of the votes for centres beside it, where objects are learnt.
    """

    kind: str = "focal"
    gamma: float = Field(default=2.0, ge=0)
    weights: Literal["balanced"] | tuple[NonNegativeFloat, ...] | None = "balanced"
    votes: PositiveFloat = 0.5

    @field_validator("kind", mode="before")
    @classmethod
    def _short_name(cls, kind: object) -> object:
        return "cross_entropy" if kind == "ce" else kind

    @field_validator("kind")
    @classmethod
    def _is_known(cls, kind: str) -> str:
        region, _ = _split(kind)
        if region is not None and region not in REGIONS and find_loss(region) is None:
            sums = [f"{name}_{cells}" for name in REGIONS for cells in ("ce", "focal")]
            raise ValueError(
                f"wanted focal, cross_entropy, {', '.join((*REGIONS, *sums))}, or a loss that an "
                "installed package brings"
            )
        return kind

    @property
    def terms(self) -> LossTerms:
        """What the kind sums up."""
        region, cells = _split(self.kind)
        return LossTerms(region, self.gamma if cells == "focal" else 0.0 if cells else None)


def _split(kind: str) -> tuple[str | None, str | None]:
    """The loss of regions and that of cells, ``focal`` or ``ce``, that a kind names."""
    if kind in ("focal", "cross_entropy"):
        return None, "focal" if kind == "focal" else "ce"
    region, _, cells = kind.rpartition("_")
    return (region, cells) if cells in ("focal", "ce") else (kind, None)
