"""The networks a plan chooses from, the better later, each with the patch that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from volseg.config import VolumeConfig
from volseg.errors import InputError
from volseg.plan.defaults import WIDTHS
from volseg.plan.draft import Draft, Machine
from volseg.plan.fingerprint import Grid
from volseg.plan.fit import Budget, fit


def ladders(
    drafts: Sequence[Draft], median: Grid, machine: Machine, budget: Budget
) -> list[list[VolumeConfig]]:
    """The configs of each draft, narrow networks first.

    Drafts that see slices end with the width of the draft itself: what is better than these is a
    network that sees volumes, if there is one among the drafts.

    Raises:
        InputError: if not even the smallest fits the budget.
    """
    volumes = any(len(draft.axes) == 3 for draft in drafts)
    made = []
    for draft in drafts:
        widest = draft.width if volumes and len(draft.axes) == 2 else max(WIDTHS)
        made.append(_of_widths(draft, [w for w in WIDTHS if w <= widest], median, machine, budget))
    return made


def _of_widths(
    draft: Draft, widths: Sequence[int], median: Grid, machine: Machine, budget: Budget
) -> list[VolumeConfig]:
    spacing = [draft.spacing[axis] for axis in draft.axes]
    sides = [median[axis] for axis in draft.axes]
    configs: list[VolumeConfig] = []
    for width in widths:
        wide = replace(draft, width=width)
        try:
            fitted = fit(spacing, sides, wide.prices(machine), budget)
        except InputError:
            if not configs:
                raise
            break
        configs.append(wide.config(fitted.topology, fitted.batch))
    return configs
