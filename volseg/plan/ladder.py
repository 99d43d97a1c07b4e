"""The networks a plan chooses from, the better later, each with the patch that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from volseg.config import VolumeConfig
from volseg.errors import InputError
from volseg.geometry.resample import coarse_axis
from volseg.plan.defaults import WIDTHS
from volseg.plan.draft import Draft, Machine
from volseg.plan.fit import Budget, fit

ENOUGH = 400
"""Steps on patches as large as a case, or more on smaller ones, that any network is given."""
FINER = 800
"""The same of networks that see finer what others see coarser in a fraction of the time."""


@dataclass(frozen=True)
class Rung:
    """A network to choose.

    Attributes:
        draft: Draft that it was made of.
        config: Config that the draft becomes on a machine.
        enough: Steps on patches as large as a case that it needs.
    """

    draft: Draft
    config: VolumeConfig
    enough: int = ENOUGH

    @property
    def covered(self) -> float:
        """Share of the median case that a patch covers."""
        return self.draft.covered(self.config.images.patch)


def ladders(drafts: Sequence[Draft], machine: Machine, budget: Budget) -> list[list[Rung]]:
    """The configs of each draft, narrow networks first, the widest that of the draft.

    What an earlier draft sees in coarser voxels, or slice by slice where slices are thick, is
    worth seeing better by a network that is not narrower for it, and has more steps: there the
    widest is alone.

    Args:
        drafts: Drafts of one dataset, the better later.
        machine: Machine that networks are made on.
        budget: What a step may take.

    Raises:
        InputError: if not even the smallest fits the budget.
    """
    made = []
    for number, draft in enumerate(drafts):
        before = drafts[:number]
        seen = any(len(other.axes) == len(draft.axes) for other in before)
        wide = seen or (number > 0 and coarse_axis(draft.spacing) is not None)
        least = draft.width if wide else 0
        widths = [width for width in WIDTHS if least <= width <= draft.width]
        rungs = _of_widths(draft, widths, machine, budget)
        made.append([replace(rung, enough=FINER if wide else ENOUGH) for rung in rungs])
    return made


def _of_widths(draft: Draft, widths: Sequence[int], machine: Machine, budget: Budget) -> list[Rung]:
    spacing = [draft.spacing[axis] for axis in draft.axes]
    sides = [draft.median[axis] for axis in draft.axes]
    rungs: list[Rung] = []
    for width in widths:
        wide = replace(draft, width=width)
        try:
            fitted = fit(spacing, sides, wide.prices(machine), budget)
        except InputError:
            if not rungs:
                raise
            break
        rungs.append(Rung(wide, wide.config(fitted.topology, fitted.batch)))
    return rungs
